// The searches in which a missing rule must show.
package dev.p2pkit.overlay.check;

import static java.util.Map.entry;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import dev.p2pkit.overlay.ring.RingConfig;
import java.util.List;
import java.util.Map;

/** Searches over the lease rules alone; loaded anew for each mutant. */
public final class MutationPlans {
  private static final long SECOND = 1_000_000;
  private static final Long[] PAUSES = {2 * SECOND, 5 * SECOND, 9 * SECOND};

  /** In an opening: what happens where nothing goes wrong. */
  private static final int FIRST = -1;

  /**
   * A search.
   *
   * @param opening choices with which each run begins: a story too long for the bounds begins
   *     shortly before what matters
   */
  private record Plan(Rules rules, Bounds bounds, List<Integer> opening) {
    LeaseRulesWorld world() {
      LeaseRulesWorld world = new LeaseRulesWorld(rules);
      int[] enabled = new int[Search.MOST_CHOICES];
      for (int wanted : opening) {
        int count = world.choices(enabled);
        int choice = wanted == FIRST && count > 0 ? enabled[0] : wanted;
        if (!world.enabled(choice)) {
          throw new AssertionError("the opening is not possible: " + world.picture());
        }
        world.take(choice);
      }
      return world;
    }

    /** The same, beginning with these choices. */
    Plan after(Integer... choices) {
      return new Plan(rules, bounds, List.of(choices));
    }
  }

  private static final Map<String, Plan> PLANS =
      Map.ofEntries(
          entry("ends", usual(ring(3).crash(1).silence(1).lose(1))),
          entry("one of two ends", healing(ring(2).silence(1))),
          entry("joins", usual(ring(3).late(1).lose(1).pause(1, PAUSES))),
          entry("pauses, clocks", usual(ring(3).pause(2, PAUSES).clocks(10, 0, 10))),
          entry("joins, doubts", usual(ring(3).late(1).doubt(1))),
          entry("joins, overtakes", bounded(ring(3).late(1).crash(1).overtake(1), 25, 4)),
          entry("ends, doubts", usual(ring(4).crash(1).doubt(1))),
          entry("doubts", usual(ring(4).doubt(2).lose(1).pause(1, PAUSES))),
          entry(
              "two of three sleep", usual(ring(3).pause(2, 9 * SECOND)).after(pause(0), pause(2))),
          entry(
              "sleeps before the newcomer has heard",
              usual(ring(3).late(1).silence(1).pause(1, 9 * SECOND).restart(1))
                  .after(join(1), FIRST, FIRST, FIRST, FIRST, silence(1), pause(2))),
          entry(
              "ends, restarts, doubled, overtakes",
              bounded(ring(2).crash(1).restart(1).doubling(1).overtake(2), 12, 6)));

  private MutationPlans() {}

  /** What {@link #run} knows. */
  static List<String> names() {
    return PLANS.keySet().stream().sorted().toList();
  }

  /** Runs a search; returns what it finds, or nothing. */
  public static String run(String name) {
    Plan plan = PLANS.get(name);
    if (plan == null) {
      throw new IllegalArgumentException(name);
    }
    Report report = Search.explore(plan::world, plan.bounds());
    System.out.println("mutant, " + name + ": " + report);
    return report.failure().orElse("");
  }

  private static Rules ring(int peers) {
    return Rules.of(RingConfig.DEFAULT, peers, 0);
  }

  private static Plan usual(Rules rules) {
    return bounded(rules, 70, 3);
  }

  private static Plan bounded(Rules rules, int depth, int deviations) {
    return new Plan(rules, new Bounds(depth, deviations, 250_000, 0), List.of());
  }

  /** In which all has to be well again besides. */
  private static Plan healing(Rules rules) {
    return new Plan(rules, new Bounds(70, 1, 250_000, 90 * SECOND), List.of());
  }

  private static int join(int peer) {
    return Choice.of(Choice.JOIN, peer);
  }

  private static int silence(int peer) {
    return Choice.of(Choice.SILENCE, peer);
  }

  private static int pause(int peer) {
    return Choice.of(Choice.PAUSE, peer);
  }
}
