// What becomes of messages in whole simulated networks: real rings, leases and routing tables.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.overlay.simulator.scenario.RunOptions;
import dev.p2pkit.overlay.simulator.scenario.ScenarioBuilder;
import dev.p2pkit.overlay.simulator.scenario.ScenarioRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OutcomesInNetworksTest {
  private static Report run(int peers, int level, String session, String lost, int seconds) {
    ScenarioBuilder builder = new ScenarioBuilder();
    builder
        .name("outcomes")
        .set("peers", Integer.toString(peers))
        .set("level", Integer.toString(level))
        .set("session", session)
        .set("vanish", lost)
        .set("seconds", Integer.toString(seconds))
        .set("sends-per-second", "100");
    return ScenarioRun.play(builder.build(), 7, RunOptions.PLAIN);
  }

  @Test
  void atLongSessionsEveryMessageArrivesWithinTwoSecondsThoughFramesAreLost() {
    for (int level = 1; level <= 3; level++) {
      Report report = run(80, level, "60m", "1%", 10);
      assertThat(report.figure("falseOutcomes")).as("level " + level).isZero();
      assertThat(report.figure("delivered")).isEqualTo(report.figure("sends"));
      assertThat(report.figure("within2s")).as("level " + level).isEqualTo(1);
    }
  }

  @Test
  void atShortSessionsNoOutcomeIsFalseAndOnlyWhatWasAtADeadPeerIsUnknown() {
    for (int level = 1; level <= 2; level++) {
      Report report = run(80, level, "84s", "1%", 15);
      assertThat(report.figure("falseOutcomes")).as("level " + level).isZero();
      assertThat(report.figure("notDelivered")).as("level " + level).isZero();
      assertThat(report.figure("unknown")).isLessThan(report.figure("sends") / 50);
    }
  }

  @Test
  void whatMayRepeatIsNeverUnknownAtShortSessions() {
    ScenarioBuilder builder = new ScenarioBuilder();
    builder
        .name("may repeat")
        .set("peers", "80")
        .set("session", "84s")
        .set("loss", "1%")
        .set("seconds", "20")
        .set("sends-per-second", "100")
        .set("repeatable", "yes");
    Report report = ScenarioRun.play(builder.build(), 7, RunOptions.PLAIN);
    assertThat(report.figure("falseOutcomes")).isZero();
    assertThat(report.figure("unknown")).isZero();
    assertThat(report.figure("within10s")).isEqualTo(1);
  }

  @Test
  @Tag("long")
  void outcomesAreTrueInNetworksOfAThousandAtEveryLevel() {
    for (int level = 1; level <= 3; level++) {
      for (String session : new String[] {"60m", "84s"}) {
        Report report = run(1_000, level, session, "1%", 60);
        assertThat(report.figure("falseOutcomes")).as(session + " " + level).isZero();
      }
    }
  }
}
