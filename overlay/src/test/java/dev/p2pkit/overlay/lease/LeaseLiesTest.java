// What a liar may say about leases, and that it gets nothing by it.
package dev.p2pkit.overlay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Before;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryPart;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryTaken;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaseLiesTest {
  private final LeaseTable table = new LeaseTable();

  /** Its heartbeat, and that its grantor grants what it asks for. */
  private void renewed(LeasePeer peer, double seconds, int by) {
    Renewal asked = peer.lease.renewal(table.at(seconds), LeaseTable.id(by));
    peer.lease.answered(
        table.at(seconds),
        LeaseTable.id(by),
        new RenewalAnswer(Verdict.GRANTED, asked.sentAt(), 0));
  }

  @Test
  void aReplayedAdmitIsNotAdopted() {
    LeasePeer three = table.formed(3, 1, 6);
    LeasePeer two = new LeasePeer(table, 2);
    Renewal question = two.lease.renewal(table.at(0.1), LeaseTable.id(3));
    assertThat(three.asked(0.15, 2, question)).isNotEqualTo(Verdict.GRANTED);
    three.grantLast(0.2);
    Admit admit = three.sentTo(2, Admit.class).get(0);

    two.lease.onAdmit(table.at(0.3), LeaseTable.id(5), admit);
    assertThat(two.lease.isHeld(table.at(0.3))).as("from another than was asked").isFalse();
    two.lease.onAdmit(table.at(0.3), LeaseTable.id(3), admit);
    assertThat(two.serves(0.3, 2)).isTrue();
    long epoch = two.state().epoch();
    two.lease.onAdmit(table.at(0.4), LeaseTable.id(3), admit);
    assertThat(two.state().epoch()).as("a second time").isEqualTo(epoch);

    two.lease.clear();
    two.lease.onAdmit(table.at(0.5), LeaseTable.id(3), admit);
    assertThat(two.lease.isHeld(table.at(0.5))).as("after it has given it up").isFalse();
    Renewal again = two.lease.renewal(table.at(0.6), LeaseTable.id(3));
    two.lease.onAdmit(table.at(0.7), LeaseTable.id(3), admit);
    assertThat(two.lease.isHeld(table.at(0.7))).as("for a later question").isFalse();
    assertThat(again.sentAt()).isGreaterThan(question.sentAt());
  }

  @Test
  void anAdmitThatReachesOverOthersDoesNotMakeTheNewcomerServeWhatTheyHold() {
    LeasePeer five = new LeasePeer(table, 5);
    Renewal question = five.lease.renewal(table.at(0.1), LeaseTable.id(6));
    // Six holds (4, 5] and hands over (1, 5], which four, three and two hold.
    Before made = new Before(1, Optional.of(LeaseTable.id(6)), 0, 1, 1, 1, 1);
    Arc all = new Arc(LeaseTable.id(1), 2, made, 1, 0, Optional.empty());
    five.lease.onAdmit(table.at(0.2), LeaseTable.id(6), new Admit(question.sentAt(), all));

    assertThat(five.serves(0.3, 5)).isTrue();
    for (int held = 2; held <= 4; held++) {
      assertThat(five.serves(0.3, held)).as("the arc of %s", held).isFalse();
    }
    assertThat(five.sentTo(4, Ask.class)).as("the nearest may claim its own").hasSize(1);

    // Four claims what it holds, and gets it from the one that it is to ask from now on.
    five.grantLast(0.35);
    five.asked(0.4, 4, table.renewal(0.4, 3, 1));
    five.grantLast(0.5);
    Admit back = five.sentTo(4, Admit.class).get(0);
    assertThat(five.serves(4.4, 4)).isFalse();
    LeasePeer four = table.formed(4, 3, 2);
    Renewal claim = four.lease.renewal(table.at(0.4), LeaseTable.id(5));
    assertThat(claim.sentAt()).isEqualTo(back.sentAt());
    four.lease.onAdmit(table.at(0.6), LeaseTable.id(5), back);
    assertThat(four.serves(0.7, 4)).isTrue();
    assertThat(four.serves(0.7, 3)).as("the lie ends here too").isFalse();
    assertThat(four.serves(0.7, 2)).isFalse();
  }

  @Test
  void whoIsBelievedAliveInsideOfAnArcAndHoldsNothingKeepsNothingFromBeingServedForLong() {
    LeasePeer five = new LeasePeer(table, 5);
    Renewal question = five.lease.renewal(table.at(0.1), LeaseTable.id(6));
    Before before = new Before(1, Optional.of(LeaseTable.id(2)), 0, 1, 1, 1, 1);
    Arc arc = new Arc(LeaseTable.id(3), 2, before, 1, 0, Optional.empty());
    five.lease.onAdmit(table.at(0.2), LeaseTable.id(6), new Admit(question.sentAt(), arc));
    assertThat(five.serves(0.3, 4)).isFalse();
    for (double now = 0.5; now < 4.3; now += 0.5) {
      five.beat(now);
      renewed(five, now, 6);
    }
    assertThat(five.serves(4.3, 4)).as("a lease length later").isTrue();
  }

  @Test
  void whoLeavesGivesNoMoreThanItHasRegistered() {
    for (int claimed : new int[] {1, 6}) {
      LeasePeer six = table.formed(6, 5, 4);
      Before made = new Before(1, Optional.of(LeaseTable.id(6)), 0, 1, 1, 1, 1);
      Arc all = new Arc(LeaseTable.id(claimed), 1, made, 1, 0, Optional.empty());
      six.lease.onRelease(table.at(0.2), LeaseTable.id(5), all);
      renewed(six, 0.3, 1);
      assertThat(six.serves(0.4, 2)).as("what two holds, by a claim from %s", claimed).isFalse();
      assertThat(six.serves(0.4, 6)).isTrue();
    }
    LeasePeer six = table.formed(6, 5, 4);
    Before true4 = new Before(1, Optional.of(LeaseTable.id(3)), 0, 1, 1, 1, 1);
    Arc own = new Arc(LeaseTable.id(4), 1, true4, 1, 0, Optional.empty());
    six.lease.onRelease(table.at(0.2), LeaseTable.id(5), own);
    renewed(six, 0.3, 1);
    assertThat(six.serves(0.4, 5)).as("what it held").isTrue();
  }

  @Test
  void whatADeadOneHadRegisteredOverThoseWhoLiveIsNotTakenOver() {
    for (int claimed : new int[] {1, 6}) {
      LeasePeer six = table.formed(6, 5, 4);
      assertThat(six.asked(0.1, 5, table.renewal(0.1, claimed, 1))).isEqualTo(Verdict.GRANTED);
      table.dead(5);
      for (double now = 0.5; now < 12; now += 0.5) {
        six.beat(now);
        renewed(six, now, 1);
        assertThat(six.serves(now, 4)).as("four lives, %s s", now).isFalse();
      }
      assertThat(six.serves(30, 2)).isFalse();
      table.alive.add(5);
    }
  }

  @Test
  void whoeverHoldsNothingDoesNotKeepWhatADeadOneHadRegisteredFromBeingTakenOver() {
    LeasePeer six = table.formed(6, 5, 3);
    table.dead(5);
    for (double now = 0.5; now < 6; now += 0.5) {
      six.newcomer(now, 4);
      six.beat(now);
      renewed(six, now, 1);
    }
    assertThat(six.lo()).as("four is being admitted to what five held").isEqualTo(LeaseTable.id(3));
  }

  private static MemoryPart part(int lo, int hi) {
    return new MemoryPart(1, 0, LeaseTable.id(lo), LeaseTable.id(hi), new byte[] {1});
  }

  @Test
  void memoryIsTakenForAnArcThatMayComeAndForNoMore() {
    LeasePeer five = table.formed(5, 4, 3);
    five.lease.renewal(table.at(0.1), LeaseTable.id(6));
    five.lease.onMessage(table.at(0.2), LeaseTable.ref(6), part(1, 5));
    assertThat(five.sentTo(6, MemoryTaken.class)).as("five has a lease").isEmpty();
    five.lease.onMessage(table.at(0.2), LeaseTable.ref(4), part(1, 4));
    assertThat(five.sentTo(4, MemoryTaken.class)).as("four has registered from 3").isEmpty();
    five.lease.onMessage(table.at(0.2), LeaseTable.ref(4), part(3, 4));
    assertThat(five.sentTo(4, MemoryTaken.class)).hasSize(1);

    LeasePeer newcomer = new LeasePeer(table, 5);
    newcomer.lease.renewal(table.at(0.1), LeaseTable.id(6));
    newcomer.lease.onMessage(table.at(0.2), LeaseTable.ref(6), part(4, 5));
    assertThat(newcomer.sentTo(6, MemoryTaken.class)).hasSize(1);
  }

  @Test
  void whoStandsElsewhereIsAskedOnlyByOneWhoseGrantorIsSilent() {
    LeasePeer two = table.formed(2, 1, 6);
    two.lease.onMessage(table.at(0.1), LeaseTable.ref(5), new Ask());
    assertThat(two.sentTo(5, Renew.class)).as("what would let it hand over any arc").isEmpty();
    two.lease.onMessage(table.at(0.1), LeaseTable.ref(3), new Ask());
    assertThat(two.sentTo(3, Renew.class)).as("its successor").hasSize(1);

    two.lease.onMessage(table.at(2.1), LeaseTable.ref(5), new Ask());
    assertThat(two.sentTo(5, Renew.class)).as("half of the lease is over").hasSize(1);
  }

  @Test
  void aClaimThatReachesIntoTheGrantorsArcIsNotGranted() {
    LeasePeer three = table.formed(3, 2, 1);
    assertThat(three.asked(0.2, 2, table.renewal(0.2, 2, 1))).isNotEqualTo(Verdict.GRANTED);
    assertThat(three.serves(0.3, 3)).isTrue();
    assertThat(three.lo()).isEqualTo(LeaseTable.id(1));
    // The next but one before it is not granted at all, whatever it claims.
    assertThat(three.asked(0.4, 1, table.renewal(0.4, 6, 1))).isNotEqualTo(Verdict.GRANTED);
  }
}
