// How fast members come and go, as this peer sees it.
package dev.p2pkit.overlay.ring;

/**
 * Counts who comes and who goes, and tells the rate, in which a change counts half as much after
 * about three and a half minutes. Right after the start the rate is that since the start.
 */
final class Churn {
  /** In seconds: the weight of a change falls to 1/e in this time. */
  private static final double MEMORY = 300;

  /** Nothing is said of less than this many seconds. */
  private static final double LEAST_TIME = 10;

  private static final double SECOND = 1_000_000;

  private double came;
  private double went;
  private double seconds;
  private long lastAt = Long.MIN_VALUE;

  void came(long now) {
    age(now);
    came++;
  }

  void went(long now) {
    age(now);
    went++;
  }

  private void age(long now) {
    if (lastAt == Long.MIN_VALUE) {
      lastAt = now;
    } else if (now > lastAt) {
      double span = (now - lastAt) / SECOND;
      double rest = StrictMath.exp(-span / MEMORY);
      came *= rest;
      went *= rest;
      seconds = seconds * rest + MEMORY * (1 - rest);
      lastAt = now;
    }
  }

  /** Changes a second. */
  double rate(long now) {
    age(now);
    return (came + went) / Math.max(LEAST_TIME, seconds);
  }

  /**
   * For how long a peer stays, in seconds, if this many were watched. Counted by those who go: a
   * network that is being started has many who come and is not restless for that. Infinite if
   * nobody goes.
   */
  double session(long now, int watched) {
    age(now);
    return went <= 0 ? Double.POSITIVE_INFINITY : watched * Math.max(LEAST_TIME, seconds) / went;
  }

  /** Nothing is known any more. */
  void clear() {
    came = 0;
    went = 0;
    seconds = 0;
    lastAt = Long.MIN_VALUE;
  }
}
