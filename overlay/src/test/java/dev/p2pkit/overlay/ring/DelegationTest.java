// How the ring is divided among those who are told news first.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DelegationTest {
  private static final int NONE = 0;

  /** What a peer that has links to these places knows of them. */
  private static int[] nearest(BitSet linked, int reach) {
    int[] nearest = new int[32];
    for (int power = 0; power < 31 && 1 << power <= reach; power++) {
      int away = linked.nextSetBit(1 << power);
      nearest[power] = away > 0 && away <= reach && away < 2 << power ? away : NONE;
    }
    return nearest;
  }

  @Test
  void withoutLinksEverySecondPowerOfTwoIsTold() {
    assertThat(Delegation.chosen(new int[32], 20)).containsExactly(1, 4, 16);
    assertThat(Delegation.chosen(new int[32], 0)).isEmpty();
  }

  @Test
  void whoHasALinkIsToldInThePlaceOfOthersAsFarAway() {
    BitSet linked = new BitSet();
    linked.set(3);
    linked.set(21);
    linked.set(22);
    assertThat(Delegation.chosen(nearest(linked, 40), 40)).containsExactly(1, 3, 8, 21);
  }

  @Test
  void everybodyIsToldOnceWhateverLinksThereAreAndNewsGoNoLongWay() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 200; round++) {
      int size = 1 + random.nextInt(600);
      int[] told = new int[size];
      int longest = tell(random, random.nextInt(12), told, 0, size - 1, 0);
      for (int place = 1; place < size; place++) {
        assertThat(told[place]).as("place %d of %d", place, size).isEqualTo(1);
      }
      assertThat(longest).isLessThanOrEqualTo(3 * (32 - Integer.numberOfLeadingZeros(size)));
    }
  }

  /** The peer at a place tells so many behind it; how many links the news took at most. */
  private static int tell(
      SplittableRandom random, int links, int[] told, int place, int places, int hops) {
    BitSet linked = new BitSet();
    for (int i = 0; i < links && places > 0; i++) {
      linked.set(1 + random.nextInt(told.length));
    }
    int[] offsets = Delegation.chosen(nearest(linked, places), places);
    int longest = hops;
    for (int i = 0; i < offsets.length; i++) {
      int end = i + 1 < offsets.length ? offsets[i + 1] - 1 : places;
      told[place + offsets[i]]++;
      longest =
          Math.max(
              longest, tell(random, links, told, place + offsets[i], end - offsets[i], hops + 1));
    }
    return longest;
  }
}
