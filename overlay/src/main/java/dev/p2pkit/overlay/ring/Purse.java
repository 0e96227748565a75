// What a peer may still send of its budget: who runs short gives up what can wait.
package dev.p2pkit.overlay.ring;

/**
 * The bytes that a peer may still send without exceeding its budget, as a bucket of tokens. What
 * keeps the ring together (heartbeats, leases, finding out whether neighbours are dead) is always
 * sent and only counted; when little is left, a peer gives up in this order: looking for better
 * contacts, comparing tables, haste in telling news, and in the end news themselves wait for what a
 * reserve of their own pays, suspects elsewhere in the ring wait, and nothing is passed on for
 * others. Over half a minute or more all that together stays within the budget: whoever has spent
 * much at once keeps what is always sent for the rest of the half minute, and what news may spend.
 *
 * <p>What rings that unite have to tell comes all at once and seldom: it is paid in advance, as far
 * as the last half minute has room for it, and repaid out of half of what comes in.
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

  /** What unions may take in advance, in seconds of the budget. */
  private static final double ADVANCE_SECONDS = 12;

  /** Which part of what comes in repays that. */
  private static final double REPAID = 0.5;

  /**
   * What a quiet peer has put by beside that, in seconds of the budget. It is lent when the bucket
   * runs low and repaid as an advance is: so it comes once in half a minute at most.
   */
  private static final double PUT_BY_SECONDS = 9;

  /** Up to this share the bucket is filled from it: comparing tables goes on, contacts wait. */
  private static final double LENT_UP_TO = 0.4;

  /** Over so many seconds the budget is kept. */
  private static final int WINDOW = 30;

  /** What may have been spent in that time when something of a union is sent, in its seconds. */
  private static final double WINDOW_FOR_UNIONS = 21;

  /** What may have been spent in that time when anything is sent that can wait, in its seconds. */
  private static final double WINDOW_FOR_ALL = 24;

  /**
   * Of each second to come this share is set aside for what is always sent, or more where that
   * costs more as measured. Whoever has spent most of a half minute in its first seconds must live
   * on the rest until these are over.
   */
  private static final double ALWAYS = 0.3;

  private static final double MOST_ALWAYS = 0.75;

  /** Which part of that is for the detector, which is not measured: most of what it asks waits. */
  private static final double DETECTING = 0.125;

  private static final double SECOND = 1_000_000;

  private final Meter meter;
  private final double perSecond;
  private double left;
  private double reserve;
  private double advanced;
  private double putBy;
  private double lent;
  private long spent;
  private long spentOnUnions;
  private long at = Long.MIN_VALUE;

  /** What was spent before each of the last seconds, of the window's first to the present one. */
  private final long[] history = new long[WINDOW + 1];

  /** The last second of which that is noted. */
  private long second;

  /** How much may have been spent in all, by the end of this second, on what can wait. */
  private double ceiling;

  /** The same on news, which may spend what is set aside for them. */
  private double ceilingForNews;

  private int looks;
  private int emptyLooks;

  Purse(Meter meter, double perSecond) {
    this.meter = meter;
    this.perSecond = perSecond;
    left = SAVED_SECONDS * perSecond;
    putBy = PUT_BY_SECONDS * perSecond;
    reserve = RESERVED * RESERVED_SECONDS * perSecond;
    limit();
  }

  private void account(long now) {
    if (now / (long) SECOND > second) {
      for (long next = Math.max(second + 1, now / (long) SECOND - WINDOW);
          next <= now / (long) SECOND;
          next++) {
        history[place(next)] = spent;
        second = next;
      }
      limit();
    }
    long onUnions = meter.unions();
    long total = meter.chargeable();
    if (at != Long.MIN_VALUE) {
      double passed = (now - at) / SECOND;
      double most = SAVED_SECONDS * perSecond;
      double income = FILLED * perSecond * passed;
      double repaid = Math.min(advanced, REPAID * income);
      double returned = Math.min(lent, REPAID * income - repaid);
      long advance = onUnions - spentOnUnions;
      advanced += advance - repaid;
      lent -= returned;
      left += income - repaid - returned - (total - spent - advance);
      if (lent == 0) {
        putBy = Math.min(PUT_BY_SECONDS * perSecond, putBy + Math.max(0, left - most));
      }
      double loan = Math.max(0, Math.min(putBy, LENT_UP_TO * most - left));
      putBy -= loan;
      lent += loan;
      left = Math.max(-most, Math.min(most, left + loan));
      reserve =
          Math.min(
              RESERVED * RESERVED_SECONDS * perSecond, reserve + RESERVED * perSecond * passed);
    }
    spent = total;
    spentOnUnions = onUnions;
    at = now;
  }

  private int place(long ofSecond) {
    return Math.floorMod(ofSecond, history.length);
  }

  /**
   * A second has begun: what may be spent so that no half minute that ends from now on exceeds the
   * budget, if until its end no more is sent than what is set aside.
   */
  private void limit() {
    ceiling = Double.POSITIVE_INFINITY;
    ceilingForNews = Double.POSITIVE_INFINITY;
    double measured =
        meter.rate(Purpose.RING) + meter.rate(Purpose.LEASE) + meter.rate(Purpose.RELAY);
    double always =
        Math.max(ALWAYS, Math.min(MOST_ALWAYS, measured / perSecond + DETECTING)) * perSecond;
    double news = RESERVED * perSecond;
    for (int ahead = 0; ahead <= WINDOW; ahead++) {
      double most = history[place(second - WINDOW + ahead)] + WINDOW_FOR_ALL * perSecond;
      ceiling = Math.min(ceiling, most - (always + news) * ahead);
      ceilingForNews = Math.min(ceilingForNews, most - always * ahead);
    }
  }

  private double share(long now) {
    account(now);
    return Math.min(left, ceiling - spent) / (SAVED_SECONDS * perSecond);
  }

  /** Whether the rest of this half minute is needed for what is always sent, and for news. */
  boolean usedUp(long now) {
    account(now);
    return spent >= ceiling;
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
    return (int) Math.max(0, Math.min(ceiling - spent, left + putBy));
  }

  /** How many bytes may be sent at once of what rings that unite have to tell; never negative. */
  int spendableOnUnions(long now) {
    account(now);
    double advance = ADVANCE_SECONDS * perSecond - advanced;
    double room = WINDOW_FOR_UNIONS * perSecond - (spent - history[place(second - WINDOW)]);
    return (int) Math.max(0, Math.min(advance, Math.min(room, ceiling - spent)));
  }

  /** Whether the reserve pays for news; what it pays is then told by {@link #draw}. */
  boolean hasReserve(long now) {
    account(now);
    return reserve > 0 && spent < ceilingForNews;
  }

  /** The reserve has paid. */
  void draw(int bytes) {
    reserve -= bytes;
  }

  /** In how many microseconds there may be something again. */
  long pause(long now) {
    account(now);
    if (spent >= ceilingForNews) {
      return (second + 1) * (long) SECOND - now;
    }
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
