// What becomes of the broadcasts of an origin whose process has ended and started again.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repair;
import dev.p2pkit.overlay.machine.PeerRef;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlierProcessTest {
  private static final long SECOND = 1_000_000;

  private final LoneBroadcaster rig = new LoneBroadcaster();

  @Test
  void whatTheProcessBeforeHasSentComesFirstIfTheNextOneNamesIt() {
    rig.seesStranger();
    rig.run(30);
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    long nextBase = Content.base(rig.next());
    Content naming =
        rig.content(rig.next(), nextBase + 1, rig.base + 1, rig.base + 3, 0, 1, "naming");
    rig.task(naming, rig.leaf());
    assertThat(rig.delivered).containsExactly("one");
    rig.run(0.2);
    List<BroadcastId> asked = List.of(rig.content(2, 1, "").id, rig.content(3, 1, "").id);
    assertThat(rig.raw.heard).contains(new Pull(asked));
    rig.say(new Repair(rig.content(3, 1, "three")));
    rig.say(new Repair(rig.content(2, 1, "two")));
    assertThat(rig.delivered).containsExactly("one", "two", "three", "naming");
    assertThat(rig.missed).isEmpty();
  }

  @Test
  void whatTheProcessBeforeHasSentAndNobodyHasIsSkippedAndTold() {
    rig.run(30);
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    rig.task(rig.content(4, 1, "four"), rig.leaf());
    long nextBase = Content.base(rig.next());
    rig.task(
        rig.content(rig.next(), nextBase + 1, rig.base + 1, rig.base + 6, 0, 1, "naming"),
        rig.leaf());
    rig.run(21);
    assertThat(rig.delivered).containsExactly("one", "four", "naming");
    assertThat(rig.missed).containsExactly(2L, 2L);
  }

  @Test
  void whatTheNextProcessHasNotKnownOfAndComesAfterItIsToldOnceAndKeptForOthers() {
    rig.seesStranger();
    rig.run(30);
    long nextBase = Content.base(rig.next());
    rig.task(rig.content(rig.next(), nextBase + 1, nextBase + 1, 0, 0, 1, "next"), rig.leaf());
    assertThat(rig.delivered).containsExactly("next");
    Content late = rig.content(1, 1, "late");
    for (int i = 0; i < 2; i++) {
      rig.say(new Recent(List.of(new BroadcastMessage.Seen(late.id, 0)), false));
      rig.run(0.5);
    }
    assertThat(rig.raw.heard.stream().filter(new Pull(List.of(late.id))::equals)).hasSize(2);
    assertThat(rig.missed).isEmpty();
    rig.say(new Repair(late));
    rig.say(new Repair(late));
    rig.task(late, rig.leaf());
    assertThat(rig.missed).containsExactly(1L);
    rig.raw.heard.clear();
    rig.say(new Pull(List.of(late.id)));
    assertThat(rig.raw.heard).singleElement().isInstanceOf(Repair.class);
    assertThat(rig.delivered).containsExactly("next");
  }

  @Test
  void aProcessThatStartsAgainGetsWhatTheOneBeforeHasSentAndNamesIt() {
    rig.seesStranger();
    PeerRef before =
        new PeerRef(
            rig.honest.id(), rig.honest.ref().endpoint(), rig.honest.ref().incarnation() - 1);
    long number = Content.base(before) + 7;
    Content earlier = rig.content(before, number, number, 0, 0, 1, "earlier");
    Content forged =
        new Content(
            before, number, number, 0, LoneBroadcaster.TOPIC, 0, 1, earlier.payload, new byte[1]);
    rig.say(new Recent(List.of(new BroadcastMessage.Seen(earlier.id, SECOND)), false));
    assertThat(rig.raw.heard).contains(new Pull(List.of(earlier.id)));
    rig.say(new Repair(forged));
    assertThat(rig.broadcastsWithin(SECOND).namesEarlier()).isFalse();
    rig.say(new Repair(earlier));
    Content naming = rig.broadcastsWithin(SECOND);
    assertThat(naming.lowest).isEqualTo(number);
    assertThat(naming.earlier).isEqualTo(number);
    assertThat(rig.delivered).doesNotContain("earlier");
    rig.raw.heard.clear();
    rig.say(new Pull(List.of(earlier.id)));
    assertThat(rig.raw.heard).singleElement().isInstanceOf(Repair.class);
    rig.run(61);
    assertThat(rig.broadcastsWithin(SECOND).namesEarlier()).isFalse();
  }
}
