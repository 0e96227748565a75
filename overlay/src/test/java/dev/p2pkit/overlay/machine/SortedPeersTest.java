// Finding peers in lists that are made of pieces.
package dev.p2pkit.overlay.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SortedPeersTest {
  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void piecesOfAnySizeAndPlaceAreSearchedLikeOneList() {
    for (int round = 0; round < 300; round++) {
      List<PeerRef> all = peers(random.nextInt(60), round % 3);
      List<SortedRun> pieces = new ArrayList<>();
      for (int from = 0; from < all.size(); ) {
        int to = Math.min(all.size(), from + random.nextInt(8));
        pieces.add(SortedRun.of(all.subList(from, to).toArray(new PeerRef[0])));
        from = to;
      }
      SortedPeers peers = SortedPeers.ofSegments(pieces);
      assertThat(peers.asList()).isEqualTo(all);
      for (PeerRef ref : all) {
        assertThat(peers.find(ref.id())).contains(ref);
        look(peers, all, ref.id().position());
        look(peers, all, ref.id().position().plus(new Key(0, 1)));
      }
      for (Key key : List.of(Key.ZERO, new Key(-1, -1), key(round % 3), key(0))) {
        look(peers, all, key);
      }
    }
  }

  private static void look(SortedPeers peers, List<PeerRef> all, Key position) {
    long before = all.stream().filter(ref -> ref.id().position().compareTo(position) < 0).count();
    assertThat(peers.indexAtOrAfter(position)).isEqualTo((int) before);
    assertThat(peers.find(new PeerId(position)).isPresent())
        .isEqualTo(all.stream().anyMatch(ref -> ref.id().position().equals(position)));
  }

  /** Spread evenly, close together, or with equal upper halves. */
  private Key key(int how) {
    long high =
        switch (how) {
          case 0 -> random.nextLong();
          case 1 -> (-1L >>> 1) + random.nextInt(1_000);
          default -> random.nextInt(3);
        };
    return new Key(high, random.nextLong());
  }

  private List<PeerRef> peers(int count, int how) {
    List<PeerRef> refs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      refs.add(new PeerRef(new PeerId(key(how)), new Endpoint("10.0.0.1", 1 + i), 1));
    }
    refs.sort(Comparator.comparing(PeerRef::id));
    return refs;
  }
}
