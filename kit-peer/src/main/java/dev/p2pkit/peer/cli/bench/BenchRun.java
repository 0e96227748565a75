// One run of the bench: starts the processes, reads their CPU time, puts the result together.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.cli.process.CpuTime;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.peer.cli.process.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A ring of processes on loopback, one of which calls the others. {@link #close} may be called from
 * another thread.
 */
public final class BenchRun implements Bench {
  private static final List<String> FLAGS = List.of("-Xmx512m");
  private static final int START_SECONDS = 60;
  private static final int WARM_UP_SECONDS = 90;

  private final BenchSettings settings;
  private final Path directory;
  private final List<PeerProcess> processes = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** A run that has not begun; the directory is for the processes' files. */
  public BenchRun(BenchSettings settings, Path directory) {
    this.settings = settings;
    this.directory = directory;
  }

  /** CPU time of the machine and of our processes at one moment. */
  private record Clock(OptionalLong machineMillis, long ownMillis, long nanos) {}

  @Override
  public ObjectNode run() throws IOException, InterruptedException {
    OwnerKey owner = OwnerKey.loadOrCreate(ownerKey());
    List<String> common = new ArrayList<>(List.of("--trust", owner.publicHex()));
    if (!settings.tls()) {
      common.add("--plaintext");
    }
    String entryPoint = "";
    for (int i = 1; i < settings.peers(); i++) {
      List<String> arguments = new ArrayList<>(common);
      arguments.addAll(i == 1 ? List.of("--create") : List.of("--join", entryPoint));
      PeerProcess peer = start(i, arguments);
      if (i == 1) {
        entryPoint = await(peer.ready(), START_SECONDS).entryPoint();
      }
    }
    for (PeerProcess peer : processes) {
      await(peer.ready(), START_SECONDS);
    }
    return measure(entryPoint);
  }

  private Path ownerKey() {
    return directory.resolve("owner.key");
  }

  private synchronized PeerProcess start(int number, List<String> arguments) throws IOException {
    checkOpen();
    PeerProcess peer =
        PeerProcess.start(directory.resolve("peer-" + number), FLAGS, arguments, line -> {});
    processes.add(peer);
    return peer;
  }

  private synchronized PeerProcess startCaller(
      String entryPoint, CompletableFuture<Clock> begin, CompletableFuture<JsonNode> end)
      throws IOException {
    checkOpen();
    Path place = directory.resolve("caller");
    List<String> arguments = new ArrayList<>(List.of("bench", "caller"));
    arguments.addAll(settings.toOptions());
    arguments.addAll(List.of("--data-dir", place.resolve("data").toString()));
    arguments.addAll(List.of("--owner-key", ownerKey().toString()));
    if (!entryPoint.isEmpty()) {
      arguments.addAll(List.of("--join", entryPoint));
    }
    PeerProcess caller =
        PeerProcess.run(
            place,
            JavaCommand.of(FLAGS, arguments),
            line -> {
              switch (line.path("phase").asText()) {
                case "begin" -> begin.complete(now());
                case "end" -> end.complete(line);
                default -> {}
              }
            });
    processes.add(caller);
    return caller;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the bench is being stopped");
    }
  }

  private ObjectNode measure(String entryPoint) throws IOException, InterruptedException {
    CompletableFuture<Clock> begin = new CompletableFuture<>();
    CompletableFuture<Clock> after = new CompletableFuture<>();
    CompletableFuture<JsonNode> end = new CompletableFuture<>();
    var unused = end.thenRun(() -> after.complete(now()));
    PeerProcess caller = startCaller(entryPoint, begin, end);
    await(caller.ready(), START_SECONDS);
    Clock from = await(begin, START_SECONDS + WARM_UP_SECONDS);
    JsonNode figures = await(end, settings.seconds() + START_SECONDS);
    Clock to = await(after, START_SECONDS);
    long calls = figures.path("calls").asLong();
    double cpuSeconds = (to.ownMillis() - from.ownMillis()) / 1_000.0;
    ObjectNode result = (ObjectNode) figures.deepCopy();
    result.remove("phase");
    result.put("cpuSecondsPerMillion", calls == 0 ? 0 : round(cpuSeconds * 1e6 / calls));
    otherLoad(from, to).ifPresent(percent -> result.put("otherCpuPercent", percent));
    result.put("peers", settings.peers());
    result.put("payload", settings.payload());
    result.put("inFlight", settings.inFlight());
    result.put("target", settings.target().name().toLowerCase(Locale.ROOT));
    result.put("tls", settings.tls());
    result.put("cores", Runtime.getRuntime().availableProcessors());
    result.put("java", Runtime.version().toString());
    return result;
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }

  /** How much of the machine others used meanwhile, in percent. */
  private static OptionalLong otherLoad(Clock from, Clock to) {
    if (from.machineMillis().isEmpty() || to.machineMillis().isEmpty()) {
      return OptionalLong.empty();
    }
    long all = to.machineMillis().getAsLong() - from.machineMillis().getAsLong();
    long own = to.ownMillis() - from.ownMillis();
    long capacity =
        TimeUnit.NANOSECONDS.toMillis(to.nanos() - from.nanos())
            * Runtime.getRuntime().availableProcessors();
    return capacity == 0
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, (all - own) * 100 / capacity));
  }

  private Clock now() {
    long own = CpuTime.of(processes.stream().map(PeerProcess::pid).toList()).toMillis();
    return new Clock(MachineLoad.busyMillis(), own, System.nanoTime());
  }

  private <T> T await(CompletableFuture<T> stage, int seconds) throws InterruptedException {
    return PeerProcess.await(stage, seconds, processes, directory);
  }

  @Override
  public synchronized void close() {
    closed = true;
    processes.forEach(PeerProcess::stop);
    processes.forEach(PeerProcess::close);
  }
}
