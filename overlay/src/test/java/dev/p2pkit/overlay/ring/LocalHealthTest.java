// How far a peer trusts itself, in numbers.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class LocalHealthTest {
  private static final PeerId ONE = new PeerId(Key.of(1));
  private static final PeerId OTHER = new PeerId(Key.of(2));

  private final LocalHealth health = new LocalHealth();

  @Test
  void timesAreStretchedByOneToNine() {
    assertThat(health.stretch(100)).isEqualTo(100);
    for (int i = 0; i < 20; i++) {
      health.worse();
    }
    assertThat(health.stretch(100)).isEqualTo(900);
  }

  @Test
  void anAnswerTakesOnePointBack() {
    health.worse();
    health.worse();
    health.better();
    assertThat(health.stretch(100)).isEqualTo(200);
    health.better();
    health.better();
    assertThat(health.stretch(100)).isEqualTo(100);
  }

  @Test
  void whatOnePeerOwesCountsForAllOthers() {
    health.worse(ONE);
    health.worse(ONE);
    assertThat(health.stretch(100, ONE)).isEqualTo(100);
    assertThat(health.stretch(100, OTHER)).isEqualTo(300);
  }

  @Test
  void aWitnessThatMissesTheSameAnswersClearsThisPeer() {
    health.worse(ONE);
    health.worse(OTHER);
    health.acquit(ONE);
    assertThat(health.score()).isEqualTo(1);
    assertThat(health.stretch(100, ONE)).isEqualTo(200);
  }

  @Test
  void whoSpeaksAfterAllWasNotTheTrouble() {
    health.worse(ONE);
    health.heard(ONE);
    assertThat(health.stretch(100, ONE)).isEqualTo(200);
  }
}
