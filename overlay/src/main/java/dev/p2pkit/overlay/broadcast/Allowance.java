// How much may happen in a second.
package dev.p2pkit.overlay.broadcast;

/** A token bucket (RFC 2697 calls it a meter): so many a second, four seconds' worth at once. */
final class Allowance {
  private static final long BURST_SECONDS = 4;
  private static final long SECOND = 1_000_000;

  private final long perSecond;

  /** In millionths of a token; the bucket is full at the beginning. */
  private long level;

  private long filledAt;

  Allowance(long now, long perSecond) {
    this.perSecond = perSecond;
    this.level = perSecond * BURST_SECONDS * SECOND;
    this.filledAt = now;
  }

  /** Takes so many, or none if there are fewer. */
  boolean take(long now, long tokens) {
    long passed = Math.min(now - filledAt, BURST_SECONDS * SECOND);
    filledAt = now;
    level = Math.min(perSecond * BURST_SECONDS * SECOND, level + passed * perSecond);
    if (level < tokens * SECOND) {
      return false;
    }
    level -= tokens * SECOND;
    return true;
  }
}
