// The arithmetic of the parts of the ring that are left to whoever hears news.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.EventLanes.Direction;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StretchTest {
  private final SplittableRandom random = new SplittableRandom(5);

  private PeerId anywhere() {
    return new PeerId(new Key(random.nextLong(), random.nextLong()));
  }

  private static SortedPeers sorted(Stream<PeerId> ids) {
    return SortedPeers.of(ids.map(id -> new PeerRef(id, new Endpoint("host", 1), 1)).toList());
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void aStretchHoldsThoseOnTheWayToItsEnd(Direction direction) {
    SortedPeers peers = sorted(Stream.generate(this::anywhere).limit(50));
    for (int here = 0; here < 50; here++) {
      PeerId self = peers.get(here).id();
      for (int away = 1; away < 50; away++) {
        int step = direction == Direction.CLOCKWISE ? 1 : -1;
        PeerId end = peers.get(Math.floorMod(here + step * away, 50)).id();
        int stretch = Stretch.endBefore(end, direction);
        assertThat(Stretch.count(peers, self, stretch, direction)).isEqualTo(away - 1);
        int from = here;
        assertThat(
                IntStream.range(1, 50)
                    .mapToObj(i -> peers.get(Math.floorMod(from + step * i, 50)).id())
                    .filter(id -> Stretch.contains(self, stretch, id, direction))
                    .count())
            .isEqualTo(away - 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void betweenTwoThatLieTooCloseTogetherThereIsNobody(Direction direction) {
    PeerId one = new PeerId(new Key(7L << 32 | 1, 0));
    PeerId other = new PeerId(new Key(7L << 32 | 2, 0));
    SortedPeers peers = sorted(Stream.of(one, other, anywhere(), anywhere()));
    for (PeerId from : List.of(one, other)) {
      PeerId to = from.equals(one) ? other : one;
      int end = Stretch.endBefore(to, direction);
      assertThat(Stretch.count(peers, from, end, direction)).isZero();
      assertThat(Stretch.contains(from, end, to, direction)).isFalse();
    }
  }

  @Test
  void aTableEndsWithItsCoverage() {
    PeerId self = new PeerId(new Key(0x8000_0000_0000_0000L, 0));
    Coverage coverage = Coverage.around(self.position(), 3);
    PeerId first = new PeerId(coverage.start());
    PeerId beyond = new PeerId(coverage.end());
    int behind = Stretch.endOf(coverage, Direction.COUNTER_CLOCKWISE);
    int ahead = Stretch.endOf(coverage, Direction.CLOCKWISE);
    assertThat(Stretch.contains(self, behind, first, Direction.COUNTER_CLOCKWISE)).isTrue();
    assertThat(Stretch.contains(self, ahead, beyond, Direction.CLOCKWISE)).isFalse();
  }
}
