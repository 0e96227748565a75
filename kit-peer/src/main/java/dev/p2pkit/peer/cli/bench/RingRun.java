// One run of the ring bench: starts the processes and puts together what they say.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Progress;
import dev.p2pkit.peer.cli.process.CpuTime;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.peer.cli.process.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Peers in a few processes on loopback, TLS on. {@link #close} may be called from any thread. */
public final class RingRun implements Bench {
  /**
   * These processes live for a minute or two. The optimising compiler would take half of their
   * processor time until the ring is complete, and make no handshake faster by then.
   */
  private static final List<String> FLAGS =
      List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final int LIMIT_SECONDS = 300;

  private final int peers;
  private final int processes;
  private final int idle;
  private final Path directory;
  private final Progress progress;
  private final List<PeerProcess> children = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /**
   * A run that has not begun.
   *
   * @param directory for the processes' files
   * @param progress is told what the run waits for
   */
  public RingRun(int peers, int processes, int idleSeconds, Path directory, Progress progress) {
    this.peers = peers;
    this.processes = processes;
    this.idle = idleSeconds;
    this.directory = directory;
    this.progress = progress;
  }

  private record Child(PeerProcess process, CompletableFuture<JsonNode> idle) {}

  @Override
  public ObjectNode run() throws IOException, InterruptedException {
    progress.step("a ring of " + peers + " peers grows in " + processes + " processes, TLS on");
    long begun = System.nanoTime();
    List<Child> started = new ArrayList<>();
    long joined;
    long complete;
    try (RingGrowth growth = new RingGrowth(peers, processes, progress)) {
      started.add(start(0, "", growth));
      String entryPoint = await(started.get(0).process().ready(), LIMIT_SECONDS).entryPoint();
      for (int i = 1; i < processes; i++) {
        started.add(start(i, entryPoint, growth));
      }
      complete = await(growth.completeAt(), LIMIT_SECONDS) - begun;
      joined = await(growth.allJoinedAt(), LIMIT_SECONDS) - begun;
    }
    long cpu = CpuTime.of(children.stream().map(PeerProcess::pid).toList()).toMillis();
    progress.step(
        String.format(
            Locale.ROOT,
            "ring complete after %.1f s, %.1f s of processor time; idles for %d s",
            complete / 1e9,
            cpu / 1e3,
            idle));
    long heap = 0;
    long threads = 0;
    for (Child child : started) {
      JsonNode figures = await(child.idle(), LIMIT_SECONDS + idle);
      heap += figures.path("heapBytes").asLong();
      threads += figures.path("threads").asLong();
    }
    progress.step("idle heap measured: " + heap / 1_024 / peers + " KiB a peer");
    return Output.object()
        .put("completeMillis", TimeUnit.NANOSECONDS.toMillis(complete))
        .put("joinedMillis", TimeUnit.NANOSECONDS.toMillis(joined))
        .put("cpuMillisUntilComplete", cpu)
        .put("heapBytes", heap)
        .put("heapKiBPerPeer", heap / 1_024 / peers)
        .put("threadsPerPeer", Math.round(10.0 * threads / peers) / 10.0)
        .put("peers", peers)
        .put("processes", processes)
        .put("idleSeconds", idle)
        .put("flags", String.join(" ", FLAGS))
        .put("cores", Runtime.getRuntime().availableProcessors())
        .put("java", Runtime.version().toString());
  }

  private synchronized Child start(int number, String entryPoint, RingGrowth growth)
      throws IOException {
    if (closed) {
      throw new IOException("the bench is being stopped");
    }
    int share = peers / processes + (number < peers % processes ? 1 : 0);
    Path place = directory.resolve("process-" + number);
    List<String> arguments = new ArrayList<>(List.of("bench", "members"));
    arguments.addAll(List.of("--peers", String.valueOf(share), "--of", String.valueOf(peers)));
    arguments.addAll(List.of("--idle", String.valueOf(idle), "--data-dir", place.toString()));
    if (!entryPoint.isEmpty()) {
      arguments.addAll(List.of("--join", entryPoint));
    }
    CompletableFuture<JsonNode> idled = new CompletableFuture<>();
    PeerProcess process =
        PeerProcess.run(
            place,
            JavaCommand.of(FLAGS, arguments),
            line -> {
              switch (line.path("phase").asText()) {
                case "growing" ->
                    growth.at(number, line.path("joined").asLong(), line.path("complete").asLong());
                case "idle" -> idled.complete(line);
                default -> {}
              }
            });
    children.add(process);
    return new Child(process, idled);
  }

  private <T> T await(CompletableFuture<T> stage, int seconds) throws InterruptedException {
    return PeerProcess.await(stage, seconds, children, directory);
  }

  @Override
  public synchronized void close() {
    closed = true;
    children.forEach(PeerProcess::kill);
    children.forEach(PeerProcess::close);
  }
}
