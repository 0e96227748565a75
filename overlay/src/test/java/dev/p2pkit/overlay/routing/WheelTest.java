// The timing wheel: nothing is late, nothing is lost, and the driver is told when to come.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WheelTest {
  private static Call call(long id) {
    return new Call(
        id, Draft.toKey(Key.ZERO, "a", 0, new byte[0], 1_000), outcome -> {}, Long.MAX_VALUE);
  }

  @Test
  void everyCallComesInItsSlotIfTheDriverComesWhenTold() {
    for (int seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Wheel<Call> wheel = new Wheel<>();
      Map<Call, Long> waiting = new LinkedHashMap<>();
      long now = random.nextLong(10_000_000);
      for (long id = 1; id <= 3_000; id++) {
        if (random.nextInt(3) > 0) {
          Call call = call(id);
          long at = now + 1 + random.nextLong(random.nextBoolean() ? 5_000 : 15_000_000);
          wheel.set(call, at, now);
          waiting.put(call, at);
        } else if (!waiting.isEmpty()) {
          Call moved = waiting.keySet().iterator().next();
          waiting.remove(moved);
          wheel.clear(moved);
        }
        if (random.nextInt(4) == 0) {
          now += random.nextLong(3_000);
          for (Call due : wheel.due(now)) {
            assertThat(Wheel.due(waiting.remove(due), now)).isTrue();
          }
        }
        assertThat(wheel.next()).isLessThanOrEqualTo(earliest(waiting));
      }
      List<Long> late = new ArrayList<>();
      while (wheel.next() != Long.MAX_VALUE) {
        now = Math.max(now, wheel.next());
        for (Call due : wheel.due(now)) {
          long at = waiting.remove(due);
          if (now > Math.max(at, 0) + 1_024) {
            late.add(now - at);
          }
        }
      }
      assertThat(waiting).isEmpty();
      assertThat(late).isEmpty();
    }
  }

  private static long earliest(Map<Call, Long> waiting) {
    // Times that have passed within the present slot are due in the next one.
    return waiting.values().stream().mapToLong(at -> at + 2_048).min().orElse(Long.MAX_VALUE);
  }
}
