// Time-outs from measured round trips.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class AcquaintancesTest {
  private static final PeerId ONE = new PeerId(Key.of(1));

  private final Acquaintances acquaintances = new Acquaintances(DetectorConfig.DEFAULT);

  @Test
  void theFirstAnswerIsWaitedForAsConfigured() {
    assertThat(acquaintances.timeout(ONE)).isEqualTo(400_000);
  }

  @Test
  void theTimeoutIsTheRoundTripAndFourTimesItsVariation() {
    acquaintances.asked(ONE, 7, 1_000);
    acquaintances.answered(ONE, 7, 101_000);
    assertThat(acquaintances.timeout(ONE)).isEqualTo(100_000 + 4 * 50_000);
    for (int i = 0; i < 100; i++) {
      acquaintances.measured(ONE, 100_000);
    }
    assertThat(acquaintances.timeout(ONE)).isBetween(100_000L, 110_000L);
  }

  @Test
  void theTimeoutStaysBetweenItsBounds() {
    for (int i = 0; i < 100; i++) {
      acquaintances.measured(ONE, 200);
    }
    assertThat(acquaintances.timeout(ONE)).isEqualTo(50_000);
    acquaintances.measured(ONE, 60_000_000);
    assertThat(acquaintances.timeout(ONE)).isEqualTo(2_000_000);
  }

  @Test
  void anAnswerOfAnotherPeerOrASecondAnswerMeasuresNothing() {
    PeerId other = new PeerId(Key.of(2));
    acquaintances.asked(ONE, 7, 0);
    acquaintances.answered(other, 7, 10);
    acquaintances.answered(ONE, 7, 1_000_000);
    assertThat(acquaintances.timeout(ONE)).isEqualTo(400_000);
  }
}
