// The hybrid logical clock of service records: wall time that never runs backwards along a chain.
package dev.p2pkit.client.record;

/**
 * A hybrid logical clock in 64 bits: milliseconds since 1970 in the upper 48, a counter in the
 * lower 16. Within one epoch it decides which of two records of an owner wins, between owners whose
 * claim of a name came first. After Kulkarni et al. 2014.
 */
public final class HybridTime {
  private static final int COUNTER_BITS = 16;

  private HybridTime() {}

  /** The reading for a wall clock in milliseconds since 1970. */
  public static long at(long wallMillis) {
    return wallMillis << COUNTER_BITS;
  }

  /** A reading after {@code previous}, at the wall clock's time if that is later. */
  public static long after(long previous, long wallMillis) {
    return Math.max(previous + 1, at(wallMillis));
  }

  /** The wall-clock part of a reading, in milliseconds since 1970. */
  public static long wallMillis(long reading) {
    return reading >>> COUNTER_BITS;
  }
}
