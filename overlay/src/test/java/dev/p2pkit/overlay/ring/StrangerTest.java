// Somebody unknown asks: a newcomer of this ring whose news are on their way, or another ring.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        RingMachine.within(formed, RingConfig.DEFAULT, new Kept(members.get(5)), new Deaf());
    made.start(0);
    made.form(0);
    sent.clear();
    return made;
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

  private final class Kept implements Effects {
    private final PeerRef self;

    Kept(PeerRef self) {
      this.self = self;
    }

    @Override
    public PeerRef self() {
      return self;
    }

    @Override
    public void send(PeerRef to, WireMessage message) {
      sent.add(message);
    }

    @Override
    public void timer(long token, long at) {}

    @Override
    public void cancel(long token) {}

    @Override
    public void close(PeerRef peer) {}

    @Override
    public SplittableRandom random() {
      return random;
    }
  }

  private record Deaf() implements RingListener {
    @Override
    public void onView(RingView view) {}

    @Override
    public void onEvent(NetworkEvent event) {}

    @Override
    public void onJoined() {}

    @Override
    public void onJoinFailed(ErrorCode code, String detail) {}

    @Override
    public void onLeft() {}

    @Override
    public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
      return Optional.empty();
    }
  }
}
