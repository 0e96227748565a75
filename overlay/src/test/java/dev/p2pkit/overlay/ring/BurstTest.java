// Many peers start at the same moment, as those of a site do after a power cut.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BurstTest {
  /**
   * Newcomers know those who come while their news are under way, without comparing tables; and
   * those who came first, who have to tell most of it, can pay for it at once.
   */
  @ParameterizedTest
  @CsvSource({"60, 1", "60, 2", "60, 3", "200, 1"})
  void peersThatStartTogetherInOneBuildingKnowEachOtherSoon(int size, long seed) {
    RingScenario scenario = new RingScenario(seed);
    scenario.simulation.conditions(NetworkConditions.LOCAL_AREA);
    RingPeer first = scenario.first();
    while (scenario.peers.size() < size) {
      scenario.joiner(first);
    }
    boolean known =
        scenario.simulation.runUntil(
            () ->
                scenario.members().size() == size
                    && scenario.peers.stream().allMatch(peer -> peer.ring.table().size() == size),
            Duration.ofSeconds(2));
    assertThat(known).as("all know all after %d ms", scenario.simulation.now() / 1_000).isTrue();
  }
}
