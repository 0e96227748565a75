// A peer process waits for its farewell as long as that may take.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaveLimitTest {
  @Test
  void theCommandWaitsLongerThanAllStepsOfLeavingTogether() {
    assertThat(OverlayPeer.LONGEST_LEAVE)
        .isEqualTo(Duration.ofMillis(9 * RingConfig.DEFAULT.leaveLimit() / 1_000));
    assertThat(Duration.ofSeconds(PeerCommand.SECONDS_TO_LEAVE))
        .isGreaterThan(OverlayPeer.LONGEST_LEAVE);
  }
}
