// What counts as a whole ring when all faults are over.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class IdealTest {
  private static List<PeerRef> refs(long... positions) {
    return LongStream.of(positions)
        .mapToObj(at -> new PeerRef(new PeerId(Key.of(at)), new Endpoint("host", 1), 1))
        .toList();
  }

  @Test
  void aTableOfTheRightLengthThatHoldsAStrangerIsNotWhole() {
    List<PeerRef> members = refs(1, 2, 3, 4);
    PeerRef self = refs(1).get(0);
    RingView right = new RingView(self, true, 1, refs(4), refs(2), refs(1, 2, 3, 4));
    RingView wrong = new RingView(self, true, 1, refs(4), refs(2), refs(1, 2, 4, 5));
    assertThat(Ideal.stranger(members, 0, right)).isEmpty();
    assertThat(Ideal.stranger(members, 0, wrong).orElseThrow()).contains("where");
  }

  @Test
  void aTableWithAnEarlierProcessOfAMemberIsNotWhole() {
    PeerRef self = refs(1).get(0);
    PeerRef two = refs(2).get(0);
    List<PeerRef> members =
        List.of(self, new PeerRef(two.id(), two.endpoint(), two.incarnation() + 1));
    RingView old = new RingView(self, true, 1, refs(2), refs(2), refs(1, 2));
    assertThat(Ideal.stranger(members, 0, old).orElseThrow()).contains("process");
  }

  @Test
  void aTableOfAnArcMayKnowTheDeadElsewhereOnly() {
    PeerRef self = refs(10).get(0);
    List<PeerRef> members = refs(8, 10, 12, 90);
    assertThat(Ideal.gone(members, arc(self, refs(8, 10, 12, 50)))).isEmpty();
    assertThat(Ideal.gone(members, arc(self, refs(8, 10, 11, 12))).orElseThrow()).contains("gone");
  }

  private static RingView arc(PeerRef self, List<PeerRef> known) {
    return RingView.partial(
        self, true, 1, refs(8), refs(12), SortedPeers.of(known), Key.of(8), Key.of(12));
  }
}
