// How the clock of a neighbour stands to one's own, and how fast it answers.
package dev.p2pkit.overlay.routing;

/**
 * Two things learnt from exchanges with a neighbour: when at the earliest something left it, so
 * that a frame which was stuck in a link is not taken for young; and for how long silence is no
 * reason to worry (Jacobson and Karels, "Congestion avoidance and control", 1988: smoothed time
 * plus four deviations).
 */
final class LinkClock {
  /** Two clocks drift apart by less than 1/64: ten times what is expected of bad ones. */
  private static final int DRIFT_SHIFT = 6;

  private static final long FRESH = 10_000_000;
  private static final long FIRST_PATIENCE = 400_000;
  private static final long LEAST_PATIENCE = 50_000;
  private static final long MOST_PATIENCE = 2_000_000;

  private boolean known;
  private long ahead;
  private long takenAt;
  private long smoothed;
  private long deviation;

  /** Another process may have another clock. */
  void reset() {
    known = false;
  }

  /**
   * An exchange is over: what left here at {@code askedAt} was answered when the neighbour's clock
   * stood at {@code theirs}.
   */
  void sample(long askedAt, long theirs, long now) {
    if (askedAt > now) {
      return;
    }
    long least = askedAt - theirs;
    if (!known || least >= aheadAt(now)) {
      known = true;
      ahead = least;
      takenAt = now;
    }
  }

  /** By how much, at least, this peer's clock is ahead of the neighbour's. */
  private long aheadAt(long now) {
    return ahead - ((now - takenAt) >> DRIFT_SHIFT);
  }

  boolean isFresh(long now) {
    return known && now - takenAt < FRESH;
  }

  /**
   * No earlier than this, on this peer's clock, did the neighbour's clock stand at {@code stamp}.
   */
  long notBefore(long stamp, long now, long otherwise) {
    return known ? Math.min(now, Math.max(otherwise, stamp + aheadAt(now))) : otherwise;
  }

  /** A message was answered at once after so many microseconds. */
  void roundTrip(long micros) {
    if (smoothed == 0) {
      smoothed = Math.max(1, micros);
      deviation = micros / 2;
    } else {
      deviation += (Math.abs(micros - smoothed) - deviation) / 4;
      smoothed = Math.max(1, smoothed + (micros - smoothed) / 8);
    }
  }

  /** How long to wait for the word that something has arrived. */
  long patience() {
    if (smoothed == 0) {
      return FIRST_PATIENCE;
    }
    return Math.min(MOST_PATIENCE, Math.max(LEAST_PATIENCE, smoothed + 4 * deviation));
  }
}
