// p2pkit simulate: whole networks in virtual time.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.simulator.scenario.Goal;
import dev.p2pkit.overlay.simulator.scenario.GoalRow;
import dev.p2pkit.overlay.simulator.scenario.Goals;
import dev.p2pkit.overlay.simulator.scenario.GoalsPage;
import dev.p2pkit.overlay.simulator.scenario.RandomGoals;
import dev.p2pkit.overlay.simulator.scenario.RandomRuns;
import dev.p2pkit.overlay.simulator.scenario.RandomScenarios;
import dev.p2pkit.overlay.simulator.scenario.RealGoal;
import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.overlay.simulator.scenario.RunOptions;
import dev.p2pkit.overlay.simulator.scenario.Scenario;
import dev.p2pkit.overlay.simulator.scenario.ScenarioRun;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.peer.cli.simulate.GoalTable;
import dev.p2pkit.peer.cli.simulate.HtmlReport;
import dev.p2pkit.peer.cli.simulate.ProgressBar;
import dev.p2pkit.peer.cli.simulate.ReportText;
import dev.p2pkit.peer.cli.simulate.RunStory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Plays scenarios with the machines that run on sockets, while oracles watch. */
@Command(
    name = "simulate",
    description = {
      "Plays a network in virtual time, with its faults.",
      "The ring, leases, routing and broadcast are the real ones, and oracles watch. The same seed"
          + " gives the same run. Ends with 1 if a promise was broken, and writes down what led to"
          + " it."
    },
    footer = {
      "",
      "Built-in scenarios:",
      "  steady    long sessions, a little loss",
      "  churn     peers that stay for a minute or two",
      "  storm     everything at once",
      "  crash     processes die one by one while their hosts live on",
      "  silent    hosts die one by one",
      "  leave     peers leave one by one and others come",
      "  masskill  half of the peers die at once",
      "  split     two halves lose each other and meet again",
      "  pauses    processes stop for seconds",
      "  small     three peers",
      "  widowed   of two or three peers one dies silently, again and again",
      "",
      "docs/overlay.md tells what a scenario file is like and what the figures mean."
    })
final class SimulateCommand extends KitCommand {
  @Mixin SimulateOptions options = new SimulateOptions();

  @Option(names = "--seed", paramLabel = "N", description = "Which run; 1 by default.")
  long seed = Goal.DEFAULT_SEED;

  @Option(
      names = "--random",
      paramLabel = "N",
      description =
          "N random scenarios instead of one, numbered from the seed, on all processors. One in 32 has"
              + " 61 to 300 peers, three in 32 two or three, the others 3 to 60. With --goals: so"
              + " many for their row; 10000 by default, which it wants.")
  Optional<Integer> random = Optional.empty();

  @Option(
      names = "--wide",
      description =
          "With --random: wider ones, of 100 to 400 peers that come and go for one to two minutes.")
  boolean wide;

  @Option(
      names = "--wide-runs",
      paramLabel = "N",
      description =
          "With --goals: N wider random scenarios for their row; 300 by default, which it wants. Each"
              + " takes as long as some thirty of the others.")
  Optional<Integer> wideRuns = Optional.empty();

  @Option(
      names = "--goals",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "PATTERN",
      description =
          "Measures what docs/overlay.md promises and prints the table. About half an hour of processor"
              + " time; with --big hours, and more than 24 GiB of memory. With a regular expression:"
              + " only the goals in whose topic it is found, large ones, too.")
  Optional<String> goals = Optional.empty();

  @Option(
      names = "--big",
      description = "With --goals: the large networks and 200 real peers, too.")
  boolean big;

  @Option(
      names = "--into",
      paramLabel = "FILE",
      description = "With --goals: puts each row into this page as soon as it is measured.")
  Optional<Path> into = Optional.empty();

  @Option(names = "--html", paramLabel = "FILE", description = "Writes a page with charts.")
  Optional<Path> html = Optional.empty();

  @Option(
      names = "--transcript",
      paramLabel = "FILE",
      description =
          "Where a failed run is told; simulate-SEED.txt by default. With --goals always"
              + " simulate-SEED-row-N.txt.")
  Optional<Path> transcript = Optional.empty();

  @Override
  public Integer call() throws Exception {
    if (goals.isPresent()) {
      onlyWith(
          "--goals", Set.of("--goals", "--big", "--into", "--seed", "--random", "--wide-runs"));
      return playGoals(goals.get());
    }
    if (big || into.isPresent() || wideRuns.isPresent()) {
      throw usage("--big, --into and --wide-runs belong to --goals");
    }
    place("--transcript", transcript);
    if (wide && random.isEmpty()) {
      throw usage("--wide belongs to --random");
    }
    if (random.isPresent()) {
      onlyWith("--random", Set.of("--random", "--wide", "--seed", "--json", "--transcript"));
      return playRandom(random.get());
    }
    place("--html", html);
    Scenario scenario;
    try {
      scenario = options.read();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    Report report;
    try (ProgressBar bar = bar()) {
      report =
          ScenarioRun.play(scenario, seed, RunOptions.PLAIN.withMemory(true).withProgress(bar::at));
    }
    return show(report);
  }

  /** What has no meaning beside a mode is refused, since a run without it may take long. */
  private void onlyWith(String mode, Set<String> others) {
    for (String option : given()) {
      if (!others.contains(option)) {
        throw usage(option + " has no meaning with " + mode);
      }
    }
    if (options.scenario.isPresent()) {
      throw usage("a scenario has no meaning with " + mode);
    }
  }

  /** Fails before the run if a file could not be written after it. */
  private void place(String option, Optional<Path> file) {
    if (file.isPresent()) {
      Path folder = file.get().toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file.get())) {
        throw usage(option + ": '" + file.get() + "' is no file in a directory that exists");
      }
    }
  }

  private ProgressBar bar() {
    return new ProgressBar(output(), terminal(true));
  }

  private int show(Report report) throws IOException {
    if (html.isPresent()) {
      Files.writeString(html.get(), HtmlReport.of(report));
    }
    if (json) {
      output().json(ReportText.json(report));
    } else {
      ReportText.print(report, output());
    }
    if (report.kept()) {
      return Main.DONE;
    }
    explain(report);
    return Main.FAILED;
  }

  private void explain(Report report) throws IOException {
    RunStory.write(
        report, transcript.orElse(Path.of("simulate-" + report.seed() + ".txt")), output());
  }

  private int playGoals(String text) throws Exception {
    Optional<Pattern> pattern;
    try {
      pattern = Optional.of(text).filter(each -> !each.isEmpty()).map(Pattern::compile);
    } catch (PatternSyntaxException e) {
      throw usage("--goals: '" + text + "' is no regular expression: " + e.getDescription());
    }
    int narrow = atLeastOne("--random", random.orElse(RandomGoals.NARROW_RUNS));
    int wider = atLeastOne("--wide-runs", wideRuns.orElse(RandomGoals.WIDE_RUNS));
    if (into.isPresent()) {
      // A page that cannot take the rows is refused before minutes are spent on the first.
      try {
        GoalsPage.with(Files.readString(into.get()), List.of());
      } catch (IOException | IllegalArgumentException e) {
        throw usage("--into: '" + into.get() + "': " + e.getMessage());
      }
    }
    GoalTable table = new GoalTable(output(), Path.of(""), into);
    if (pattern.map(each -> each.matcher(RandomGoals.NARROW).find()).orElse(true)) {
      table.measure(
          RandomGoals.NARROW,
          () -> {
            RandomRuns.Sum runs = randomRuns(RandomScenarios::of, narrow);
            return GoalTable.of(RandomGoals.narrow(runs, seed), runs);
          });
    }
    if (pattern.map(each -> each.matcher(RandomGoals.WIDE).find()).orElse(big)) {
      table.measure(
          RandomGoals.WIDE,
          () -> {
            RandomRuns.Sum runs = randomRuns(RandomScenarios::wide, wider);
            return GoalTable.of(RandomGoals.wide(runs, seed), runs);
          });
    }
    for (Goal goal : Goals.matching(pattern, big)) {
      table.measure(goal.topic(), () -> GoalTable.of(goal, worst(goal)));
    }
    if (pattern.map(each -> each.matcher(RealGoal.TOPIC).find()).orElse(big)) {
      table.measure(
          RealGoal.TOPIC,
          () -> new GoalTable.Measurement(BenchRingCommand.goal(output()), Optional.empty()));
    }
    List<GoalRow> rows = table.rows();
    if (rows.isEmpty()) {
      throw usage("--goals: no topic has '" + text + "' in it");
    }
    output().line(GoalsPage.table(pattern.isPresent() ? rows : Goals.whole(rows)));
    return rows.stream().allMatch(GoalRow::met) ? Main.DONE : Main.FAILED;
  }

  private Report worst(Goal goal) {
    try (ProgressBar bar = bar()) {
      return goal.worst(
          seed,
          RunOptions.PLAIN
              .withMemory(true)
              .withTrace(false)
              .withProgress((share, what) -> bar.at(share, goal.topic())));
    }
  }

  private RandomRuns.Sum randomRuns(LongFunction<Scenario> scenarios, int count)
      throws InterruptedException {
    try (ProgressBar bar = bar()) {
      return RandomRuns.play(
          scenarios,
          seed,
          count,
          Runtime.getRuntime().availableProcessors(),
          over -> bar.at((double) over / count, "random scenarios: " + over));
    }
  }

  private int atLeastOne(String option, int count) {
    if (count < 1) {
      throw usage(option + ": at least one run is needed, not " + count);
    }
    return count;
  }

  private int playRandom(int count) throws Exception {
    atLeastOne("--random", count);
    long began = System.nanoTime();
    RandomRuns.Sum sum;
    try (ProgressBar bar = bar()) {
      sum =
          RandomRuns.play(
              wide ? RandomScenarios::wide : RandomScenarios::of,
              seed,
              count,
              Runtime.getRuntime().availableProcessors(),
              over -> bar.at((double) over / count, over + " of " + count));
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    if (json) {
      output().json(json(sum, seconds));
    } else {
      Table table = new Table("FIGURE", "VALUE");
      table.row("runs", Integer.toString(sum.runs()));
      table.row("failed", Integer.toString(sum.failed()));
      table.row("ownerOverlaps", Long.toString(sum.overlaps()));
      table.row("ownerOverlapsAcrossCuts", Long.toString(sum.overlapsAcrossCuts()));
      table.row("ownerOverlapsAfterCuts", Long.toString(sum.overlapsAfterCuts()));
      table.row("ownerOverlapsAvailable", Long.toString(sum.overlapsAvailable()));
      table.row("falseOutcomes", Long.toString(sum.falseOutcomes()));
      table.row("sends", Long.toString(sum.sends()));
      table.row("events", Long.toString(sum.events()));
      table.row("seconds", String.format(Locale.ROOT, "%.1f", seconds));
      table.print(output());
    }
    for (Report failed : sum.examples()) {
      output().note("seed " + failed.seed() + ": " + failed.failures().get(0));
    }
    if (sum.failed() > 0) {
      explain(sum.examples().get(0));
      String which = wide ? "--random 1 --wide" : "--random 1";
      output().note("'p2pkit simulate " + which + " --seed N' plays one of them again");
      return Main.FAILED;
    }
    return Main.DONE;
  }

  private static ObjectNode json(RandomRuns.Sum sum, double seconds) {
    ObjectNode json = Output.object();
    json.put("runs", sum.runs());
    json.put("failed", sum.failed());
    json.put("ownerOverlaps", sum.overlaps());
    json.put("ownerOverlapsAcrossCuts", sum.overlapsAcrossCuts());
    json.put("ownerOverlapsAfterCuts", sum.overlapsAfterCuts());
    json.put("ownerOverlapsAvailable", sum.overlapsAvailable());
    json.put("falseOutcomes", sum.falseOutcomes());
    json.put("sends", sum.sends());
    json.put("events", sum.events());
    json.put("seconds", Math.round(seconds * 10) / 10.0);
    ArrayNode seeds = json.putArray("failedSeeds");
    sum.examples().forEach(failed -> seeds.add(failed.seed()));
    return json;
  }
}
