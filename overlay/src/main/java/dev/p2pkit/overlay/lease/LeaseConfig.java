// The numbers of leased ownership.
package dev.p2pkit.overlay.lease;

/**
 * The numbers of leased ownership. Times in microseconds.
 *
 * @param length how long a lease runs from the moment in which its renewal was sent
 * @param driftPerThousand by how many thousandths a monotonic clock may run fast or slow; a grantor
 *     waits that much longer than the holder serves
 * @param trustDeath whether a refused dial or a newer process of the same host proves that a
 *     process holds no lease any more
 */
public record LeaseConfig(long length, int driftPerThousand, boolean trustDeath) {
  /** What all peers use unless told otherwise. */
  public static final LeaseConfig DEFAULT = new LeaseConfig(4_000_000, 10, true);

  /** How many bytes of memory go with an arc at most, so that the frame stays within its bound. */
  public static final int MOST_MEMORY = 512 * 1024;

  /** Through how many peers a proof that nobody holds anything may go. */
  public static final int MOST_HOPS = 17;

  public LeaseConfig {
    if (length <= 0 || driftPerThousand < 0 || driftPerThousand > 500) {
      throw new IllegalArgumentException(
          "a lease has a positive length, and clocks differ by 0 to 500 thousandths");
    }
  }

  /** The same, taking proofs of death or not (rule R10). */
  public LeaseConfig withTrustDeath(boolean value) {
    return new LeaseConfig(length, driftPerThousand, value);
  }

  /**
   * A time span of another peer's clock as it is waited for here: this clock may be fast and that
   * one slow.
   */
  public long stretched(long span) {
    return (span * (1_000 + driftPerThousand) + 999 - driftPerThousand)
        / (1_000 - driftPerThousand);
  }

  /** How long a grantor waits for a holder that it has granted something just now. */
  public long guarded() {
    return stretched(length);
  }
}
