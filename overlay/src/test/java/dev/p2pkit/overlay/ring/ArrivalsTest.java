// What a table remembers of when others came.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private final Arrivals arrivals = new Arrivals();

  private static PeerId id(long number) {
    // The same lower halves again and again.
    return new PeerId(new Key(number, number % 7));
  }

  @Test
  void itIsAMapThatForgetsTheOldest() {
    SplittableRandom random = new SplittableRandom(3);
    Map<PeerId, Long> expected = new LinkedHashMap<>();
    for (long now = 1; now < 3_000; now++) {
      long time = now;
      PeerId id = id(random.nextInt(200));
      if (random.nextInt(3) > 0) {
        arrivals.came(now, id);
        expected.put(id, now);
      } else if (random.nextInt(5) == 0) {
        long from = now - random.nextInt(150);
        arrivals.forgetBefore(from);
        expected.values().removeIf(came -> came < from);
      }
      assertThat(arrivals.since(id)).as("at " + time).isEqualTo(expected.getOrDefault(id, 0L));
    }
    for (long number = 0; number < 200; number++) {
      assertThat(arrivals.since(id(number))).isEqualTo(expected.getOrDefault(id(number), 0L));
    }
    arrivals.clear();
    assertThat(expected.keySet()).isNotEmpty().allMatch(id -> arrivals.since(id) == 0);
  }

  @Test
  void itHoldsSoManyAndNoMore() {
    for (long number = 0; number <= Arrivals.MOST; number++) {
      arrivals.came(1 + number, id(number));
    }
    assertThat(arrivals.since(id(0))).isZero();
    assertThat(arrivals.since(id(1))).isEqualTo(2);
    assertThat(arrivals.since(id(Arrivals.MOST))).isEqualTo(1 + Arrivals.MOST);
  }
}
