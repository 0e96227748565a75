// The numbers of the broadcast, with their defaults.
package dev.p2pkit.overlay.broadcast;

/**
 * The numbers of the broadcast. Times are in microseconds.
 *
 * @param fanOut into how many parts a peer divides its interval at most, 2 to 64
 * @param ackTimeout how long a delegate has to answer before the task is sent to it once more, and
 *     then to another peer
 * @param keepalive how often a delegate that still works says so
 * @param silence after how long without a sign a delegate that had answered is given up
 * @param retention for how long after its deadline a broadcast is remembered, so that it is not
 *     delivered twice
 * @param longest the longest time a broadcast may take
 * @param ownOpen how many broadcasts of this peer may be open at once
 * @param remembered how many broadcasts of all peers are remembered; beyond it new ones are refused
 * @param heldBytes how many bytes of payload may be held for open duties; beyond it new broadcasts
 *     are refused
 */
public record BroadcastConfig(
    int fanOut,
    long ackTimeout,
    long keepalive,
    long silence,
    long retention,
    long longest,
    int ownOpen,
    int remembered,
    int heldBytes) {
  /** The longest payload, in bytes: it must fit into a frame. */
  public static final int MAX_PAYLOAD = 1_000_000;

  /** What all peers use unless a test says otherwise. */
  public static final BroadcastConfig DEFAULT =
      new BroadcastConfig(
          16, 1_000_000, 500_000, 1_500_000, 60_000_000, 600_000_000, 32, 65_536, 64 << 20);

  public BroadcastConfig {
    if (fanOut < 2 || fanOut > 64) {
      throw new IllegalArgumentException("a fan-out lies between 2 and 64, not " + fanOut);
    }
    if (ackTimeout <= 0 || keepalive <= 0 || silence <= keepalive || retention < 0) {
      throw new IllegalArgumentException("times are positive, and silence longer than keepalive");
    }
    if (longest <= 0 || ownOpen < 1 || remembered < 1 || heldBytes < MAX_PAYLOAD) {
      throw new IllegalArgumentException("bounds are positive, and one payload can be held");
    }
  }
}
