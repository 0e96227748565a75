// What a peer may still send of its budget: who runs short gives up what can wait.
package dev.p2pkit.overlay.ring;

/**
 * The bytes that a peer may still send without exceeding its budget, as a bucket of tokens. What
 * keeps the ring together (heartbeats, leases, finding out who is dead) is always sent and only
 * counted; when little is left, a peer gives up in this order: looking for better contacts,
 * comparing tables, haste in telling news, and in the end news themselves wait for what a reserve
 * of their own pays. Over half a minute or more all that together stays within the budget, unless
 * the ring's own messages alone exceed it.
 *
 * <p>Not thread-safe; one for each peer.
 */
final class Purse {
  /** The bucket is filled with this share of the budget. */
  private static final double FILLED = 0.75;

  /** What news may spend when the bucket is empty. */
  private static final double RESERVED = 0.125;

  /** What may be saved up, and owed at most, in seconds of the budget. */
  private static final double SAVED_SECONDS = 3;

  private static final double RESERVED_SECONDS = 1;

  /** Below these shares of what can be saved up something is given up. */
  private static final double THRIFTY = 0.5;

  private static final double POOR = 0.25;

  /** From this share on it counts as full. */
  private static final double FULL = 0.95;

  private static final double SECOND = 1_000_000;

  private final Meter meter;
  private final double perSecond;
  private double left;
  private double reserve;
  private long spent;
  private long at = Long.MIN_VALUE;
  private int looks;
  private int emptyLooks;

  Purse(Meter meter, double perSecond) {
    this.meter = meter;
    this.perSecond = perSecond;
    left = SAVED_SECONDS * perSecond;
    reserve = RESERVED * RESERVED_SECONDS * perSecond;
  }

  private void account(long now) {
    long total = meter.chargeable();
    if (at != Long.MIN_VALUE) {
      double seconds = (now - at) / SECOND;
      double most = SAVED_SECONDS * perSecond;
      left += FILLED * perSecond * seconds - (total - spent);
      left = Math.max(-most, Math.min(most, left));
      reserve =
          Math.min(
              RESERVED * RESERVED_SECONDS * perSecond, reserve + RESERVED * perSecond * seconds);
    }
    spent = total;
    at = now;
  }

  private double share(long now) {
    account(now);
    return left / (SAVED_SECONDS * perSecond);
  }

  /** Whether less has been spent than there was. */
  boolean full(long now) {
    return share(now) >= FULL;
  }

  /** Whether looking for better contacts has to wait. */
  boolean thrifty(long now) {
    return share(now) < THRIFTY;
  }

  /** Whether comparing tables has to wait. */
  boolean poor(long now) {
    return share(now) < POOR;
  }

  /** Whether news have to wait for the reserve. */
  boolean empty(long now) {
    return share(now) <= 0;
  }

  /** How many bytes may be sent at once of something that can wait; never negative. */
  int spendable(long now) {
    account(now);
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, left));
  }

  /** Whether the reserve pays for news; what it pays is then told by {@link #draw}. */
  boolean hasReserve(long now) {
    account(now);
    return reserve > 0;
  }

  /** The reserve has paid. */
  void draw(int bytes) {
    reserve -= bytes;
  }

  /** In how many microseconds there may be something again. */
  long pause(long now) {
    account(now);
    double owed = Math.min(-left / FILLED, -reserve / RESERVED);
    return Math.max((long) SECOND / 8, (long) (owed / perSecond * SECOND));
  }

  /** Once a second: whether it is empty is noted. */
  void look(long now) {
    looks++;
    emptyLooks += empty(now) ? 1 : 0;
  }

  /** Whether it was empty most of the time since this was asked last. */
  boolean wasShort() {
    boolean mostly = 2 * emptyLooks > looks;
    looks = 0;
    emptyLooks = 0;
    return mostly;
  }
}
