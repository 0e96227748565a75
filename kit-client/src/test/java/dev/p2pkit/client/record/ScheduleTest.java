// Waves: who belongs to which, and schedules that are none.
package dev.p2pkit.client.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final String ARCHIVE = "ab".repeat(32);
  private static final Wave LAB = new Wave(0, Optional.of("site=lab"), 0);
  private static final Wave TENTH = new Wave(1_000, Optional.empty(), 10);
  private static final Wave REST = new Wave(Wave.ALL, Optional.empty(), 20);

  private static Schedule of(Wave... waves) {
    return new Schedule(List.of(waves), HealthLimits.DEFAULT, false, 0);
  }

  @Test
  void aPeerBelongsToTheFirstWaveThatTakesIt() {
    Schedule schedule = of(LAB, TENTH, REST);
    assertThat(schedule.waveOf(9_999, Map.of("site", "lab"))).isZero();
    assertThat(schedule.waveOf(999, Map.of("site", "store"))).isEqualTo(1);
    assertThat(schedule.waveOf(1_000, Map.of())).isEqualTo(2);
    assertThat(Schedule.AT_ONCE.waveOf(5_000, Map.of())).isZero();
  }

  @Test
  void placesAreEvenAndAnotherArchiveHasAnotherOrder() {
    int tenth = 0;
    int both = 0;
    for (int i = 0; i < 10_000; i++) {
      PeerId peer = new PeerId(Key.hash(i));
      boolean one = Wave.place(peer, ARCHIVE) < 1_000;
      tenth += one ? 1 : 0;
      both += one && Wave.place(peer, "cd".repeat(32)) < 1_000 ? 1 : 0;
    }
    // Binomial: 1,000 and 100, with standard deviations of 30 and 10.
    assertThat(tenth).isBetween(850, 1_150);
    assertThat(both).isBetween(50, 150);
  }

  @Test
  void ownersPauseAndHasten() {
    Schedule schedule = of(TENTH, REST);
    assertThat(schedule.paused(true).paused()).isTrue();
    assertThat(schedule.paused(true).opened(2)).isEqualTo(schedule.opened(2));
    assertThatIllegalArgumentException().isThrownBy(() -> schedule.opened(3));
    assertThatIllegalArgumentException().isThrownBy(() -> Schedule.AT_ONCE.paused(true));
  }

  @Test
  void aPromotionKeepsTheDistanceOfTheWavesThatFollow() {
    Schedule planned =
        of(
            new Wave(100, Optional.empty(), 10_000),
            new Wave(1_000, Optional.empty(), 11_000),
            new Wave(2_000, Optional.empty(), 12_000),
            new Wave(Wave.ALL, Optional.empty(), 15_000));
    Schedule late = planned.paused(true).promoted(50_000);
    assertThat(late.waves())
        .extracting(Wave::notBefore)
        .containsExactly(10_000L, 50_000L, 51_000L, 54_000L);
    assertThat(late.opened()).isEqualTo(2);
    assertThat(late.paused()).isFalse();
    assertThat(late.promoted(60_000).waves())
        .extracting(Wave::notBefore)
        .containsExactly(10_000L, 50_000L, 60_000L, 63_000L);
    assertThat(planned.promoted(9_000).waves())
        .extracting(Wave::notBefore)
        .containsExactly(9_000L, 9_000L, 10_000L, 13_000L);
    Wave byHand = new Wave(Wave.ALL, Optional.empty(), Wave.WHEN_PROMOTED);
    assertThat(of(TENTH, byHand).promoted(50).waves()).containsExactly(TENTH, byHand);
    assertThat(of(TENTH, byHand).promoted(50).promoted(60).opened()).isEqualTo(2);
  }

  @Test
  void whatIsNoScheduleIsRefusedWithTheReason() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(TENTH))
        .withMessageContaining("takes all peers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(REST, new Wave(Wave.ALL, Optional.empty(), 5)))
        .withMessageContaining("order of their times");
    assertThatIllegalArgumentException().isThrownBy(() -> new Wave(0, Optional.empty(), 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Wave(0, Optional.of("no label"), 0))
        .withMessageContaining("key=value");
    assertThatIllegalArgumentException().isThrownBy(() -> new HealthLimits(0, 0, 99, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new HealthLimits(0, 0, 100, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Plan(Operation.WITHDRAW, of(REST), Optional.empty()));
  }
}
