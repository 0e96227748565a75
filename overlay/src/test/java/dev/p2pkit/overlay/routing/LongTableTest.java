// The table of ids against a map that is known to work.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LongTableTest {
  @Test
  void behavesLikeAMapUnderAnySequenceOfChanges() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      // Dense ids, and ids that collide in their low bits.
      long stride = seed % 3 == 0 ? 1L << 33 : 1;
      LongTable<Long> table = new LongTable<>();
      TreeMap<Long, Long> model = new TreeMap<>();
      for (int step = 0; step < 5_000; step++) {
        long key = (1 + random.nextInt(400)) * stride;
        if (random.nextInt(5) < 3) {
          assertThat(table.put(key, (long) step)).isEqualTo(model.put(key, (long) step));
        } else {
          assertThat(table.remove(key)).isEqualTo(model.remove(key));
        }
        assertThat(table.size()).isEqualTo(model.size());
        long other = (1 + random.nextInt(400)) * stride;
        assertThat(table.get(other)).isEqualTo(model.get(other));
      }
      List<Long> keys = new ArrayList<>();
      table.forEachKey(keys::add);
      assertThat(keys).containsExactlyInAnyOrderElementsOf(model.keySet());
    }
  }
}
