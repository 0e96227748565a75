// The table of goals says "met" only of what was reached.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalsTest {
  private static GoalRow.State state(int runs, long overlaps, long falseOutcomes, int failed) {
    return RandomGoals.narrow(
            new RandomRuns.Sum(runs, overlaps, 0, 0, 0, falseOutcomes, 1, 1, failed, List.of()), 1)
        .state();
  }

  @Test
  void theRandomScenariosAreMetOnlyIfNoneOfTenThousandHasFailed() {
    assertThat(state(10_000, 0, 0, 0)).isEqualTo(GoalRow.State.MET);
    assertThat(state(10_000, 1, 0, 0)).isEqualTo(GoalRow.State.MISSED);
    assertThat(state(10_000, 0, 1, 0)).isEqualTo(GoalRow.State.MISSED);
    assertThat(state(10_000, 0, 0, 1)).isEqualTo(GoalRow.State.MISSED);
  }

  @Test
  void tooFewRandomScenariosLeaveTheRowOpenUnlessOneOfThemHasFailed() {
    assertThat(state(9_999, 0, 0, 0)).isEqualTo(GoalRow.State.OPEN);
    assertThat(state(9_999, 1, 0, 0)).isEqualTo(GoalRow.State.MISSED);
    assertThat(state(9_999, 0, 1, 0)).isEqualTo(GoalRow.State.MISSED);
    assertThat(state(9_999, 0, 0, 1)).isEqualTo(GoalRow.State.MISSED);
    RandomRuns.Sum few = new RandomRuns.Sum(299, 0, 0, 0, 0, 0, 1, 1, 0, List.of());
    assertThat(RandomGoals.narrow(few, 1).measured()).startsWith("299 of 10,000 runs: 0 overlaps");
    assertThat(RandomGoals.wide(few, 1).measured()).startsWith("299 of 300 runs: 0 overlaps");
    assertThat(RandomGoals.wide(few, 1).state()).isEqualTo(GoalRow.State.OPEN);
  }

  private static final String COMMAND = "./p2pkit simulate";

  private static String page(String... lines) {
    return GoalsPage.BEGIN + "\n" + String.join("\n", lines) + "\n" + GoalsPage.END + "\n";
  }

  @Test
  void aPageGetsARowForEachGoalAndKeepsWhatWasMeasuredOfThoseThatAreNotPlayed() {
    Goal kept = Goals.all().get(0);
    Goal played = Goals.all().get(1);
    Goal stale = Goals.all().get(2);
    String line = "| " + kept.topic() + " | some goal | 7 of 9 | met | `" + COMMAND + "` |";
    String page =
        GoalsPage.with(
            page(
                line,
                "| " + stale.topic() + " | old goal | not measured yet | open | `old` |",
                "| a goal that is no more | 1 | 2 | met | `gone` |"),
            List.of(
                new GoalRow(played.topic(), "g", "3", GoalRow.State.MISSED, played.command(1))));
    assertThat(page.lines())
        .hasSize(Goals.all().size() + 3 + 4)
        .contains(line)
        .contains("| " + played.topic() + " | g | 3 | **missed** | `" + played.command(1) + "` |")
        .contains(
            "| "
                + stale.topic()
                + " | "
                + stale.goal()
                + " | not measured yet | open | `"
                + stale.command(1)
                + "` |")
        .noneMatch(each -> each.contains("a goal that is no more"));
    assertThat(GoalsPage.with(page, List.of())).isEqualTo(page);
  }

  @Test
  void aTableOfAllSaysOfGoalsThatWereNotPlayedThatTheyAreOpen() {
    Goal played = Goals.all().get(3);
    GoalRow row = new GoalRow(played.topic(), "g", "3", GoalRow.State.MET, played.command(1));
    List<GoalRow> whole = Goals.whole(List.of(row));
    assertThat(whole).hasSize(Goals.all().size() + 3).contains(row);
    assertThat(whole)
        .filteredOn(each -> !each.equals(row))
        .allMatch(each -> each.state() == GoalRow.State.OPEN && !each.met());
  }

  @Test
  void aRowOfSeveralSeedsIsTheWorstAndItsCommandPlaysThatOne() {
    Map<String, String> settings = Map.of("peers", "3", "seconds", "1", "settle", "no");
    Repeats repeats = new Repeats(3, report -> -report.seed());
    Goal alike =
        new Goal(
            "t", "g", false, "", settings, seen -> new Measured("" + seen.seed(), true), repeats);
    GoalRow last = alike.row(alike.worst(5, RunOptions.PLAIN));
    assertThat(last.measured()).isEqualTo("7; worst of 3 seeds");
    assertThat(last.command()).endsWith(" --seed 7");
    Goal missedOnce =
        new Goal(
            "t",
            "g",
            false,
            "",
            settings,
            seen -> new Measured("" + seen.seed(), seen.seed() != 1),
            repeats);
    GoalRow row = missedOnce.row(missedOnce.worst(Goal.DEFAULT_SEED, RunOptions.PLAIN));
    assertThat(row.state()).isEqualTo(GoalRow.State.MISSED);
    assertThat(row.measured()).isEqualTo("1; worst of 3 seeds");
    assertThat(row.command()).doesNotContain("--seed");
  }

  private static Measured simulator(String peers, double memory, double speed) {
    Map<String, Double> figures =
        Map.of(
            "memoryPerPeerBytes", memory,
            "eventsPerSecond", speed,
            "eventsPerProcessorSecond", speed);
    Report report =
        new Report(
            new ScenarioBuilder().build(),
            1,
            0,
            figures,
            Map.of(),
            List.of(),
            new long[0],
            List.of(),
            List.of(),
            -1);
    return Goals.all().stream()
        .filter(goal -> goal.topic().startsWith("simulator, " + peers + " peers"))
        .findFirst()
        .orElseThrow()
        .judge()
        .apply(report);
  }

  @Test
  void theSimulatorsRowsAreMissedByPeersThatDoNotFitIntoMemory() {
    assertThat(simulator("100,000", 257_600, 90_000).met()).isTrue();
    assertThat(simulator("100,000", 257_800, 2_000_000).met()).isFalse();
    assertThat(simulator("100,000", Double.NaN, 2_000_000).met()).isFalse();
    assertThat(simulator("100,000", 257_600, 90_000).text()).contains("90,000 events/s");
    assertThat(simulator("1,000,000", 25_700, 1_000_000).met()).isTrue();
    assertThat(simulator("1,000,000", 25_800, 1_000_000).met()).isFalse();
    assertThat(simulator("1,000,000", 25_700, 999_999).met()).isFalse();
  }

  @Test
  void realProcessesMeetTheirGoalOnlyIfTheyAreFastAndSmall() {
    assertThat(RealGoal.row(10_000, 1_024).state()).isEqualTo(GoalRow.State.MET);
    assertThat(RealGoal.row(10_001, 1_024).state()).isEqualTo(GoalRow.State.MISSED);
    assertThat(RealGoal.row(10_000, 1_025).state()).isEqualTo(GoalRow.State.MISSED);
    assertThat(RealGoal.row(Double.NaN, 452).state()).isEqualTo(GoalRow.State.MISSED);
    assertThat(RealGoal.row(10_000, Double.NaN).state()).isEqualTo(GoalRow.State.MISSED);
    assertThat(RealGoal.row(16_000, 452).measured())
        .isEqualTo("complete after 16.0 s, 452 KiB per further peer");
  }

  @Test
  void theRowsOfHopsLastUntilSomeThirtyPeersHaveDiedOfAge() {
    assertThat(Goals.all())
        .filteredOn(goal -> goal.topic().startsWith("hops, ") && goal.topic().contains("sessions"))
        .hasSize(7)
        .allSatisfy(
            goal -> {
              Scenario played = goal.scenario();
              double deaths = (double) played.peers() * played.length() / played.session();
              assertThat(deaths).as(goal.topic()).isGreaterThanOrEqualTo(30);
            });
  }

  @Test
  void sendsWithShortSessionsArePlayedWithThreeSeeds() {
    assertThat(Goals.all())
        .filteredOn(goal -> goal.repeats().seeds() == 3)
        .hasSize(3)
        .allMatch(goal -> goal.topic().contains("sends") && goal.topic().contains("1.4 min"));
  }

  @Test
  void overlapsDuringPartitionsAndAfterThemAreToldApart() {
    RandomRuns.Sum sum = new RandomRuns.Sum(10_000, 0, 6_060, 60, 7, 0, 1, 1, 0, List.of());
    assertThat(RandomGoals.narrow(sum, 1).measured())
        .contains("6,000 overlaps during partitions, 60 in the minute after them, 7 allowed");
  }
}
