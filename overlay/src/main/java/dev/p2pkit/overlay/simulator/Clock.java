// The clock of one simulated process.
package dev.p2pkit.overlay.simulator;

/** A monotonic clock that may run fast or slow. */
final class Clock {
  private static final int MOST = 100_000;
  private static final long MILLION = 1_000_000;

  private long trueBase;
  private long localBase;
  private int partsPerMillion;

  void drift(long now, int parts) {
    if (parts < -MOST || parts > MOST) {
      throw new IllegalArgumentException("a clock is wrong by at most 10 %");
    }
    localBase = local(now);
    trueBase = now;
    partsPerMillion = parts;
  }

  /** What it shows at this moment of virtual time. */
  long local(long now) {
    long since = now - trueBase;
    return partsPerMillion == 0
        ? localBase + since
        : localBase + since + Math.floorDiv(since * partsPerMillion, MILLION);
  }

  /** The first moment of virtual time at which it shows this time or a later one. */
  long moment(long local) {
    if (partsPerMillion == 0) {
      return local - localBase + trueBase;
    }
    if (local - localBase > Long.MAX_VALUE / MILLION) {
      // Never, as good as.
      return local;
    }
    long guess = trueBase + (local - localBase) * MILLION / (MILLION + partsPerMillion);
    while (local(guess) < local) {
      guess++;
    }
    while (local(guess - 1) >= local) {
      guess--;
    }
    return guess;
  }
}
