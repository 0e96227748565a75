// Calls all peers in turn at a steady rate, whatever becomes of the calls.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The load of the upgrade bench; on a thread of its own until it is closed. */
final class SteadyCalls implements AutoCloseable {
  private static final int MOST_OPEN = 50_000;
  private static final SendOptions OPTIONS = SendOptions.within(Duration.ofSeconds(60));
  private static final long TICK_NANOS = 1_000_000;

  private final Peer caller;
  private final List<PeerId> peers;
  private final int perSecond;
  private final Tallies tallies;
  private final Semaphore open = new Semaphore(MOST_OPEN);
  private final AtomicLong longestNanos = new AtomicLong();
  private final Thread thread = new Thread(this::run, "bench-calls");
  private volatile boolean stopped;
  private volatile long made;

  SteadyCalls(Peer caller, List<PeerId> peers, int perSecond, Tallies tallies) {
    this.caller = caller;
    this.peers = peers;
    this.perSecond = perSecond;
    this.tallies = tallies;
  }

  void start() {
    thread.start();
  }

  private void run() {
    long begun = System.nanoTime();
    long next = 1;
    while (!stopped) {
      long due =
          Math.round(
              (double) (System.nanoTime() - begun) / TimeUnit.SECONDS.toNanos(1) * perSecond);
      while (next <= due && open.tryAcquire()) {
        call(next++);
      }
      made = next - 1;
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private void call(long number) {
    PeerId peer = peers.get((int) (number % peers.size()));
    long begun = System.nanoTime();
    var unused =
        caller
            .rpcPeer(peer, TallyArchive.NAME, number, Long.class, OPTIONS)
            .whenComplete(
                (count, failed) -> {
                  open.release();
                  if (failed == null) {
                    longestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
                    tallies.acknowledged(peer, number, count);
                  } else {
                    tallies.failed(peer, KitException.from(failed).code());
                  }
                });
  }

  /** How many calls were made so far. */
  long made() {
    return made;
  }

  /** How long the slowest call took that was acknowledged. */
  long longestMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestNanos.get());
  }

  /** Makes no more calls, and returns when all that were made have ended. */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
      open.acquire(MOST_OPEN);
      open.release(MOST_OPEN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
