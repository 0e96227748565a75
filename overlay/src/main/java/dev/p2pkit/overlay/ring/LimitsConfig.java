// What one peer grants others at most.
package dev.p2pkit.overlay.ring;

/**
 * What one peer grants others at most.
 *
 * @param joinsPerSecond how many peers one peer admits a second
 * @param joinsPerNetwork how many of these may come from one /24 (IPv4) or /48 (IPv6)
 * @param errandsPerSecond how many questions of a witness a second one peer may ask of this one,
 *     and how many times a second it may have contacts named
 */
public record LimitsConfig(int joinsPerSecond, int joinsPerNetwork, int errandsPerSecond) {
  /** What all peers use unless told otherwise. */
  public static final LimitsConfig DEFAULT = new LimitsConfig(256, 64, 64);

  public LimitsConfig {
    if (joinsPerSecond < 1 || joinsPerNetwork < 1 || errandsPerSecond < 1) {
      throw new IllegalArgumentException("limits are positive");
    }
  }
}
