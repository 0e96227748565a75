// One run of the ring bench: starts the processes and puts together what they say.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.process.CpuTime;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.peer.cli.process.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private final List<PeerProcess> children = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** A run that has not begun; the directory is for the processes' files. */
  public RingRun(int peers, int processes, int idleSeconds, Path directory) {
    this.peers = peers;
    this.processes = processes;
    this.idle = idleSeconds;
    this.directory = directory;
  }

  private record Child(
      PeerProcess process, CompletableFuture<Long> completeAt, CompletableFuture<JsonNode> idle) {}

  @Override
  public ObjectNode run() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    List<Child> started = new ArrayList<>();
    started.add(start(0, ""));
    String entryPoint = await(started.get(0).process().ready()).entryPoint();
    for (int i = 1; i < processes; i++) {
      started.add(start(i, entryPoint));
    }
    long complete = 0;
    for (Child child : started) {
      complete = Math.max(complete, await(child.completeAt()));
    }
    long cpu = CpuTime.of(children.stream().map(PeerProcess::pid).toList()).toMillis();
    long heap = 0;
    long threads = 0;
    for (Child child : started) {
      JsonNode figures = await(child.idle());
      heap += figures.path("heapBytes").asLong();
      threads += figures.path("threads").asLong();
    }
    return Output.object()
        .put("completeMillis", TimeUnit.NANOSECONDS.toMillis(complete - begun))
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

  private synchronized Child start(int number, String entryPoint) throws IOException {
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
    CompletableFuture<Long> completeAt = new CompletableFuture<>();
    CompletableFuture<JsonNode> idled = new CompletableFuture<>();
    PeerProcess process =
        PeerProcess.run(
            place,
            JavaCommand.of(FLAGS, arguments),
            line -> {
              switch (line.path("phase").asText()) {
                case "complete" -> completeAt.complete(System.nanoTime());
                case "idle" -> idled.complete(line);
                default -> {}
              }
            });
    children.add(process);
    return new Child(process, completeAt, idled);
  }

  private <T> T await(CompletableFuture<T> stage) throws InterruptedException {
    return PeerProcess.await(stage, LIMIT_SECONDS + idle, children, directory);
  }

  @Override
  public synchronized void close() {
    closed = true;
    children.forEach(PeerProcess::kill);
    children.forEach(PeerProcess::close);
  }
}
