// Members that know different rings send a newcomer from one to the other and back.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JoinCircleTest {
  private final SplittableRandom random = new SplittableRandom(3);
  private final List<PeerRef> asked = new ArrayList<>();
  private final PeerRef one = peer(1);
  private final PeerRef two = peer(2);
  private final RingMachine newcomer = newcomer();

  private static PeerRef peer(int number) {
    return new PeerRef(new PeerId(Key.of(number)), new Endpoint("host", number), 1);
  }

  private RingMachine newcomer() {
    PeerRef self = peer(3);
    Effects effects =
        new StillEffects(self, random) {
          @Override
          public void send(PeerRef to, WireMessage message) {
            if (message instanceof JoinRequest) {
              asked.add(to);
            }
          }
        };
    FormedRing formed = FormedRing.of(List.of(one, two, self));
    RingMachine made = RingMachine.within(formed, RingConfig.DEFAULT, effects, new DeafListener());
    made.start(0);
    return made;
  }

  @Test
  void whoIsSentInACircleAsksTheNextContactBeforeLong() {
    PeerRef other = peer(4);
    newcomer.join(0, List.of(one, other));
    int answered = 0;
    while (answered < asked.size() && !asked.contains(other)) {
      PeerRef from = asked.get(answered++);
      newcomer.onMessage(answered, from, new JoinRedirect(from.equals(one) ? two : one, from));
    }
    assertThat(asked).contains(other).hasSizeLessThan(8);
  }

  @Test
  void whoComesBackToOneThatThenNamesAnotherGoesOn() {
    newcomer.join(0, List.of(one));
    newcomer.onMessage(1, one, new JoinRedirect(two, one));
    newcomer.onMessage(2, two, new JoinRedirect(one, two));
    newcomer.onMessage(3, one, new JoinRedirect(peer(5), one));
    assertThat(asked).containsExactly(one, two, one, peer(5));
  }
}
