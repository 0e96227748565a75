// Messages on tables that hold an arc and contacts: all arrive, in as many hops as there are
// levels.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.overlay.simulator.scenario.RunOptions;
import dev.p2pkit.overlay.simulator.scenario.Scenario;
import dev.p2pkit.overlay.simulator.scenario.ScenarioBuilder;
import dev.p2pkit.overlay.simulator.scenario.ScenarioRun;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LadderTrafficTest {
  private static ScenarioBuilder ring(int peers, int seconds) {
    return new ScenarioBuilder()
        .set("peers", Integer.toString(peers))
        .set("seconds", Integer.toString(seconds))
        .set("formed", "yes")
        .set("delay", "20ms")
        .set("codec", "0");
  }

  private static Report play(Scenario scenario) {
    Report report = ScenarioRun.play(scenario, 3, RunOptions.PLAIN);
    assertThat(report.failures()).as("%s", report.figures()).isEmpty();
    assertThat(report.figure("falseOutcomes")).isZero();
    return report;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void everyMessageFindsTheOwnerInAsManyHopsAsThereAreLevels(int level) {
    Report report =
        play(
            ring(300, 15)
                .set("level", Integer.toString(level))
                .set("session", "none")
                .set("sends-per-second", "40")
                .build());
    assertThat(report.figure("delivered")).isEqualTo(report.figure("sends")).isGreaterThan(300);
    assertThat(report.figure("hopsMean")).isBetween(0.5, (double) level);
    assertThat(report.figure("hopsP99")).isLessThanOrEqualTo(level);
  }
}
