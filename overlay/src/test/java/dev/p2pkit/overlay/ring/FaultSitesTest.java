// Each place where a simulation lets something go wrong is reached, and a ring outlives it.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.FaultSites;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultSitesTest {
  /** Fires at one site, the first time that it is asked and every fourth after that. */
  private static final class One implements FaultSites {
    private final FaultSite site;
    private int asked;

    One(FaultSite site) {
      this.site = site;
    }

    @Override
    public boolean fires(FaultSite at) {
      return at == site && asked++ % 4 == 0;
    }
  }

  @ParameterizedTest
  @EnumSource(FaultSite.class)
  void aRingOutlivesEachFaultAndIsWholeAfterIt(FaultSite site) {
    RingScenario scenario = RingScenario.ring(71, 24);
    One faults = new One(site);
    scenario.simulation.faults(faults);
    RingPeer entry = scenario.members().get(0);
    scenario.members().get(5).process.kill();
    scenario.members().get(11).process.killHost();
    RingPeer joiner = scenario.joiner(entry);
    scenario.run(30);
    assertThat(faults.asked).as("times that the site was asked").isPositive();
    scenario.simulation.faults(FaultSites.NONE);
    if (!joiner.joined) {
      joiner.join(scenario.members().get(0));
    }
    scenario.heals(Duration.ofSeconds(60));
    assertThat(scenario.members()).hasSize(23);
  }

  @Test
  void theSmallestTableIsTakenThoughEverybodyFitsTheBudgetAndEveryKeyIsServed() {
    RingScenario scenario = new RingScenario(72);
    scenario.form(150);
    scenario.simulation.faults(site -> site == FaultSite.TABLE_SMALLEST);
    scenario.run(25);
    assertThat(scenario.peers).anyMatch(peer -> !peer.ring.ladder().full());
    scenario.members().get(17).process.kill();
    scenario.run(20);
    scenario.everyKeyHasOneOwner();
  }
}
