// Somebody unknown asks: a newcomer of this ring whose news are on their way, or another ring.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StrangerTest {
  private static final long SECOND = 1_000_000;

  private final SplittableRandom random = new SplittableRandom(3);
  private final List<WireMessage> sent = new ArrayList<>();
  private final List<PeerRef> members = new ArrayList<>();
  private final RingMachine machine = machine();

  private PeerRef peer() {
    return new PeerRef(
        new PeerId(new Key(random.nextLong(), random.nextLong())), new Endpoint("host", 1), 1);
  }

  private RingMachine machine() {
    for (int i = 0; i < 40; i++) {
      members.add(peer());
    }
    FormedRing formed = FormedRing.of(members);
    RingMachine made =
        RingMachine.within(formed, RingConfig.DEFAULT, kept(members.get(5)), new DeafListener());
    made.start(0);
    made.form(0);
    sent.clear();
    return made;
  }

  private Effects kept(PeerRef self) {
    return new StillEffects(self, random) {
      @Override
      public void send(PeerRef to, WireMessage message) {
        sent.add(message);
      }
    };
  }

  private boolean takesItForAnotherRing(long now, PeerRef stranger, PeerRef speaker) {
    sent.clear();
    machine.onMessage(now, stranger, new Hail(speaker, true));
    return sent.stream().anyMatch(m -> m instanceof Foreign || m instanceof TablePull);
  }

  @Test
  void aStrangerWhoseRingIsSpokenForByAMemberIsGivenTimeToBecomeKnown() {
    PeerRef stranger = peer();
    PeerRef speaker = formedSpeaker();
    assertThat(takesItForAnotherRing(SECOND, stranger, speaker)).isFalse();
    assertThat(takesItForAnotherRing(6 * SECOND, stranger, speaker)).isFalse();
    assertThat(takesItForAnotherRing(10 * SECOND, stranger, speaker)).isTrue();
  }

  @Test
  void aStrangerWhoseRingIsSpokenForByAStrangerBelongsToAnotherRing() {
    assertThat(takesItForAnotherRing(SECOND, peer(), peer())).isTrue();
  }

  private PeerRef formedSpeaker() {
    return machine.table().get(0);
  }
}
