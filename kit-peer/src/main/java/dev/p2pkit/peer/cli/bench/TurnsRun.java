// One run of the bench of turns: a peer of its own, a stateful service, and calls to it.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.Execution;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.SendOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import p2pkit.bench.TurnsMaker;

/**
 * Calls of one peer to itself: no socket is on the way, so that what is left is the turn.
 *
 * @param mode on which kind of thread turns run
 * @param durability what of the state is kept
 * @param stateBytes how large the state is, 0 to 1,048,576
 * @param inFlight how many calls are open at any moment, 1 to 65,536
 * @param warmUp seconds before the measurement, 0 to 600
 * @param seconds of the measurement, 1 to 600
 */
public record TurnsRun(
    Execution mode, Durability durability, int stateBytes, int inFlight, int warmUp, int seconds) {
  private static final String NAME = "turns";
  private static final String BODY = "y".repeat(64);

  /** Checks the ranges. */
  public TurnsRun {
    within("--state", stateBytes, 0, 1 << 20);
    within("--in-flight", inFlight, 1, 1 << 16);
    within("--warm-up", warmUp, 0, 600);
    within("--seconds", seconds, 1, 600);
  }

  private static void within(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          option + " lies between " + least + " and " + most + ", not at " + value);
    }
  }

  /**
   * The run, with its peer's files in a directory.
   *
   * @param directory on the disk that is to be measured
   */
  public Bench in(Path directory) {
    return new Bench() {
      @Override
      public ObjectNode run() throws IOException, InterruptedException {
        return TurnsRun.this.run(directory);
      }

      @Override
      public void close() {
        // The one peer lives in this process and ends with it.
      }
    };
  }

  /**
   * Runs to the end and returns the figures.
   *
   * @param directory for the peer's files: on the disk that is to be measured
   */
  private ObjectNode run(Path directory) throws IOException, InterruptedException {
    try (Peer peer =
        Peer.builder()
            .dataDirectory(directory.resolve("data"))
            .ownerKey(directory.resolve("owner.key"))
            .joinMode(JoinMode.CREATE)
            .start()
            .join()) {
      peer.install(archive(), InstallOptions.named(NAME)).join();
      Payload body = Payload.of(BODY);
      Load load =
          new Load(
              inFlight,
              slot -> peer.rpcPeer(peer.peerId(), NAME, body, Payload.class, SendOptions.DEFAULT),
              body);
      load.start();
      TimeUnit.SECONDS.sleep(warmUp);
      Histogram before = load.latencies();
      OptionalLong busyBefore = MachineLoad.busyMillis();
      long begin = System.nanoTime();
      TimeUnit.SECONDS.sleep(seconds);
      Histogram latencies = load.latencies();
      double elapsed = (System.nanoTime() - begin) / 1e9;
      OptionalLong busyAfter = MachineLoad.busyMillis();
      load.stop();
      ObjectNode result =
          Output.object()
              .put("turnsPerSecond", Math.round(latencies.getTotalCount() / elapsed))
              .put("p50Micros", latencies.getValueAtPercentile(50) / 1_000.0)
              .put("p99Micros", latencies.getValueAtPercentile(99) / 1_000.0)
              .put("maxMicros", latencies.getMaxValue() / 1_000)
              .put("errors", load.errors().values().stream().mapToLong(Long::longValue).sum())
              .put("mode", mode.name())
              .put("durability", durability.name())
              .put("stateBytes", stateBytes)
              .put("inFlight", inFlight)
              .put("warmUpTurns", before.getTotalCount())
              .put("seconds", seconds)
              .put("cores", Runtime.getRuntime().availableProcessors())
              .put("java", Runtime.version().toString());
      if (busyBefore.isPresent() && busyAfter.isPresent()) {
        result.put("machineBusyMillis", busyAfter.getAsLong() - busyBefore.getAsLong());
      }
      return result;
    }
  }

  private Archive archive() throws IOException {
    String descriptor =
        """
        {
          "format": 1,
          "name": "turns",
          "version": "1",
          "maker": "%s",
          "state": {"type": "%s", "schema": 1, "durability": "%s"},
          "execution": {"mode": "%s", "turnMillis": 5000},
          "mailbox": {"messages": 100000, "bytes": 67108864}
        }
        """
            .formatted(
                TurnsMaker.class.getName(), TurnsMaker.Totals.class.getName(), durability, mode);
    return new BenchArchive(descriptor)
        .code(TurnsMaker.class)
        .code(TurnsMaker.Totals.class)
        .text(TurnsMaker.SETTINGS, stateBytes + (mode == Execution.ASYNC ? " async" : " direct"))
        .build();
  }
}
