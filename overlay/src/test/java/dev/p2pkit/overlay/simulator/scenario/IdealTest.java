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
  void aTableOfAnArcHoldsExactlyTheMembersThereAndInTheEndNoDeadContact() {
    List<PeerRef> members = refs(10, 20, 30, 40, 50, 60);
    // The peer at 20 is to know everybody from 5 to 35, and knows the one at 50 besides.
    assertThat(Ideal.partial(members, 1, arc(10, 20, 30, 50), IdealTest::isWithin)).isEmpty();
    assertThat(arcOf(members, 10, 20, 50)).contains("2 peers in its arc");
    assertThat(arcOf(members, 20, 30, 50)).contains("2 peers in its arc");
    assertThat(arcOf(members, 10, 20, 25, 30, 50)).contains("gone");
    // Contacts have longer: they are judged by themselves.
    RingView dead = arc(10, 20, 30, 55);
    assertThat(Ideal.partial(members, 1, dead, IdealTest::isWithin)).isEmpty();
    assertThat(Ideal.deadContact(members, arc(10, 20, 25, 50), IdealTest::isWithin)).isEmpty();
    assertThat(Ideal.deadContact(members, dead, IdealTest::isWithin).orElseThrow())
        .contains("no member");
  }

  private static boolean isWithin(Key at) {
    return at.isIn(Key.of(4), Key.of(35));
  }

  private static String arcOf(List<PeerRef> members, long... known) {
    return Ideal.partial(members, 1, arc(known), IdealTest::isWithin).orElseThrow();
  }

  private static RingView arc(long... known) {
    SortedPeers sorted = SortedPeers.of(refs(known));
    PeerRef self = refs(20).get(0);
    return RingView.partial(self, true, 1, refs(10), refs(30), sorted, Key.of(4), Key.of(30));
  }
}
