// The numbers of the broadcast, with their defaults.
package dev.p2pkit.overlay.broadcast;

/**
 * The numbers of the broadcast. Times are in microseconds.
 *
 * @param fanOut into how many parts a peer divides its interval at most, 2 to 64; a payload of up
 *     to 4 KiB goes to twice as many
 * @param firstTimeout how long a delegate has to answer before the task is sent to it once more, as
 *     long as nothing is known of the path to it; measured round trips replace it
 * @param keepalive how often a delegate that still works says so
 * @param silence after how long without a sign a delegate that had answered is given up
 * @param retention for how long broadcasts are kept for neighbours that missed them, and are part
 *     of the digest in heartbeats
 * @param behind for how long a neighbour may be behind, or ahead, before lists are exchanged
 * @param gap for how long later broadcasts of an origin wait for an earlier one that is missing
 * @param longest the longest time a broadcast may take
 * @param ownOpen how many broadcasts of this peer may be open at once on each topic
 * @param perSecond how many broadcasts, or parts of long ones, a peer may begin in a second; others
 *     take twice as many from one origin
 * @param kept how many broadcasts are kept for neighbours
 * @param keptBytes how many bytes of them; beyond it the oldest payloads go first
 * @param heldBytes how many bytes of payload may be held for open duties and for their turn; beyond
 *     it new broadcasts are refused
 */
public record BroadcastConfig(
    int fanOut,
    long firstTimeout,
    long keepalive,
    long silence,
    long retention,
    long behind,
    long gap,
    long longest,
    int ownOpen,
    int perSecond,
    int kept,
    int keptBytes,
    int heldBytes) {
  /** The longest payload, in bytes. */
  public static final int MAX_PAYLOAD = 1_000_000;

  /** Beyond this many bytes a payload travels in parts. */
  public static final int PART_BYTES = 64 * 1024;

  /** How many parts a payload has at most. */
  public static final int MAX_PARTS = (MAX_PAYLOAD + PART_BYTES - 1) / PART_BYTES;

  /** How many broadcasts are named in one list. */
  public static final int MAX_LISTED = 256;

  /** How many are pulled at once. */
  public static final int MAX_PULLED = 64;

  /**
   * A process has room for a million broadcasts a millisecond before its numbers meet those of the
   * next one.
   */
  static final int BITS_PER_MILLISECOND = 20;

  /** What all peers use unless a test says otherwise. */
  public static final BroadcastConfig DEFAULT =
      new BroadcastConfig(
          16,
          400_000,
          500_000,
          1_500_000,
          60_000_000,
          600_000,
          10_000_000,
          600_000_000,
          32,
          256,
          16_384,
          16 << 20,
          64 << 20);

  public BroadcastConfig {
    if (fanOut < 2 || fanOut > 64) {
      throw new IllegalArgumentException("a fan-out lies between 2 and 64, not " + fanOut);
    }
    if (firstTimeout <= 0 || keepalive <= 0 || silence <= keepalive || retention < 0) {
      throw new IllegalArgumentException("times are positive, and silence longer than keepalive");
    }
    if (behind <= 0 || gap <= 0 || longest <= 0) {
      throw new IllegalArgumentException("times are positive");
    }
    if (ownOpen < 1 || perSecond < 1 || kept < 1 || keptBytes < 0 || heldBytes < MAX_PAYLOAD) {
      throw new IllegalArgumentException("bounds are positive, and one payload can be held");
    }
  }

  /** The same with another time for which broadcasts are kept. */
  public BroadcastConfig withRetention(long micros) {
    return new BroadcastConfig(
        fanOut,
        firstTimeout,
        keepalive,
        silence,
        micros,
        behind,
        gap,
        longest,
        ownOpen,
        perSecond,
        kept,
        keptBytes,
        heldBytes);
  }
}
