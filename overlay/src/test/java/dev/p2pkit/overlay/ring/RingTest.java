// Rings of all small sizes: growing, losing members, healing.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingTest {
  @Test
  void aPeerAloneIsARing() {
    RingScenario scenario = new RingScenario(1);
    RingPeer peer = scenario.first();
    scenario.run(10);
    assertThat(peer.joined).isTrue();
    assertThat(peer.events).containsExactly(new NetworkEvent.Alone());
    assertThat(peer.ring.view().successors()).isEmpty();
    assertThat(peer.ring.view().predecessor()).isEqualTo(peer.ref());
    scenario.everyKeyHasOneOwner();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 17, 18, 19, 20, 50})
  void aRingOfAnySizeIsRight(int size) {
    RingScenario scenario = RingScenario.ring(size, size);
    assertThat(scenario.members()).hasSize(size);
  }

  @Test
  void twentyPeersJoinThroughOneAtOnce() {
    RingScenario scenario = new RingScenario(7);
    RingPeer first = scenario.first();
    for (int i = 0; i < 20; i++) {
      scenario.joiner(first);
    }
    scenario.run(14);
    assertThat(scenario.members()).hasSize(21);
    scenario.heals(Duration.ofSeconds(30));
  }
}
