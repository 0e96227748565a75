// The table of goals while it is measured: each row is told and written down at once.
package dev.p2pkit.peer.cli.simulate;

import dev.p2pkit.overlay.simulator.scenario.Goal;
import dev.p2pkit.overlay.simulator.scenario.GoalRow;
import dev.p2pkit.overlay.simulator.scenario.GoalsPage;
import dev.p2pkit.overlay.simulator.scenario.RandomRuns;
import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.peer.cli.output.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Measures the rows of the table of goals one by one. Not thread-safe. */
public final class GoalTable {
  /**
   * A row that was measured.
   *
   * @param row what is shown
   * @param broken a run that broke a promise, if one has
   */
  public record Measurement(GoalRow row, Optional<Report> broken) {}

  private final Output output;
  private final Path directory;
  private final Optional<Path> page;
  private final List<GoalRow> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param directory where failed runs are told, in {@code simulate-SEED-row-N.txt}
   * @param page gets each row as soon as it is measured
   */
  public GoalTable(Output output, Path directory, Optional<Path> page) {
    this.output = output;
    this.directory = directory;
    this.page = page;
  }

  /** What a run has shown of a goal. */
  public static Measurement of(Goal goal, Report run) {
    return new Measurement(goal.row(run), Optional.of(run).filter(each -> !each.kept()));
  }

  /** What random runs have shown, of which the first that failed is told. */
  public static Measurement of(GoalRow row, RandomRuns.Sum runs) {
    return new Measurement(row, runs.examples().stream().findFirst());
  }

  /**
   * Measures a row, tells how it went and writes it down, since the next may take long; and tells
   * what led to a broken promise.
   *
   * @throws Exception if it cannot be measured, or not be put into the page
   */
  public void measure(String topic, Callable<Measurement> measure) throws Exception {
    long began = System.nanoTime();
    Measurement measured = measure.call();
    GoalRow row = measured.row();
    rows.add(row);
    if (page.isPresent()) {
      Path file = page.get();
      Files.writeString(file, GoalsPage.with(Files.readString(file), List.of(row)));
    }
    output.note(
        String.format(
            Locale.ROOT,
            "%s: %s, %s (%.0f s)",
            topic,
            row.state().word(),
            row.measured(),
            (System.nanoTime() - began) / 1e9));
    measured.broken().ifPresent(this::tell);
  }

  /** The other rows are worth more than this story: where it cannot be written, they go on. */
  private void tell(Report broken) {
    // Other rows are played with the same seed.
    Path file = directory.resolve("simulate-" + broken.seed() + "-row-" + rows.size() + ".txt");
    try {
      RunStory.write(broken, file, output);
    } catch (IOException e) {
      output.note("cannot write " + file + ", so the run stays untold: " + e.getMessage());
    }
  }

  /** The rows so far. */
  public List<GoalRow> rows() {
    return List.copyOf(rows);
  }
}
