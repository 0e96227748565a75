// A row of the table of goals whose run breaks a promise leaves its seed and its story.
package dev.p2pkit.peer.cli.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.scenario.Goal;
import dev.p2pkit.overlay.simulator.scenario.Measured;
import dev.p2pkit.overlay.simulator.scenario.RandomGoals;
import dev.p2pkit.overlay.simulator.scenario.RandomRuns;
import dev.p2pkit.overlay.simulator.scenario.Repeats;
import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.overlay.simulator.scenario.RunOptions;
import dev.p2pkit.overlay.simulator.scenario.ScenarioRun;
import dev.p2pkit.peer.cli.output.Output;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoalTableTest {
  @TempDir Path directory;
  private final StringWriter err = new StringWriter();
  private final Output output =
      new Output(new PrintWriter(new StringWriter()), new PrintWriter(err));

  private static Goal goal(Map<String, String> settings) {
    return new Goal(
        "topic",
        "goal",
        false,
        "",
        settings,
        report -> new Measured("as good", true),
        new Repeats(1, report -> 0));
  }

  /** Who dies without a word in the last seconds is still in the lists of others. */
  private static Goal hopeless() {
    return goal(
        Map.of("peers", "20", "seconds", "5", "session", "10s", "silent", "yes", "settle", "1ms"));
  }

  private static GoalTable.Measurement played(Goal goal) {
    return GoalTable.of(goal, goal.worst(9, RunOptions.PLAIN));
  }

  private static RandomRuns.Sum failed(Report... reports) {
    return new RandomRuns.Sum(300, 0, 0, 0, 0, 0, 1, 1, reports.length, List.of(reports));
  }

  @Test
  void aBrokenRunIsNamedInItsRowAndToldInAFile() throws Exception {
    GoalTable table = new GoalTable(output, directory, Optional.empty());
    table.measure("calm", () -> played(goal(Map.of("peers", "5", "seconds", "2"))));
    table.measure("hopeless", () -> played(hopeless()));
    assertThat(table.rows().get(0).met()).isTrue();
    assertThat(table.rows().get(1).met()).isFalse();
    assertThat(table.rows().get(1).measured()).startsWith("as good; broken with seed 9: not whole");
    assertThat(err.toString()).contains("broken: not whole").contains("seed 9;");
    assertThat(directory.resolve("simulate-9-row-1.txt")).doesNotExist();
    assertThat(Files.readString(directory.resolve("simulate-9-row-2.txt")))
        .contains("seed 9")
        .contains("dies with its host");
  }

  @Test
  void ofRandomRunsAllSeedsThatFailedAreNamedAndTheFirstIsTold() throws Exception {
    GoalTable table = new GoalTable(output, directory, Optional.empty());
    Report one = ScenarioRun.play(hopeless().scenario(), 12, RunOptions.PLAIN);
    Report other = ScenarioRun.play(hopeless().scenario(), 15, RunOptions.PLAIN);
    RandomRuns.Sum runs = failed(one, other);
    table.measure("random", () -> GoalTable.of(RandomGoals.wide(runs, 1), runs));
    assertThat(table.rows().get(0).measured())
        .contains("2 runs failed")
        .contains("; broken with seeds 12, 15, the first: not whole");
    assertThat(directory.resolve("simulate-12-row-1.txt")).isNotEmptyFile();
    RandomRuns.Sum single = failed(other);
    assertThat(RandomGoals.wide(single, 1).measured()).contains("with seed 15: not whole");
    assertThat(RandomGoals.wide(failed(), 1).measured()).doesNotContain("broken");
  }

  @Test
  void aStoryThatCannotBeWrittenCostsNoRow() throws Exception {
    Path gone = directory.resolve("gone");
    GoalTable table = new GoalTable(output, gone, Optional.empty());
    table.measure("hopeless", () -> played(hopeless()));
    assertThat(table.rows()).hasSize(1);
    assertThat(err.toString()).contains("cannot write " + gone);
  }
}
