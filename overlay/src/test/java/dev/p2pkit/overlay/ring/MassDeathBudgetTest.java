// Most peers die without a word: who is left stays within its budget and finds them all the same.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MassDeathBudgetTest {
  private static final int HALF_MINUTE = 30;

  /** Each survivor had asked for all suspects at once, the nearest and those of others. */
  @Test
  void whoeverIsLeftOfManyStaysWithinItsBudgetInAnyHalfMinute() {
    RingScenario scenario = RingScenario.formed(31, 250, 5);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLatency(200, 300).withLoss(0.06));
    List<RingPeer> members = scenario.members();
    for (int i = 0; i < members.size(); i++) {
      if (i % 5 != 0) {
        members.get(i).process.killHost();
      }
    }
    long budget = (long) HALF_MINUTE * scenario.config.ladder().bytesPerSecond();
    Map<RingPeer, Deque<Long>> sent = new HashMap<>();
    for (int second = 0; second < 90; second++) {
      scenario.run(1);
      for (RingPeer left : scenario.members()) {
        Deque<Long> totals = sent.computeIfAbsent(left, any -> new ArrayDeque<>());
        totals.addLast(left.ring.traffic().budgeted());
        if (totals.size() > HALF_MINUTE + 1) {
          totals.removeFirst();
        }
        assertThat(totals.getLast() - totals.getFirst())
            .as("what %s has sent in the half minute until second %d", left, second)
            .isLessThanOrEqualTo(budget);
      }
    }
    scenario.heals(Duration.ofSeconds(30));
    assertThat(scenario.members()).hasSize(50);
  }
}
