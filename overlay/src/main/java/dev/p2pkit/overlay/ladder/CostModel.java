// What a table of each shape costs.
package dev.p2pkit.overlay.ladder;

/**
 * What a table costs in bytes a second and in entries, computed from how many peers there are and
 * for how long they stay. The terms are those of D1HT (Monnerat and Amorim 2014) for the arc, and
 * probing and replacing for the contacts.
 *
 * @param contacts how many contacts a sector has
 */
public record CostModel(int contacts) {
  /** What one piece of news takes. */
  private static final double EVENT = 24;

  /** What a message takes besides, with its acknowledgement. */
  private static final double HEADER = 60;

  private static final double PROBE = 96;
  private static final double REPLACEMENT = 64;

  /** The fewest peers an arc has to each side: more than the list of successors. */
  private static final double LEAST_IN_RADIUS = 32;

  /** The share of one more block at the edges of an arc. */
  private static final double EDGES = 17.0 / 16;

  private static final double LEAST_PERIOD = 0.25;
  private static final double MOST_PERIOD = 2;

  /** Bounds of the time between two probes of a contact, in seconds. */
  private static final double LEAST_PROBE_PERIOD = 10;

  private static final double MOST_PROBE_PERIOD = 450;

  /** The share of entries that may be stale, by how long peers stay, in seconds. */
  static double stale(double session) {
    return session >= 1_800 ? 0.01 : session >= 180 ? 0.03 : 0.05;
  }

  /**
   * How long news for one place are collected, in seconds.
   *
   * @param session for how long a peer stays, in seconds
   * @param known among how many peers the news spread
   */
  public static double period(double session, double known) {
    double wanted = 4 * stale(session) * session / (8 + depth(known));
    return Math.max(LEAST_PERIOD, Math.min(MOST_PERIOD, wanted));
  }

  private static double depth(double known) {
    int whole = (int) Math.min(1 << 30, Math.max(1, StrictMath.ceil(known)));
    return Integer.SIZE - Integer.numberOfLeadingZeros(whole - 1);
  }

  /** How often a contact is probed, in seconds between two probes. */
  public static double probePeriod(double session) {
    return Math.max(LEAST_PROBE_PERIOD, Math.min(MOST_PROBE_PERIOD, session / 8));
  }

  /** How many entries a table of this shape has among so many peers. */
  public double entries(Rungs rungs, double peers) {
    return rungs.full()
        ? peers
        : inArc(rungs, peers) + (double) contacts * Rungs.sectors(rungs.level(), rungs.arcBits());
  }

  private static double inArc(Rungs rungs, double peers) {
    return Math.min(peers, 2 * peers / (1L << rungs.arcBits()) * EDGES);
  }

  /** Whether the arc of this shape holds enough peers to each side for the ring's own lists. */
  public static boolean possible(Rungs rungs, double peers) {
    return rungs.full() || peers / (1L << rungs.arcBits()) >= LEAST_IN_RADIUS;
  }

  /**
   * The shape with the fewest entries of this level; everybody if there are too few peers for any.
   */
  public Rungs best(int level, double peers) {
    Rungs best = Rungs.FULL;
    double fewest = Double.POSITIVE_INFINITY;
    for (int bits = Rungs.LEAST_ARC_BITS; level > 1 && bits <= Rungs.MOST_ARC_BITS; bits++) {
      if (Rungs.sectors(level, bits) > Rungs.MOST_SECTORS) {
        break;
      }
      Rungs candidate = new Rungs(level, bits);
      double entries = entries(candidate, peers);
      if (possible(candidate, peers) && entries < fewest) {
        best = candidate;
        fewest = entries;
      }
    }
    return best;
  }

  /**
   * What keeping such a table costs, in bytes a second.
   *
   * @param peers how many there are
   * @param session for how long a peer stays, in seconds; infinite if nobody comes or goes
   */
  public double bytesPerSecond(Rungs rungs, double peers, double session) {
    if (rungs.full()) {
      return news(peers, session);
    }
    double arc = inArc(rungs, peers);
    double held = entries(rungs, peers) - arc;
    return news(arc, session) + held * PROBE / probePeriod(session) + held / session * REPLACEMENT;
  }

  /**
   * What it costs to learn of all changes among so many peers and to pass them on. A message is
   * sent only if there is something to tell, so an arc in which little happens pays for what
   * happens there and not for the beat of its lanes. A million peers that stay for an hour cost 607
   * bytes a second at level 2: 473 for the contacts, 28 for the news, and 106 for the messages that
   * carry them. With collecting for 38 seconds, which a twentieth of stale entries would allow,
   * these would be 17 and all 506; but news are collected for 2 seconds at most, so that whoever is
   * dead is not asked for longer than that.
   */
  private static double news(double among, double session) {
    double rate = 2 * among / session;
    double period = period(session, among);
    double depth = depth(among);
    double messages = 0;
    for (int lane = 0; lane < depth; lane++) {
      // That one of the 2^(depth-lane-1) peers behind had news to tell in this period.
      double nothing =
          StrictMath.pow(
              Math.max(0, 1 - 2 * rate * period / among), StrictMath.pow(2, depth - lane - 1));
      messages += 1 - nothing;
    }
    return rate * EVENT + messages * HEADER / period;
  }
}
