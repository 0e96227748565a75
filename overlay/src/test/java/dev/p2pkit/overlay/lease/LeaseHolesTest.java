// The ten holes that a first sketch of the lease rules had, each closed, and one found later.
package dev.p2pkit.overlay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Peers 1, 2, 3 and so on stand on a ring in this order, and each test drives some of them by hand.
 * Times in seconds.
 */
class LeaseHolesTest {
  private final LeaseTable table = new LeaseTable();

  @Test
  void hole1OnlyTheAdjacentPredecessorIsGranted() {
    LeasePeer three = table.formed(3, 2, 1);
    assertThat(three.asked(0.1, 1, table.renewal(0.1, 6, 1))).isEqualTo(Verdict.WAIT);
    assertThat(three.asked(0.1, 2, table.renewal(0.1, 1, 1))).isEqualTo(Verdict.GRANTED);
  }

  @Test
  void anEpochThatLeapsIsALieAndDoesNotUseUpTheEpochsOfOthers() {
    long most = Long.MAX_VALUE / 2;
    LeasePeer three = table.formed(3, 1, 6);
    // A newcomer inside of the arc, and the one before it, that name the greatest epoch there is.
    assertThat(three.asked(0.1, 2, table.renewal(0.1, 2, most))).isEqualTo(Verdict.WAIT);
    assertThat(three.asked(0.2, 1, table.renewal(0.2, 6, most))).isEqualTo(Verdict.WAIT);
    assertThat(three.state().epoch()).isEqualTo(1);
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(1));
    assertThat(three.state().before().map(GrantRecord::epoch)).isEqualTo(Optional.of(1L));
  }

  @Test
  void hole2WhoHasNoLeaseGrantsNothing() {
    LeasePeer three = table.formed(3, 2, 1);
    three.beat(1);
    three.beat(2);
    three.beat(3);
    three.beat(3.9);
    assertThat(three.asked(3.95, 2, table.renewal(3.95, 1, 1))).isEqualTo(Verdict.GRANTED);
    assertThat(three.asked(4.5, 2, table.renewal(4.5, 1, 1))).isEqualTo(Verdict.LAPSED);
  }

  @Test
  void hole3AnOlderRenewalThatComesLateChangesNothing() {
    LeasePeer three = table.formed(3, 2, 1);
    assertThat(three.asked(0.3, 2, table.renewal(0.2, 1, 1))).isEqualTo(Verdict.GRANTED);
    assertThat(three.asked(0.4, 2, table.renewal(0.1, 6, 1))).isEqualTo(Verdict.WAIT);
    assertThat(three.lo()).isEqualTo(LeaseTable.id(1));
  }

  @Test
  void hole4AnArcThatGrewIsNotServedBeforeTheGrantorHasWrittenItDown() {
    LeasePeer three = table.formed(3, 2, 1);
    three.lease.dead(table.at(0.5), LeaseTable.ref(2));
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(1));
    assertThat(three.serves(0.6, 2)).isFalse();
    assertThat(three.serves(0.6, 3)).isTrue();
    three.grantLast(0.7);
    assertThat(three.serves(0.7, 2)).isTrue();
  }

  @Test
  void hole5AnExtensionIsNotAcknowledgedByOneThatIsNotTheGrantor() {
    LeasePeer three = table.formed(3, 2, 1);
    three.lease.dead(table.at(0.5), LeaseTable.ref(2));
    Renewal larger = three.lastRenewal();
    LeasePeer six = table.formed(6, 5, 4);
    assertThat(six.asked(0.6, 3, larger)).isEqualTo(Verdict.WAIT);
    // Three itself believes only the one whom it has asked.
    three.lease.answered(
        table.at(0.6), LeaseTable.id(6), RenewalAnswer.of(Verdict.GRANTED, larger.sentAt()));
    assertThat(three.serves(0.6, 2)).isFalse();
  }

  @Test
  void hole6WhatWasHandedOverIsNotTakenBackBeforeItHasRunOut() {
    LeasePeer three = table.formed(3, 1, 6);
    three.newcomer(0.1, 2);
    LeasePeer four = table.formed(4, 3, 1);
    assertThat(four.asked(0.2, 3, three.lastRenewal())).isEqualTo(Verdict.GRANTED);
    three.grantLast(0.3);
    assertThat(three.sentTo(2, Admit.class)).hasSize(1);
    // The message is lost and three dies: four takes its arc, and no more than that.
    four.lease.dead(table.at(0.4), LeaseTable.ref(3));
    assertThat(four.state().lo()).isEqualTo(LeaseTable.id(2));
    assertThat(four.asked(0.5, 2, table.renewal(0.5, 2, 0))).isNotEqualTo(Verdict.GRANTED);
    four.grantLast(0.6);
    assertThat(four.state().lo()).isEqualTo(LeaseTable.id(2));
    assertThat(four.serves(0.6, 2)).isFalse();
  }

  @Test
  void hole7WhoWokeWithoutALeaseDoesNotAdmit() {
    LeasePeer three = table.formed(3, 1, 6);
    three.newcomer(0.1, 2);
    three.grantLast(0.2);
    assertThat(three.sentTo(2, Admit.class)).hasSize(1);
    three.newcomer(9, 2);
    assertThat(three.sentTo(2, Admit.class)).hasSize(1);
  }

  @Test
  void hole8WhoIsBeingAdmittedIsNotGrantedMeanwhile() {
    LeasePeer three = table.formed(3, 1, 6);
    three.newcomer(0.1, 2);
    assertThat(three.asked(0.2, 2, table.renewal(0.2, 1, 1))).isEqualTo(Verdict.WAIT);
    assertThat(three.serves(0.2, 2)).isFalse();
  }

  @Test
  void hole9EvidenceOfADeathIsNotKeptForAnotherProcess() {
    LeasePeer three = table.formed(3, 2, 1);
    three.lease.dead(table.at(0.1), LeaseTable.ref(1));
    three.lease.dead(table.at(0.2), LeaseTable.process(2, 0));
    three.lease.look(table.at(0.3));
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(2));
    assertThat(three.state().before().map(GrantRecord::dead)).isEqualTo(Optional.of(false));
  }

  @Test
  void hole10WhoSeesNobodyElseKeepsItsArcAndGoesOnAsking() {
    LeasePeer three = table.formed(3, 2, 1);
    table.dead(2);
    for (double now = 0.5; now < 6; now += 0.5) {
      three.beat(now);
    }
    assertThat(three.state().epoch()).isPositive();
    assertThat(three.serves(6, 3)).isFalse();
    assertThat(three.sentTo(4, Renew.class)).isNotEmpty();
    three.grantLast(6);
    assertThat(three.serves(6, 3)).isTrue();
  }

  @Test
  void whoHadNoLeaseForLongTakesNothingOverByWhatItKnewBefore() {
    LeasePeer three = table.formed(3, 2, 1);
    assertThat(three.asked(0.1, 2, table.renewal(0.1, 1, 1))).isEqualTo(Verdict.GRANTED);
    // While it sleeps its grantor has the arc, serves two's next process, and gives way again.
    three.beat(20);
    three.grantLast(20.1);
    three.lease.dead(table.at(20.2), LeaseTable.ref(2));
    assertThat(three.serves(20.2, 3)).isTrue();
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(2));
    // The next process of two shows itself, and what it says counts.
    assertThat(three.asked(20.4, 2, table.renewal(20.3, 1, 3))).isEqualTo(Verdict.GRANTED);
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(2));
  }

  /**
   * Two's process ends while three sleeps, and its grantor of that time lets the next process in
   * and gives way to three. What the first process had asked for last comes late.
   */
  @Test
  void evidenceOfADeathSaysNothingOfWhatOthersHaveGrantedTheNextProcess() {
    LeasePeer three = table.formed(3, 2, 1);
    three.beat(20);
    three.grantLast(20.1);
    assertThat(three.asked(20.2, 2, table.renewal(1, 1, 1))).isEqualTo(Verdict.GRANTED);
    three.lease.dead(table.at(20.3), LeaseTable.ref(2));
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(2));
    // It may serve until its lease runs out, whether it asks three for more or not.
    for (double now = 20.5; now < 24; now += 0.5) {
      three.beat(now);
      three.grantLast(now);
      assertThat(three.serves(now, 2)).as("at %s s", now).isFalse();
    }
    three.beat(24.5);
    three.grantLast(24.5);
    assertThat(three.serves(24.5, 2)).isTrue();
  }

  /**
   * While three sleeps two gives a part of its arc away, which three's grantor of that time
   * registers. Three hears of it only when it has asked anew.
   */
  @Test
  void whatWasAskedForBeforeTheLeaseCameBackIsNotGranted() {
    LeasePeer three = table.formed(3, 2, 6);
    three.beat(20);
    assertThat(three.asked(20.1, 2, table.renewal(1, 6, 1))).isEqualTo(Verdict.LAPSED);
    three.grantLast(20.2);
    assertThat(three.state().before().flatMap(GrantRecord::lo)).isEmpty();
    assertThat(three.sentTo(2, Ask.class)).isNotEmpty();
    assertThat(three.asked(20.3, 2, table.renewal(20.3, 1, 1))).isEqualTo(Verdict.GRANTED);
    assertThat(three.lo()).isEqualTo(LeaseTable.id(1));
  }

  /** Three wakes, as above, and lets two in before it knows whether one has another process. */
  @Test
  void whatIsDoubtedIsHandedOverAsDoubted() {
    table.dead(2);
    LeasePeer three = table.formed(3, 1, 6);
    three.beat(20);
    three.grantLast(20.1);
    assertThat(three.asked(20.2, 1, table.renewal(1, 6, 1))).isEqualTo(Verdict.GRANTED);
    table.alive.add(2);
    LeasePeer two = new LeasePeer(table, 2);
    Renewal request = two.lease.renewal(table.at(20.3), LeaseTable.id(3));
    assertThat(three.asked(20.3, 2, request)).isEqualTo(Verdict.WAIT);
    three.grantLast(20.4);
    Admit admit = three.sentTo(2, Admit.class).get(0);
    two.lease.onMessage(table.at(20.5), LeaseTable.ref(3), admit);
    assertThat(two.serves(20.5, 2)).isTrue();
    assertThat(two.asked(20.6, 1, table.renewal(1.5, 6, 1))).isEqualTo(Verdict.GRANTED);
    two.lease.dead(table.at(20.7), LeaseTable.ref(1));
    assertThat(two.state().lo()).isEqualTo(LeaseTable.id(1));
  }

  /**
   * Four has three's arc and grants two; without a lease it gives way to three, which comes back
   * and believes that it has two's arc as well.
   */
  @Test
  void whoGivesWayGrantsNothingThatItHasGrantedToAnother() {
    LeasePeer four = table.formed(4, 3, 2);
    four.lease.dead(table.at(0.1), LeaseTable.ref(3));
    four.grantLast(0.2);
    for (int second = 1; second <= 4; second++) {
      four.beat(second);
      assertThat(four.asked(second, 2, table.renewal(second, 1, 1))).isEqualTo(Verdict.GRANTED);
    }
    // Without a lease.
    assertThat(four.asked(4.3, 3, table.renewal(4.3, 1, 9))).isNotEqualTo(Verdict.GRANTED);
    four.beat(4.6);
    assertThat(four.state().lo()).isEqualTo(LeaseTable.id(3));
    four.grantLast(4.6);
    assertThat(four.serves(4.6, 4)).isTrue();
    for (double now = 4.7; now < 8; now += 0.5) {
      four.grantLast(now);
      assertThat(four.asked(now, 3, table.renewal(now, 1, 9)))
          .as("two's arc as well, at %s s", now)
          .isNotEqualTo(Verdict.GRANTED);
    }
    assertThat(four.asked(8, 3, table.renewal(8, 2, 9))).isEqualTo(Verdict.GRANTED);
    assertThat(four.asked(8.5, 3, table.renewal(8.5, 1, 9))).isEqualTo(Verdict.GRANTED);
  }

  @Test
  void aGapThatThePeerBehindItDoesNotFindEmptyIsClosedMuchLater() {
    LeasePeer three = table.formed(3, 2, 1);
    table.dead(2);
    three.lease.dead(table.at(0.5), LeaseTable.ref(2));
    table.dead(1);
    for (double now = 0.6; now < 10; now += 0.5) {
      three.beat(now);
      three.grantLast(now);
    }
    // Six may know somebody in between: it has not taken three for its successor.
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(1));
    for (double now = 10; now < 19; now += 0.5) {
      three.beat(now);
      three.grantLast(now);
    }
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(6));
  }

  @Test
  void whoHearsOfAnotherRingDoesNotTakeEverything() {
    LeasePeer three = table.formed(3, 2, 1);
    for (int other : new int[] {1, 2, 4, 5, 6}) {
      table.dead(other);
    }
    three.strangers = true;
    for (double now = 0.5; now < 60; now += 0.5) {
      three.beat(now);
    }
    assertThat(three.serves(60, 3)).isFalse();
    three.strangers = false;
    three.beat(60.5);
    assertThat(three.serves(60.5, 3)).isTrue();
  }

  @Test
  void aCircleGoesToThePeerThatWouldGrantAlsoWherePointersAreWrong() {
    LeasePeer three = table.formed(3, 2, 1);
    for (double now = 0.5; now < 9; now += 0.5) {
      three.asked(now, 2, table.renewal(now, 1, 1));
      three.lease.onMessage(table.at(now), LeaseTable.ref(5), new LeaseMessage.Ask());
      if (now > 2) {
        // Before, its lease is good, and nobody but its successor is asked.
        three.answerLast(now, Verdict.LAPSED, 0);
      }
    }
    assertThat(three.sentTo(5, LeaseMessage.Circle.class)).isNotEmpty();
    assertThat(three.sentTo(4, LeaseMessage.Circle.class)).isEmpty();
  }

  @Test
  void aGrantThatWasAskedForBeforeEverythingWasTakenOverCountsForNothing() {
    LeasePeer three = table.formed(3, 2, 1);
    for (int other : new int[] {1, 2, 4, 5, 6}) {
      table.dead(other);
    }
    table.alive.add(4);
    for (double now = 0.5; now < 9; now += 0.5) {
      three.beat(now);
    }
    table.dead(4);
    for (double now = 9; now < 25; now += 0.5) {
      three.beat(now);
    }
    assertThat(three.serves(25, 4)).isTrue();
    long epoch = three.state().epoch();
    table.alive.add(4);
    three.newcomer(25, 4);
    three.grantLast(25.1);
    assertThat(three.lease.tenure(table.at(25.1)).epoch()).isEqualTo(epoch);
    assertThat(three.serves(25.1, 4)).isFalse();
    assertThat(three.serves(25.1, 3)).isTrue();
  }

  @Test
  void whoSleptAndHearsOfAnotherRingDoesNotGoOnToHoldEverything() {
    for (int other : new int[] {1, 2, 4, 5, 6}) {
      table.dead(other);
    }
    LeasePeer three = table.alone(3);
    three.strangers = true;
    three.beat(1);
    assertThat(three.serves(3, 1)).as("awake, the lease goes on").isTrue();
    for (double now = 20; now < 30; now++) {
      three.beat(now);
      assertThat(three.serves(now, 1)).isFalse();
    }
    three.strangers = false;
    three.beat(30);
    assertThat(three.serves(30, 1)).isTrue();
  }

  /**
   * Three is cut off, takes the arc of two, which has died, and begins to wait for one, which it
   * does not hear. Four has had all of that meanwhile, has granted one until just now, and gives
   * way to three.
   */
  @Test
  void whoHadNoLeaseForLongWaitsForThoseAsWellOfWhomItHasLearntMeanwhile() {
    LeasePeer three = table.formed(3, 2, 1);
    for (double now = 1; now < 4; now++) {
      three.beat(now);
      assertThat(three.asked(now, 2, table.renewal(now, 1, 1))).isEqualTo(Verdict.GRANTED);
    }
    table.dead(2);
    table.dead(1);
    double now = 4;
    while (three.state().lo().equals(LeaseTable.id(2))) {
      three.beat(now);
      now += 0.5;
    }
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(1));
    three.lease.followed(LeaseTable.id(6));
    for (double wait = 0; wait < 3.5; wait += 0.5) {
      now += 0.5;
      three.beat(now);
    }
    three.grantLast(now);
    double granted = now;
    while (now < granted + 3.5) {
      now += 0.5;
      three.beat(now);
      three.grantLast(now);
      three.lease.followed(LeaseTable.id(6));
      assertThat(three.serves(now, 3)).isTrue();
      assertThat(three.serves(now, 1))
          .as("one's arc, %s s after the grant", now - granted)
          .isFalse();
    }
  }
}
