// What is signed of a roll-out that somebody asks for.
package dev.p2pkit.client.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.sdk.StagedRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchedulesTest {
  private static final long NOW = 1_790_000_000_000L;

  @Test
  void aCanaryWaitsForItsOwner() {
    Schedule schedule = Schedules.of(StagedRollout.canary(0.1), NOW);
    assertThat(schedule.waves())
        .containsExactly(
            new Wave(1_000, Optional.empty(), 0),
            new Wave(Wave.ALL, Optional.empty(), Wave.WHEN_PROMOTED));
    assertThat(schedule.limits()).isEqualTo(HealthLimits.DEFAULT);
    assertThat(schedule.paused()).isFalse();
    assertThat(schedule.opened()).isZero();
  }

  @Test
  void wavesThatPromoteThemselvesFollowEachOtherFromTheFirst() {
    long tonight = NOW + 3_600_000;
    Schedule schedule =
        Schedules.of(
            StagedRollout.waves(0.01, 0.1, 1)
                .labelFirst("site=lab")
                .notBefore(Instant.ofEpochMilli(tonight))
                .autoPromote(Duration.ofMinutes(5))
                .limits(2, 0.02, 1.5, 0.8),
            NOW);
    assertThat(schedule.waves())
        .containsExactly(
            new Wave(0, Optional.of("site=lab"), tonight),
            new Wave(100, Optional.empty(), tonight + 300_000),
            new Wave(1_000, Optional.empty(), tonight + 600_000),
            new Wave(Wave.ALL, Optional.empty(), tonight + 900_000));
    assertThat(schedule.limits()).isEqualTo(new HealthLimits(2, 200, 150, 8_000));
  }

  @Test
  void aTimeThatHasPassedCountsFromNow() {
    Schedule schedule =
        Schedules.of(
            StagedRollout.canary(0.5)
                .notBefore(Instant.ofEpochMilli(NOW - 1_000_000))
                .autoPromote(Duration.ofMinutes(1)),
            NOW);
    assertThat(schedule.waves()).extracting(Wave::notBefore).containsExactly(NOW, NOW + 60_000);
  }
}
