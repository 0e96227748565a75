// A fifth of the peers lies together: messages with a check still get to the owner of their key.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CollusionTest {
  private static Report play(int peers, int seconds, String check, int level, long seed) {
    Scenario scenario =
        new ScenarioBuilder()
            .set("peers", Integer.toString(peers))
            .set("seconds", Integer.toString(seconds))
            .set("colluding", "20%")
            .set("check", check)
            .set("level", Integer.toString(level))
            .set("sends-per-second", "60")
            .set("broadcasts", "0")
            .set("settle", "no")
            .build();
    return ScenarioRun.play(scenario, seed, RunOptions.PLAIN);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2"})
  void withAFifthOfThePeersLyingMessagesWithACheckReachTheOwner(int level, long seed) {
    Report report = play(80, 4, "nearest", level, seed);
    assertThat(report.figure("sends")).isGreaterThan(200);
    assertThat(report.figure("atOwner")).isGreaterThanOrEqualTo(0.99);
  }

  @Test
  void withoutACheckTheLiarsAreBelieved() {
    Report report = play(80, 4, "none", 2, 3);
    assertThat(report.figure("atOwner")).isLessThan(0.99);
    assertThat(report.figure("falseOutcomes")).isPositive();
  }

  @Test
  void whoLiesAboutDeathsTakesNobodyOffTheRing() {
    Report report = play(50, 12, "none", 1, 4);
    assertThat(report.figure("servedShare")).isGreaterThan(0.97);
  }

  @Test
  @Tag("long")
  void withAFifthOfAThousandLyingMessagesWithACheckReachTheOwner() {
    Report report = play(1_000, 20, "nearest", 1, 5);
    assertThat(report.figure("atOwner")).isGreaterThanOrEqualTo(0.99);
  }
}
