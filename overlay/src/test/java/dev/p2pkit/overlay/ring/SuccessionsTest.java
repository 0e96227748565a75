// However many are said to have died, what is remembered of it is bounded and never forgotten
// early.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class SuccessionsTest {
  private final Successions successions = new Successions(100);

  private static PeerId id(long number) {
    return new PeerId(Key.of(number));
  }

  @Test
  void whatHasEndedCountsForAWhile() {
    successions.ended(1_000, id(1));
    assertThat(successions.mayHaveEnded(1_100, id(1))).isTrue();
    assertThat(successions.mayHaveEnded(1_101, id(1))).isFalse();
    assertThat(successions.mayHaveEnded(1_050, id(2))).isFalse();
    successions.ended(1_200, id(2));
    assertThat(successions.size()).isEqualTo(1);
  }

  @Test
  void whoIsForgottenForOthersMayHaveEnded() {
    successions.ended(1_000, id(1));
    for (long i = 0; i < Successions.MOST; i++) {
      successions.ended(1_050, id(2 + i));
    }
    assertThat(successions.size()).isEqualTo(Successions.MOST);
    assertThat(successions.mayHaveEnded(1_100, id(1))).as("forgotten").isTrue();
    assertThat(successions.mayHaveEnded(1_101, id(1))).isFalse();
    assertThat(successions.mayHaveEnded(1_101, id(2))).isTrue();
  }
}
