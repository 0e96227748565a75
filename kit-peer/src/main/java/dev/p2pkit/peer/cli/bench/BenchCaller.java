// The measured side of the bench: a peer in a process of its own that makes the calls.
package dev.p2pkit.peer.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.SendOptions;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Installs the echo service, warms up, measures. Prints {@code {"phase": "begin"}} when measuring
 * begins and an object with {@code "phase": "end"} and the figures when it ends; the parent process
 * reads all processes' CPU time at these two moments.
 */
public final class BenchCaller {
  private static final int KEYS = 10_000;
  private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(60);
  // Warm-up: at least 5 s, at most 20 s, until the rate has stopped growing.
  private static final long WINDOW_MILLIS = 1_250;
  private static final int LEAST_WINDOWS = 4;
  private static final int MOST_WINDOWS = 16;
  private static final double STEADY = 1.05;
  // One slow window may be the compiler's or a neighbour's doing; three in a row are not.
  private static final int STEADY_WINDOWS = 3;

  private final BenchSettings settings;
  private final Peer peer;
  private final Output output;

  /** A caller that has not begun; the peer has joined. */
  public BenchCaller(BenchSettings settings, Peer peer, Output output) {
    this.settings = settings;
    this.peer = peer;
    this.output = output;
  }

  /** Runs to the end. */
  public void run() throws IOException, InterruptedException {
    List<PeerId> others = wholeRing();
    peer.install(EchoArchive.make(), InstallOptions.named(EchoArchive.NAME)).join();
    byte[] content = new byte[settings.payload()];
    new Random(1).nextBytes(content);
    Payload body = Payload.bytes(content);
    Load load = new Load(settings.inFlight(), caller(others, body), body);
    load.start();
    double warmUp = warmUp(load);
    long before = load.done();
    long errorsBefore = sum(load);
    Histogram unusedFromWarmUp = load.latencies();
    long begin = System.nanoTime();
    output.json(
        Output.object().put("phase", "begin").put("warmUpCalls", unusedFromWarmUp.getTotalCount()));
    TimeUnit.SECONDS.sleep(settings.seconds());
    Histogram latencies = load.latencies();
    long end = System.nanoTime();
    long calls = latencies.getTotalCount();
    double seconds = (end - begin) / 1e9;
    ObjectNode result =
        Output.object()
            .put("phase", "end")
            .put("calls", calls)
            .put("seconds", seconds)
            .put("callsPerSecond", Math.round(calls / seconds))
            .put("p50Micros", micros(latencies, 50))
            .put("p99Micros", micros(latencies, 99))
            .put("p999Micros", micros(latencies, 99.9))
            .put("maxMicros", latencies.getMaxValue() / 1_000)
            .put("errors", sum(load) - errorsBefore)
            .put("warmUpSeconds", warmUp);
    ObjectNode codes = result.putObject("errorsByCode");
    load.errors().forEach((code, count) -> codes.put(code.name(), count));
    output.json(result);
    if (load.done() - before < calls) {
      throw new IllegalStateException("counted more calls than were answered");
    }
    load.stop();
  }

  private static long sum(Load load) {
    return load.errors().values().stream().mapToLong(Long::longValue).sum();
  }

  private static double micros(Histogram latencies, double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1_000.0;
  }

  /** Waits until all peers are there; returns the others. */
  private List<PeerId> wholeRing() throws InterruptedException {
    long deadline = System.nanoTime() + JOIN_NANOS;
    while (true) {
      List<PeerInfo> ring = peer.ring().join();
      if (ring.size() == settings.peers()) {
        List<PeerId> others =
            ring.stream().map(PeerInfo::peer).filter(id -> !id.equals(peer.peerId())).toList();
        return others.isEmpty() ? List.of(peer.peerId()) : others;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new KitException(
            ErrorCode.TIMEOUT,
            "%d of %d peers are there after 60 s".formatted(ring.size(), settings.peers()));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private IntFunction<CompletableFuture<Payload>> caller(List<PeerId> others, Payload body) {
    int slots = settings.inFlight();
    int[] turns = new int[slots];
    if (settings.target() == BenchSettings.Target.PEER) {
      return slot -> {
        PeerId to = others.get(Math.floorMod(slot + turns[slot]++, others.size()));
        return peer.rpcPeer(to, EchoArchive.NAME, body, Payload.class, SendOptions.DEFAULT);
      };
    }
    Random random = new Random(2);
    Key[] keys =
        IntStream.range(0, KEYS)
            .mapToObj(i -> new Key(random.nextLong(), random.nextLong()))
            .toArray(Key[]::new);
    return slot -> {
      // A slot's calls are made one after the other, so its turn needs no lock.
      Key to = keys[Math.floorMod(slot * 7_919 + turns[slot]++, KEYS)];
      return peer.rpcKey(to, EchoArchive.NAME, body, Payload.class, SendOptions.DEFAULT);
    };
  }

  private double warmUp(Load load) throws InterruptedException {
    long begin = System.nanoTime();
    if (settings.warmUpSeconds().isPresent()) {
      TimeUnit.SECONDS.sleep(settings.warmUpSeconds().getAsInt());
      return (System.nanoTime() - begin) / 1e9;
    }
    double best = 0;
    int windowsWithoutGrowth = 0;
    for (int window = 1; window <= MOST_WINDOWS; window++) {
      long start = System.nanoTime();
      long before = load.done();
      TimeUnit.MILLISECONDS.sleep(WINDOW_MILLIS);
      double rate = (load.done() - before) * 1e9 / (System.nanoTime() - start);
      windowsWithoutGrowth = rate < best * STEADY ? windowsWithoutGrowth + 1 : 0;
      best = Math.max(best, rate);
      if (window >= LEAST_WINDOWS && windowsWithoutGrowth >= STEADY_WINDOWS) {
        break;
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }
}
