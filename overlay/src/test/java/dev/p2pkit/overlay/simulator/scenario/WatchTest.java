// What a run watches besides its promises to callers: that each arc is served, and what peers send.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static ScenarioBuilder quiet() {
    return new ScenarioBuilder()
        .set("peers", "20")
        .set("seconds", "40")
        .set("sends-per-second", "10")
        .set("deadline", "1s");
  }

  @Test
  void anArcThatNobodyServesIsFoundByTheMessageForIt() {
    World world = new World(quiet().build(), 1, RunOptions.PLAIN);
    world.form();
    world.simulation.runFor(Duration.ofSeconds(5));
    world.workload().askAll();
    world.simulation.runFor(Duration.ofSeconds(2));
    assertThat(world.workload().unserved()).isEmpty();
    List<Node> asleep = List.copyOf(world.some(10));
    asleep.forEach(node -> node.process.pause());
    world.workload().askAll();
    world.simulation.runFor(Duration.ofSeconds(2));
    assertThat(world.workload().unserved()).isPresent();
  }

  @Test
  void whatAPeerSendsIsEstimatedWhereOneMessageInManyIsMeasured() {
    double exact = most(quiet());
    double estimated = most(quiet().set("sizes", "16"));
    assertThat(estimated).isBetween(0.75 * exact, 1.25 * exact);
  }

  private static double most(ScenarioBuilder scenario) {
    return ScenarioRun.play(scenario.build(), 1, RunOptions.PLAIN)
        .figure("bytesPerPeerPerSecondMost");
  }
}
