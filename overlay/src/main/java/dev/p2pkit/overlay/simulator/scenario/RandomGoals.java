// The rows of random scenarios in the table of goals.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The rows of random scenarios in the table of goals, which many runs measure together. */
public final class RandomGoals {
  /** The topic of the row of the random scenarios. */
  public static final String NARROW = "two owners of a key, STRICT, random scenarios";

  /** The topic of the row of the wider ones; see {@link RandomScenarios#wide}. */
  public static final String WIDE = "two owners of a key, STRICT, wider random scenarios";

  /** How many random scenarios their row wants. */
  public static final int NARROW_RUNS = 10_000;

  /** How many wider ones theirs wants. */
  public static final int WIDE_RUNS = 300;

  /** More failed runs are not named in a row. */
  private static final int MOST_SEEDS = 10;

  private RandomGoals() {}

  /**
   * The row of the random scenarios.
   *
   * @param seed the first of the seeds that were played
   */
  public static GoalRow narrow(RandomRuns.Sum sum, long seed) {
    return row(NARROW, NARROW_RUNS, sum, seed, "");
  }

  /** The row of the wider random scenarios; see {@link RandomScenarios#wide}. */
  public static GoalRow wide(RandomRuns.Sum sum, long seed) {
    return row(WIDE, WIDE_RUNS, sum, seed, " --wide");
  }

  /** Both rows until they are measured. */
  static List<GoalRow> unmeasured() {
    long seed = Goal.DEFAULT_SEED;
    return List.of(
        GoalRow.unmeasured(NARROW, goal(NARROW_RUNS), command(NARROW_RUNS, seed, "")),
        GoalRow.unmeasured(WIDE, goal(WIDE_RUNS), command(WIDE_RUNS, seed, " --wide")));
  }

  private static GoalRow row(String topic, int wanted, RandomRuns.Sum sum, long seed, String more) {
    boolean clean = sum.overlaps() == 0 && sum.falseOutcomes() == 0 && sum.failed() == 0;
    boolean enough = sum.runs() >= wanted;
    String runs = Goals.number(sum.runs()) + (enough ? "" : " of " + Goals.number(wanted));
    String text =
        String.format(
            Locale.ROOT,
            "%s runs: %d overlaps, %d false outcomes, %d runs failed;"
                + " %,d overlaps during partitions, %,d in the minute after them, %,d allowed ones of"
                + " AVAILABLE",
            runs,
            sum.overlaps(),
            sum.falseOutcomes(),
            sum.failed(),
            sum.overlapsAcrossCuts() - sum.overlapsAfterCuts(),
            sum.overlapsAfterCuts(),
            sum.overlapsAvailable());
    return new GoalRow(
        topic,
        goal(wanted),
        text + broken(sum),
        clean && !enough ? GoalRow.State.OPEN : GoalRow.State.of(clean),
        command(sum.runs(), seed, more));
  }

  /** The seeds of failed runs, and what was wrong with the first. */
  private static String broken(RandomRuns.Sum sum) {
    List<Report> broken = sum.examples();
    if (broken.isEmpty()) {
      return "";
    }
    String seeds =
        broken.stream()
            .limit(MOST_SEEDS)
            .map(report -> Long.toString(report.seed()))
            .collect(Collectors.joining(", "));
    return "; broken with "
        + (broken.size() > 1 ? "seeds " : "seed ")
        + seeds
        + (sum.failed() > MOST_SEEDS ? ", …" : "")
        + (broken.size() > 1 ? ", the first: " : ": ")
        + broken.get(0).failures().get(0);
  }

  private static String goal(int wanted) {
    return "0 in " + Goals.number(wanted);
  }

  private static String command(int runs, long seed, String more) {
    return "./p2pkit simulate --random " + runs + " --seed " + seed + more;
  }
}
