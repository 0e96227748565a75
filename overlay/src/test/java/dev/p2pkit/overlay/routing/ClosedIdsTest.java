// What is closed stays closed, in whatever order the words of it come.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingFrame.Settled;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ClosedIdsTest {
  private static final int IDS = 40;

  private static Settled random(SplittableRandom random) {
    long mark = random.nextInt(IDS);
    return new Settled(
        mark, LongStream.range(0, IDS).filter(id -> random.nextInt(4) == 0).limit(9).toArray());
  }

  private static boolean closes(Settled said, long id) {
    return id < said.mark() && Arrays.binarySearch(said.open(), id) < 0;
  }

  @Test
  void whatAnyWordHasClosedIsClosedAndNothingElse() {
    SplittableRandom random = new SplittableRandom(5);
    for (int run = 0; run < 2_000; run++) {
      ClosedIds ids = new ClosedIds();
      boolean[] expected = new boolean[IDS];
      for (int word = 0; word < 4; word++) {
        boolean[] before = expected.clone();
        if (random.nextInt(3) == 0) {
          long below = random.nextInt(IDS);
          for (long id : ids.closeBelow(below)) {
            assertThat(before[(int) id]).as("was open below the mark").isFalse();
          }
          Arrays.fill(expected, 0, (int) below, true);
        } else {
          Settled said = random(random);
          boolean more = ids.close(said);
          for (int id = 0; id < IDS; id++) {
            expected[id] |= closes(said, id);
          }
          assertThat(more || Arrays.equals(before, expected)).isTrue();
        }
        for (int id = 0; id < IDS; id++) {
          assertThat(ids.has(id)).as("run %d, id %d", run, id).isEqualTo(expected[id]);
          assertThat(closes(ids.said(), id)).isEqualTo(expected[id]);
        }
      }
    }
  }

  @Test
  void twoThatAreSaidTogetherCloseWhatEitherCloses() {
    ClosedIds one = new ClosedIds();
    ClosedIds other = new ClosedIds();
    assertThat(one.close(new Settled(10, new long[] {3, 7}))).isTrue();
    assertThat(other.close(new Settled(20, new long[] {7, 12}))).isTrue();
    Settled both = one.saidWith(other);
    assertThat(both.mark()).isEqualTo(20);
    assertThat(both.open()).containsExactly(7, 12);
    assertThat(one.has(12)).as("not changed by it").isFalse();
  }
}
