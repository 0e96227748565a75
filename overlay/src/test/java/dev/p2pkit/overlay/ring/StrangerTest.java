// Somebody unknown asks: a newcomer of this ring whose news are on their way, or another ring.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import org.junit.jupiter.api.Test;

class StrangerTest {
  private static final long SECOND = 1_000_000;

  private final WatchedMember member = new WatchedMember();

  private boolean takesItForAnotherRing(long now, PeerRef stranger, PeerRef speaker) {
    member.sent.clear();
    member.machine.onMessage(now, stranger, new Hail(speaker, true));
    return member.sent.stream()
        .map(WatchedMember.Sent::message)
        .anyMatch(m -> m instanceof Foreign || m instanceof TablePull);
  }

  @Test
  void aStrangerWhoseRingIsSpokenForByAMemberIsGivenTimeToBecomeKnown() {
    PeerRef stranger = member.stranger();
    PeerRef speaker = formedSpeaker();
    assertThat(takesItForAnotherRing(SECOND, stranger, speaker)).isFalse();
    assertThat(takesItForAnotherRing(6 * SECOND, stranger, speaker)).isFalse();
    assertThat(takesItForAnotherRing(10 * SECOND, stranger, speaker)).isTrue();
  }

  @Test
  void aStrangerWhoseRingIsSpokenForByAStrangerBelongsToAnotherRing() {
    assertThat(takesItForAnotherRing(SECOND, member.stranger(), member.stranger())).isTrue();
  }

  private PeerRef formedSpeaker() {
    return member.machine.table().get(0);
  }
}
