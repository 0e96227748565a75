// Peers that die and come back again and again are not leant on.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class FlapsTest {
  private static final PeerId ONE = new PeerId(Key.of(1));
  private static final long MINUTE = 60_000_000;

  private final Flaps flaps = new Flaps(3);

  @Test
  void threeDeathsInTenMinutesKeepAPeerOutForTen() {
    flaps.died(ONE, 0);
    flaps.died(ONE, 4 * MINUTE);
    assertThat(flaps.damped(ONE, 4 * MINUTE)).isFalse();
    flaps.died(ONE, 9 * MINUTE);
    assertThat(flaps.damped(ONE, 9 * MINUTE)).isTrue();
    assertThat(flaps.damped(ONE, 18 * MINUTE)).isTrue();
    assertThat(flaps.damped(ONE, 20 * MINUTE)).isFalse();
  }

  @Test
  void deathsThatLieFarApartAreNoFlapping() {
    flaps.died(ONE, 0);
    flaps.died(ONE, 6 * MINUTE);
    flaps.died(ONE, 12 * MINUTE);
    assertThat(flaps.damped(ONE, 12 * MINUTE)).isFalse();
  }

  @Test
  void theLastThousandDeathsCountHoweverManyThereWere() {
    for (int i = 0; i < 5 * Flaps.MOST; i++) {
      flaps.died(new PeerId(Key.of(100 + i)), 0);
    }
    assertThat(flaps.damped(new PeerId(Key.of(100 + 5 * Flaps.MOST - 1)), 1)).isFalse();
    for (int i = 0; i < 3; i++) {
      flaps.died(ONE, MINUTE);
    }
    assertThat(flaps.damped(ONE, MINUTE)).isTrue();
    for (int i = 0; i < Flaps.MOST - 3; i++) {
      flaps.died(new PeerId(Key.of(100 + i)), MINUTE);
    }
    assertThat(flaps.damped(ONE, MINUTE)).isTrue();
    flaps.died(new PeerId(Key.of(99)), MINUTE);
    assertThat(flaps.damped(ONE, MINUTE)).isFalse();
  }
}
