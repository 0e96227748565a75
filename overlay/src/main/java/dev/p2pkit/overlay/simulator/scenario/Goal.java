// One thing that the overlay is meant to reach, and how that is measured.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * One thing that the overlay is meant to reach, with the scenario that shows it.
 *
 * @param topic what it is about
 * @param goal in words
 * @param big whether it takes long or much memory
 * @param base the name of a built-in scenario, empty for none
 * @param settings what is changed of it, in this order
 * @param judge reads the figures
 * @param repeats with how many seeds
 */
public record Goal(
    String topic,
    String goal,
    boolean big,
    String base,
    Map<String, String> settings,
    Function<Report, Measured> judge,
    Repeats repeats) {
  /** The run that is played if nobody says which. */
  public static final long DEFAULT_SEED = 1;

  /** The settings for which {@code p2pkit simulate} has flags of their own. */
  private static final List<String> FLAGS =
      List.of(
          "peers",
          "session",
          "loss",
          "delay",
          "mode",
          "seconds",
          "sends-per-second",
          "broadcasts",
          "level",
          "budget");

  /** The scenario that shows it. */
  public Scenario scenario() {
    ScenarioBuilder builder = new ScenarioBuilder();
    if (!base.isEmpty()) {
      builder.name(base);
      ScenarioText.read(BuiltInScenarios.text(base).orElseThrow(), builder);
    }
    settings.forEach(builder::set);
    return builder.build();
  }

  /**
   * How to play that scenario.
   *
   * @param seed which run
   */
  public String command(long seed) {
    StringBuilder command = new StringBuilder("./p2pkit simulate");
    if (!base.isEmpty()) {
      command.append(' ').append(base);
    }
    settings.forEach(
        (name, value) -> {
          boolean flag = FLAGS.contains(name);
          command.append(flag ? " --" + name + " " : " --set " + name + "=").append(value);
        });
    if (seed != DEFAULT_SEED) {
      command.append(" --seed ").append(seed);
    }
    return command.toString();
  }

  /** What stands in the table until it is measured. */
  GoalRow unmeasured() {
    return GoalRow.unmeasured(topic, goal, command(DEFAULT_SEED));
  }

  /**
   * Plays the scenario, on this thread, as often as the goal wants; returns the worst run, one that
   * breaks a promise if there is such a one.
   *
   * @param seed of the first run; see {@link ScenarioRun#play}
   */
  public Report worst(long seed, RunOptions options) {
    return LongStream.range(seed, seed + repeats.seeds())
        .mapToObj(each -> ScenarioRun.play(scenario(), each, options))
        .min(
            Comparator.comparing(Report::kept)
                .thenComparing(report -> judge.apply(report).met())
                .thenComparingDouble(repeats.quality()))
        .orElseThrow();
  }

  /** The row of a run; one that breaks a promise meets no goal, and its row names its seed. */
  public GoalRow row(Report report) {
    Measured measured = judge.apply(report);
    String text = measured.text();
    if (repeats.seeds() > 1) {
      text += "; worst of " + repeats.seeds() + " seeds";
    }
    if (!report.kept()) {
      text += "; broken with seed " + report.seed() + ": " + report.failures().get(0);
    }
    return new GoalRow(
        topic,
        goal,
        text,
        GoalRow.State.of(measured.met() && report.kept()),
        command(report.seed()));
  }
}
