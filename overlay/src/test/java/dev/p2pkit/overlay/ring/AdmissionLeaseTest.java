// Nobody is let in beside a peer whose lease is not prolonged any more.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.RingMessage.JoinAccept;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The grantor of such a peer may be dead, and whoever is let in stands in the gap that the next
 * peer has to find empty first.
 */
class AdmissionLeaseTest {
  private static final long SECOND = 1_000_000;

  /** What one is told that asks to be let in right behind the member, at a time. */
  private static List<WireMessage> askedAt(long now) {
    WatchedMember member = new WatchedMember();
    PeerId self = member.members.get(WatchedMember.SELF).id();
    PeerRef newcomer =
        new PeerRef(new PeerId(self.position().plus(Key.of(1))), new Endpoint("host", 1), 1);
    member.machine.onMessage(now, newcomer, new JoinRequest());
    return member.sent.stream()
        .filter(sent -> sent.to().equals(newcomer))
        .map(WatchedMember.Sent::message)
        .toList();
  }

  @Test
  void whoseLeaseIsFreshLetsOthersIn() {
    assertThat(askedAt(SECOND)).hasAtLeastOneElementOfType(JoinAccept.class);
  }

  @Test
  void whoseLeaseWasNotProlongedForHalfItsLengthLetsNobodyInThoughItStillServes() {
    assertThat(askedAt(5 * SECOND / 2)).hasOnlyElementsOfType(JoinBusy.class).isNotEmpty();
  }
}
