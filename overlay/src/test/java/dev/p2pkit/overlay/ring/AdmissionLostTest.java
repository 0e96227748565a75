// An arc is handed over and the message that says so is lost.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Real rings, 40 ms one way, with the fault site that loses an admission once it is decided. */
class AdmissionLostTest {
  /** A ring of four, whose next admission is lost so many times. */
  private static RingScenario losing(int times) {
    RingScenario scenario = new RingScenario(7);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLatency(40_000, 1));
    scenario.grow(4);
    scenario.heals(Duration.ofSeconds(30));
    int[] left = {times};
    scenario.simulation.faults(site -> site == FaultSite.ADMISSION_LOST && left[0]-- > 0);
    return scenario;
  }

  /** For how long nobody serves the newcomer's position from the first admission on. */
  private static long unserved(int lost) {
    RingScenario scenario = losing(lost);
    RingPeer newcomer = scenario.joiner(scenario.peers.get(0));
    long unserved = 0;
    for (int i = 0; i < 2_000 && !newcomer.owns(newcomer.id().position()); i++) {
      scenario.simulation.runFor(Duration.ofMillis(5));
      boolean served =
          scenario.peers.stream().anyMatch(peer -> peer.owns(newcomer.id().position()));
      unserved += served ? 0 : 5;
    }
    assertThat(newcomer.owns(newcomer.id().position())).isTrue();
    return unserved;
  }

  @Test
  void oneThatIsLostCostsARetryAndARoundTrip() {
    // 250 ms, the question and its answer, the admission; in place of the first admission.
    assertThat(unserved(1) - unserved(0)).isLessThanOrEqualTo(250 + 80 + 40);
  }

  @Test
  void eachFurtherOneCostsTheSame() {
    assertThat(unserved(3) - unserved(0)).isLessThanOrEqualTo(3 * (250 + 80 + 40));
  }
}
