// Scenarios as text: what can be said, and how wrong ones are refused.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.p2pkit.overlay.simulator.scenario.Incident.Kind;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioTextTest {
  private static Scenario read(String text) {
    ScenarioBuilder builder = new ScenarioBuilder();
    ScenarioText.read(text, builder);
    return builder.build();
  }

  @Test
  void aTextSaysWhatTheNetworkIsLikeAndWhatHappens() {
    Scenario scenario =
        read(
            """
            # A comment.
            name Two halves
            peers 200   # more than usual
            seconds 100
            session 60m
            loss 1%
            mode available
            at 30s partition 50% for 20s
            at 10s kill 5
            every 40s pause 1 for 8s
            """);
    assertThat(scenario.name()).isEqualTo("Two halves");
    assertThat(scenario.peers()).isEqualTo(200);
    assertThat(scenario.length()).isEqualTo(100_000_000);
    assertThat(scenario.session()).isEqualTo(3_600_000_000L);
    assertThat(scenario.conditions().retransmission()).isEqualTo(0.01);
    assertThat(scenario.conditions().loss()).isZero();
    assertThat(scenario.mode()).isEqualTo(OwnershipMode.AVAILABLE);
    assertThat(scenario.incidents())
        .containsExactly(
            new Incident(10_000_000, Kind.KILL, Amount.count(5), 0),
            new Incident(30_000_000, Kind.PARTITION, Amount.share(0.5), 20_000_000),
            new Incident(40_000_000, Kind.PAUSE, Amount.count(1), 8_000_000),
            new Incident(80_000_000, Kind.PAUSE, Amount.count(1), 8_000_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"loss 1%\nvanish 2%", "vanish 2%\nloss 1%"})
  void whatTcpSendsAgainAndWhatVanishesStandSideBySide(String text) {
    Scenario scenario = read(text);
    assertThat(scenario.conditions().retransmission()).isEqualTo(0.01);
    assertThat(scenario.conditions().loss()).isEqualTo(0.02);
  }

  @ParameterizedTest
  @CsvSource({"1ms, 1000", "10m, 600000000"})
  void aDeadlineMayBeAsShortAndAsLongAsThatOfASend(String text, long micros) {
    assertThat(read("deadline " + text).deadline()).isEqualTo(micros);
  }

  @Test
  void whatRepeatsDoesSoUntilTheEndWhereverThatIsSaid() {
    assertThat(read("every 10s kill 1\nseconds 31").incidents()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peers many                  | line 1: a whole number from 1 to 2000000 is needed",
        "peers 0                     | a whole number",
        "peers 99999999999999999999  | a whole number",
        "colour blue                 | there is no setting 'colour'",
        "peers                       | a setting is a word and its value",
        "loss 101%                   | at most 100%",
        "loss -1%                    | a share is written like",
        "session forever             | a time is written like",
        "session 0s                  | a time above 0",
        "deadline 900us              | line 1: a deadline lies between 1ms and 10m",
        "deadline 601s               | line 1: a deadline lies between 1ms and 10m",
        "delay 1h                    | at most 10s",
        "mode careless               | strict or available",
        "at 5s explode 1             | nothing is called 'explode'",
        "at 5s pause 1               | needs how long it lasts",
        "at 5s kill                  | an incident is written",
        "at 5s kill 101%             | at most 100%",
        "every 0s kill 1             | a time above 0",
        "name <script>               | a name has 1 to 80",
      })
  void aLineThatCannotBeReadIsNamedAndExplained(String line, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(line))
        .withMessageContaining(sentence);
  }

  @Test
  void theWrongLineIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("peers 5\n\nloss much"))
        .withMessageStartingWith("line 3: ");
  }

  @Test
  void hugeScenariosAreRefusedBeforeTheyCostAnything() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("#".repeat(ScenarioText.LONGEST + 1)))
        .withMessageContaining("at most");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("seconds 1000000\nevery 1us kill 1"))
        .withMessageContaining("at most 100000 incidents");
    assertThatIllegalArgumentException().isThrownBy(() -> read("x".repeat(5_000)));
  }

  @Test
  void noiseIsRefusedWithASentenceAndNothingElse() {
    Random random = new Random(1);
    String letters = "peers at every 5s 10% kill for loss\n\t#%.-:é\0";
    for (int i = 0; i < 3_000; i++) {
      StringBuilder noise = new StringBuilder();
      for (int k = random.nextInt(60); k > 0; k--) {
        noise.append(letters.charAt(random.nextInt(letters.length())));
      }
      try {
        ScenarioText.read(noise.toString(), new ScenarioBuilder());
      } catch (IllegalArgumentException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void allBuiltInScenariosAndGoalsCanBeRead() {
    for (String name : BuiltInScenarios.names()) {
      String text = BuiltInScenarios.text(name).orElseThrow();
      assertThat(read(text).peers()).as(name).isPositive();
      assertThat(BuiltInScenarios.summary(text)).as(name).endsWith(".");
    }
    for (Goal goal : Goals.all()) {
      assertThat(goal.scenario().peers()).as(goal.topic()).isPositive();
      assertThat(goal.command(1)).startsWith("./p2pkit simulate ");
    }
    for (int seed = 0; seed < 500; seed++) {
      assertThat(RandomScenarios.of(seed).peers()).isBetween(2, 300);
    }
  }

  @Test
  void ofTheTableOfGoalsOnlyTheRowsThatWereMeasuredAreReplaced() {
    Goal first = Goals.all().get(0);
    Goal third = Goals.all().get(2);
    String kept = "| " + third.topic() + " | as before |";
    String page =
        String.join("\n", "before", GoalsPage.BEGIN, "| gone | x |", kept, GoalsPage.END, "after");
    GoalRow row = new GoalRow(first.topic(), first.goal(), "1 | 2", GoalRow.State.MET, "command");
    String with = GoalsPage.with(page, List.of(row));
    assertThat(with.lines())
        .containsSubsequence("before", GoalsPage.BEGIN)
        .containsSubsequence(
            "| " + first.topic() + " | " + first.goal() + " | 1 \\| 2 | met | `command` |", kept)
        .containsSubsequence(GoalsPage.END, "after")
        .noneMatch(line -> line.contains("gone"));
    assertThat(GoalsPage.with(with, List.of(row))).isEqualTo(with);
    assertThatIllegalArgumentException().isThrownBy(() -> GoalsPage.with("no marks", List.of()));
  }
}
