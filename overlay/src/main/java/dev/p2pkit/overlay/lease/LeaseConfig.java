// The numbers of leased ownership.
package dev.p2pkit.overlay.lease;

/**
 * The numbers of leased ownership. Times in microseconds.
 *
 * @param length how long a lease runs from the moment in which its renewal was sent
 * @param driftPerThousand by how many thousandths two monotonic clocks may differ in rate; a
 *     grantor waits that much longer than the holder serves
 * @param trustDeath whether a refused dial or a newer process of the same host proves that a
 *     process holds no lease any more
 */
public record LeaseConfig(long length, int driftPerThousand, boolean trustDeath) {
  /** What all peers use unless told otherwise. */
  public static final LeaseConfig DEFAULT = new LeaseConfig(4_000_000, 10, true);

  public LeaseConfig {
    if (length <= 0 || driftPerThousand < 0 || driftPerThousand > 500) {
      throw new IllegalArgumentException(
          "a lease has a positive length, and clocks differ by 0 to 500 thousandths");
    }
  }
}
