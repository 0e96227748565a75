// The table of goals says "met" only of what was reached.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GoalsTest {
  private static boolean met(int runs, long overlaps, long falseOutcomes, int failed) {
    return Goals.random(
            new RandomRuns.Sum(runs, overlaps, 0, 0, 0, falseOutcomes, 1, 1, failed, List.of()), 1)
        .met();
  }

  @Test
  void theRandomScenariosAreMetOnlyIfNoneOfTenThousandHasFailed() {
    assertThat(met(10_000, 0, 0, 0)).isTrue();
    assertThat(met(9_999, 0, 0, 0)).isFalse();
    assertThat(met(10_000, 1, 0, 0)).isFalse();
    assertThat(met(10_000, 0, 1, 0)).isFalse();
    assertThat(met(10_000, 0, 0, 1)).isFalse();
  }

  @Test
  void overlapsDuringPartitionsAndAfterThemAreToldApart() {
    RandomRuns.Sum sum = new RandomRuns.Sum(10_000, 0, 6_060, 60, 7, 0, 1, 1, 0, List.of());
    assertThat(Goals.random(sum, 1).measured())
        .contains("6,000 overlaps during partitions, 60 in the minute after them, 7 allowed");
  }
}
