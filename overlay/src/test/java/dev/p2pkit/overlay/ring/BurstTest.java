// Many peers start at the same moment, as those of a site do after a power cut.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BurstTest {
  private static final int PEERS = 60;

  /** Newcomers know those who come while their news are under way, without comparing tables. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sixtyPeersThatStartTogetherInOneBuildingKnowEachOtherSoon(long seed) {
    RingScenario scenario = new RingScenario(seed);
    scenario.simulation.conditions(NetworkConditions.LOCAL_AREA);
    RingPeer first = scenario.first();
    while (scenario.peers.size() < PEERS) {
      scenario.joiner(first);
    }
    boolean known =
        scenario.simulation.runUntil(
            () ->
                scenario.members().size() == PEERS
                    && scenario.peers.stream().allMatch(peer -> peer.ring.table().size() == PEERS),
            Duration.ofSeconds(5));
    assertThat(known).as("all know all after %d ms", scenario.simulation.now() / 1_000).isTrue();
  }
}
