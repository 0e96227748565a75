// How many audit lines may be written: a few at once, then so many a minute.
package dev.p2pkit.peer.audit;

/** A bucket that fills with time. Not thread-safe. */
final class Allowance {
  private static final long MINUTE = 60_000;

  private final int atOnce;
  private final int perMinute;
  private long tokens;
  private long filledAt;
  private long leftOut;

  Allowance(int atOnce, int perMinute, long nowMillis) {
    this.atOnce = atOnce;
    this.perMinute = perMinute;
    tokens = atOnce * MINUTE;
    filledAt = nowMillis;
  }

  /** Whether one more line may be written now; else it is counted. */
  boolean take(long nowMillis) {
    long passed = Math.min(Math.max(0, nowMillis - filledAt), atOnce * MINUTE);
    filledAt = nowMillis;
    tokens = Math.min(atOnce * MINUTE, tokens + passed * perMinute);
    if (tokens < MINUTE) {
      leftOut++;
      return false;
    }
    tokens -= MINUTE;
    return true;
  }

  /** How many were left out since the last call. */
  long takeLeftOut() {
    long count = leftOut;
    leftOut = 0;
    return count;
  }
}
