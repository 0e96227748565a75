// When a peer that could not be reached may be dialled again.
package dev.p2pkit.overlay.transport;

import java.util.concurrent.ThreadLocalRandom;

/** Doubles the wait with each failure, with a quarter of jitter. Not thread-safe. */
final class BackOff {
  private final long firstNanos;
  private final long lastNanos;
  private int failures;
  private int shortLives;
  private long notBefore = System.nanoTime();

  BackOff(LinkTimes times) {
    firstNanos = times.firstBackOff().toNanos();
    lastNanos = times.lastBackOff().toNanos();
  }

  void reset() {
    failures = 0;
    shortLives = 0;
    notBefore = System.nanoTime();
  }

  /** The wait is over, by a timer that rounds to milliseconds. */
  void due() {
    notBefore = System.nanoTime();
  }

  void failed(long now) {
    failures = Math.min(failures + 1, 30);
    long wait = Math.min(lastNanos, firstNanos << Math.min(failures - 1, 20));
    if (wait <= 0) {
      wait = lastNanos;
    }
    notBefore = now + (long) (wait * ThreadLocalRandom.current().nextDouble(0.75, 1.25));
  }

  /**
   * A link has ended: the next dial may go at once, because the first question then is whether the
   * peer is dead. Only a link that keeps dying young has to wait.
   */
  void ended(boolean shortLived, long now) {
    failures = 0;
    notBefore = now;
    shortLives = shortLived ? shortLives + 1 : 0;
    if (shortLives > 1) {
      failures = Math.min(shortLives - 2, 29);
      failed(now);
    }
  }

  long remainingMillis(long now) {
    long left = notBefore - now;
    return left <= 0 ? 0 : 1 + left / 1_000_000;
  }

  /** Whether so much time has passed that the failures no longer say anything. */
  boolean isForgotten(long now) {
    return (failures == 0 && shortLives == 0) || now - notBefore > lastNanos;
  }
}
