// How rings that were cut apart find each other.
package dev.p2pkit.overlay.ring;

/**
 * How two rings that were cut apart find each other again. Times in microseconds.
 *
 * @param remembered how many peers are remembered for ever
 * @param probe how often one of them is asked whether it belongs to the same ring
 * @param longestPause the longest pause between two questions to the same one
 */
public record MergeConfig(int remembered, long probe, long longestPause) {
  /** What all peers use unless told otherwise. */
  public static final MergeConfig DEFAULT = new MergeConfig(64, 5_000_000, 300_000_000L);

  public MergeConfig {
    if (remembered < 0 || remembered > 4_096 || probe <= 0 || longestPause < probe) {
      throw new IllegalArgumentException(
          "0 to 4,096 peers are remembered, and pauses are positive");
    }
  }
}
