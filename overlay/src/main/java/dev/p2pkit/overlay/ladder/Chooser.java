// Chooses the shape of the table: the fewest hops that the budget pays for.
package dev.p2pkit.overlay.ladder;

/**
 * Chooses the smallest level whose cost fits the budget, computed before and measured after. It
 * turns to more levels soon, when the measured traffic has been above the budget for half a minute
 * or the computed cost has not fitted for as long; and back to fewer only when these would cost
 * half of the budget for five minutes. Not thread-safe; one for each peer.
 */
public final class Chooser {
  /** The share of the budget that a shape may cost to be chosen. */
  private static final double FITS = 0.8;

  /** The share that a shape of fewer levels may cost to be returned to. */
  private static final double FITS_EASILY = 0.5;

  private static final int BYTES_PER_ENTRY = 96;
  private static final long OVER = 30_000_000;
  private static final long EASY = 300_000_000;

  /** An arc is made narrower or wider if that saves at least this share of the entries. */
  private static final double WORTH_IT = 0.7;

  /**
   * What a table may cost.
   *
   * @param bytesPerSecond all traffic of the overlay
   * @param tableBytes of memory
   */
  public record Budget(double bytesPerSecond, double tableBytes) {}

  /**
   * What a peer sees of its network.
   *
   * @param peers how many there are
   * @param session for how long they stay, in seconds; may be infinite
   * @param measured what the overlay of this peer has sent lately, in bytes a second
   * @param other the part of it that does not depend on the table
   */
  public record Sight(double peers, double session, double measured, double other) {}

  private final CostModel model;
  private final Budget budget;
  private long overSince = Long.MAX_VALUE;
  private long unfitSince = Long.MAX_VALUE;
  private long easySince = Long.MAX_VALUE;

  /** A chooser that has seen nothing. */
  public Chooser(CostModel model, Budget budget) {
    this.model = model;
    this.budget = budget;
  }

  /** The smallest level whose computed cost fits this share of the budget; 4 if none does. */
  public int smallest(Sight sight, double share) {
    for (int level = 1; level < Rungs.MOST_LEVELS; level++) {
      if (fits(model.best(level, sight.peers()), sight, share)) {
        return level;
      }
    }
    return Rungs.MOST_LEVELS;
  }

  private boolean fits(Rungs rungs, Sight sight, double share) {
    return model.bytesPerSecond(rungs, sight.peers(), sight.session()) + sight.other()
            <= share * budget.bytesPerSecond()
        && model.entries(rungs, sight.peers()) * BYTES_PER_ENTRY
            <= share / FITS * budget.tableBytes();
  }

  /** The shape to have from now on; the present one unless there is a reason to change. */
  public Rungs choose(long now, Rungs present, Sight sight) {
    overSince = since(now, overSince, sight.measured() > budget.bytesPerSecond());
    unfitSince = since(now, unfitSince, smallest(sight, FITS) > present.level());
    easySince = since(now, easySince, smallest(sight, FITS_EASILY) < present.level());
    int level = present.level();
    if (now - overSince >= OVER) {
      level = Math.min(Rungs.MOST_LEVELS, Math.max(level + 1, smallest(sight, FITS)));
    } else if (now - unfitSince >= OVER) {
      level = smallest(sight, FITS);
    } else if (now - easySince >= EASY) {
      // One at a time: what this level knows is enough to fill the one above.
      level = level - 1;
    }
    Rungs best = model.best(level, sight.peers());
    if (best.level() != present.level()) {
      forget();
      return best;
    }
    return adjusted(present, best, sight.peers());
  }

  /**
   * The shape of a level that stays: another arc only if it is much better.
   *
   * @param peers how many there are, as estimated
   */
  public Rungs adjusted(Rungs present, Rungs best, double peers) {
    boolean stays =
        CostModel.possible(present, peers)
            && model.entries(best, peers) > WORTH_IT * model.entries(present, peers);
    return stays ? present : best;
  }

  private static long since(long now, long before, boolean holds) {
    return holds ? Math.min(before, now) : Long.MAX_VALUE;
  }

  /** Begins to watch anew. */
  public void forget() {
    overSince = Long.MAX_VALUE;
    unfitSince = Long.MAX_VALUE;
    easySince = Long.MAX_VALUE;
  }
}
