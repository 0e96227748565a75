// The numbers of failure detection.
package dev.p2pkit.overlay.ring;

/**
 * The numbers of failure detection. Times in microseconds.
 *
 * @param firstTimeout how long the first answer of a peer is waited for
 * @param leastTimeout the shortest time-out, whatever was measured
 * @param mostTimeout the longest
 * @param verdict how long a peer must have been silent before it is declared dead without proof;
 *     longer than a starved process usually stands still, and short enough for a host that died
 *     silently to be replaced in the time that is promised
 * @param flaps how often a peer may die and come back in ten minutes before it is kept out of long
 *     links
 */
public record DetectorConfig(
    long firstTimeout, long leastTimeout, long mostTimeout, long verdict, int flaps) {
  /** What all peers use unless told otherwise. */
  public static final DetectorConfig DEFAULT =
      new DetectorConfig(400_000, 50_000, 2_000_000, 4_500_000, 3);

  /** For networks whose round trip is a few milliseconds. */
  public static final DetectorConfig FAST =
      new DetectorConfig(200_000, 20_000, 1_000_000, 2_500_000, 3);

  public DetectorConfig {
    if (firstTimeout <= 0
        || leastTimeout <= 0
        || mostTimeout < leastTimeout
        || verdict <= firstTimeout
        || flaps < 1) {
      throw new IllegalArgumentException(
          "time-outs are positive, the longest not below the shortest, and a verdict takes longer"
              + " than the first");
    }
  }
}
