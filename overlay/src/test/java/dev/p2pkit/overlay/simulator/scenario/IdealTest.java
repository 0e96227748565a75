// What counts as a whole ring when all faults are over.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
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
    List<PeerId> members = refs(1, 2, 3, 4).stream().map(PeerRef::id).toList();
    PeerRef self = refs(1).get(0);
    RingView right = new RingView(self, true, 1, refs(4), refs(2), refs(1, 2, 3, 4));
    RingView wrong = new RingView(self, true, 1, refs(4), refs(2), refs(1, 2, 4, 5));
    assertThat(Ideal.stranger(members, 0, right)).isEmpty();
    assertThat(Ideal.stranger(members, 0, wrong).orElseThrow()).contains("where");
  }
}
