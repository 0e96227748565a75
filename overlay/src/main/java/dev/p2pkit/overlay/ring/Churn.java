// How fast members come and go, as this peer sees it.
package dev.p2pkit.overlay.ring;

/**
 * Counts changes of the membership and tells their rate, in which a change counts half as much
 * after about three and a half minutes. Right after the start the rate is that since the start.
 */
final class Churn {
  /** In seconds: the weight of a change falls to 1/e in this time. */
  private static final double MEMORY = 300;

  /** Nothing is said of less than this many seconds. */
  private static final double LEAST_TIME = 10;

  private static final double SECOND = 1_000_000;

  private double changes;
  private double seconds;
  private long lastAt = Long.MIN_VALUE;

  /** A member has come or gone. */
  void count(long now) {
    age(now);
    changes++;
  }

  private void age(long now) {
    if (lastAt == Long.MIN_VALUE) {
      lastAt = now;
    } else if (now > lastAt) {
      double span = (now - lastAt) / SECOND;
      double rest = StrictMath.exp(-span / MEMORY);
      changes *= rest;
      seconds = seconds * rest + MEMORY * (1 - rest);
      lastAt = now;
    }
  }

  /** Changes a second. */
  double rate(long now) {
    age(now);
    return changes / Math.max(LEAST_TIME, seconds);
  }

  /**
   * For how long a peer stays, in seconds, if this many were watched: each comes once and goes
   * once. Infinite if nothing happens.
   */
  double session(long now, int watched) {
    double rate = rate(now);
    return rate <= 0 ? Double.POSITIVE_INFINITY : 2 * watched / rate;
  }

  /** Nothing is known any more. */
  void clear() {
    changes = 0;
    seconds = 0;
    lastAt = Long.MIN_VALUE;
  }
}
