// The searches in which a missing rule must show.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import dev.p2pkit.overlay.ring.RingConfig;

/** Searches over the lease rules alone; loaded anew for each mutant. */
public final class MutationPlans {
  private static final long SECOND = 1_000_000;
  private static final Long[] PAUSES = {2 * SECOND, 5 * SECOND, 9 * SECOND};

  private MutationPlans() {}

  /** Runs a search; returns what it finds, or nothing. */
  public static String run(String plan) {
    Report report =
        Search.explore(() -> new LeaseRulesWorld(rules(plan)), new Bounds(70, 3, 250_000, 0));
    System.out.println("mutant, " + plan + ": " + report);
    return report.failure().orElse("");
  }

  private static Rules ring(int peers) {
    return Rules.of(RingConfig.DEFAULT, peers, 0);
  }

  private static Rules rules(String plan) {
    return switch (plan) {
      case "ends" -> ring(3).crash(1).silence(1).lose(1);
      case "joins" -> ring(3).late(1).lose(1).pause(1, PAUSES);
      case "joins, ends" -> ring(4).late(2).crash(1).lose(2);
      case "joins, clocks" -> ring(3).late(1).lose(1).clocks(0, 10, 10);
      case "pauses" -> ring(3).pause(2, PAUSES).lose(1);
      case "pauses, clocks" -> ring(3).pause(2, PAUSES).clocks(10, 0, 10);
      case "restarts" -> ring(3).crash(1).restart(1).lose(1).doubling(1);
      case "joins, doubts" -> ring(3).late(1).doubt(1);
      case "joins, overtakes" -> ring(3).late(1).crash(1).overtake(1);
      case "restarts, overtakes" -> ring(3).crash(1).restart(1).overtake(1);
      case "ends, doubts" -> ring(4).crash(1).doubt(1);
      case "doubles" -> ring(3).crash(1).doubling(2);
      case "doubts" -> ring(4).doubt(2).lose(1).pause(1, PAUSES);
      default -> throw new IllegalArgumentException(plan);
    };
  }
}
