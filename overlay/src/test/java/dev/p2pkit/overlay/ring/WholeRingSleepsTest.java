// All peers of a ring stand still over the end of all leases.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeRingSleepsTest {
  @ParameterizedTest
  @ValueSource(ints = {18, 60})
  void aRingThatSleptAsAWholeServesAgainByItself(int size) {
    RingScenario scenario = new RingScenario(size);
    scenario.form(size);
    scenario.run(5);
    scenario.peers.forEach(peer -> peer.process.pause());
    scenario.run(30);
    scenario.peers.forEach(peer -> peer.process.resume());
    // Four lease lengths of listening, then the grants go round.
    scenario.heals(Duration.ofSeconds(25));
    assertThat(scenario.members()).hasSize(size);
  }
}
