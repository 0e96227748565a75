// The ring's time: later times are believed, lies do not use it up.
package dev.p2pkit.overlay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RingTimeTest {
  private static final long SECOND = 1_000_000;
  private static final long HOUR = 3_600 * SECOND;

  private final RingTime time = RingTime.beginning(5 * SECOND, 1_000);

  @Test
  void itGoesOnWithTheClock() {
    assertThat(time.at(5 * SECOND)).isEqualTo(1_000);
    assertThat(time.at(7 * SECOND)).isEqualTo(3_000);
  }

  @Test
  void whoHearsOfALaterTimeGoesOnFromThere() {
    RingTime later = time.heard(6 * SECOND, 9_000);
    assertThat(later.at(6 * SECOND)).isEqualTo(9_000);
    assertThat(later.at(8 * SECOND)).isEqualTo(11_000);
    assertThat(later.heard(8 * SECOND, 10_999)).isEqualTo(later);
  }

  @Test
  void aTimeFarAheadIsBelievedOnceInAnHour() {
    long now = 6 * SECOND;
    long years = 56L * 365 * 24 * 3_600 * 1_000;
    assertThat(time.believes(now, years)).isTrue();
    RingTime leapt = time.heard(now, years);
    assertThat(leapt.believes(now, leapt.at(now) + years)).isFalse();
    assertThat(leapt.believes(now, leapt.at(now) + 60_000)).isTrue();
    assertThat(leapt.believes(now + HOUR, leapt.at(now + HOUR) + years)).isTrue();
    assertThat(time.believes(now, Long.MAX_VALUE / 2)).isFalse();
  }

  @Test
  void anEpochIsNotFarAheadOfTheTime() {
    assertThat(RingTime.allows(1_000, 1_005)).isTrue();
    assertThat(RingTime.allows(1_000, 1L << 42)).isFalse();
  }

  @Test
  void theLargestTimeOfAFrameIsATime() {
    long most = Long.MAX_VALUE / 2;
    assertThat(RingTime.beginning(5 * SECOND, most).at(5 * SECOND)).isEqualTo(most);
    assertThat(time.heard(5 * SECOND, most).at(6 * SECOND)).isEqualTo(most + 1_000);
  }
}
