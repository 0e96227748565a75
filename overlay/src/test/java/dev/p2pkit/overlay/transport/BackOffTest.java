// When an unreachable peer may be dialled again.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackOffTest {
  private static final long MILLI = 1_000_000;

  private final BackOff backOff = new BackOff(LinkTimes.defaults());
  private long now = System.nanoTime() + 1000 * MILLI;

  private void failsAndWaitsAbout(long millis) {
    backOff.failed(now);
    assertThat(backOff.remainingMillis(now)).isBetween(millis * 3 / 4, millis * 5 / 4 + 1);
    now += 100_000 * MILLI;
  }

  @Test
  void theWaitDoublesFromHalfASecondToHalfAMinute() {
    assertThat(backOff.remainingMillis(now)).isZero();
    for (long millis : new long[] {500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000}) {
      failsAndWaitsAbout(millis);
    }
    for (int i = 0; i < 100; i++) {
      failsAndWaitsAbout(30_000);
    }
  }

  @Test
  void afterALinkHasEndedTheFirstDialGoesAtOnce() {
    failsAndWaitsAbout(500);
    failsAndWaitsAbout(1000);
    backOff.ended(false, now);
    assertThat(backOff.remainingMillis(now)).isZero();
    failsAndWaitsAbout(500);
  }

  @Test
  void aLinkThatKeepsDyingYoungHasToWait() {
    backOff.ended(true, now);
    assertThat(backOff.remainingMillis(now)).isZero();
    backOff.ended(true, now);
    assertThat(backOff.remainingMillis(now)).isBetween(375L, 626L);
    backOff.ended(true, now);
    assertThat(backOff.remainingMillis(now)).isBetween(750L, 1251L);
    backOff.ended(false, now);
    assertThat(backOff.remainingMillis(now)).isZero();
  }

  @Test
  void theJitterKeepsPeersFromDiallingInStep() {
    assertThat(
            java.util.stream.IntStream.range(0, 50)
                .mapToLong(
                    i -> {
                      BackOff each = new BackOff(LinkTimes.defaults());
                      each.failed(now);
                      return each.remainingMillis(now);
                    })
                .distinct()
                .count())
        .isGreaterThan(10);
  }

  @Test
  void whatHappenedLongAgoIsForgotten() {
    assertThat(backOff.isForgotten(now)).isTrue();
    backOff.failed(now);
    assertThat(backOff.isForgotten(now + 1000 * MILLI)).isFalse();
    assertThat(backOff.isForgotten(now + 40_000 * MILLI)).isTrue();
  }
}
