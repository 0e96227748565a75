// Epochs grow, also where nobody who is alive knows the last one.
package dev.p2pkit.overlay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Peers 1 to 6 on a ring, as in {@link LeaseHolesTest}. Times in seconds. */
class EpochsGrowTest {
  private final LeaseTable table = new LeaseTable();

  /**
   * Three takes two's arc over, then one has died as well, of whose arc nothing is known for
   * certain: three closes the gap up to six, at 9.9 s at the latest.
   */
  private LeasePeer closedGap() {
    LeasePeer three = table.formed(3, 2, 1);
    table.dead(2);
    three.lease.dead(table.at(0.5), LeaseTable.ref(2));
    three.grantLast(0.6);
    table.dead(1);
    for (double now = 1; now < 10; now += 0.5) {
      three.beat(now);
      three.grantLast(now);
      three.lease.followed(LeaseTable.id(6));
    }
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(6));
    return three;
  }

  @Test
  void whoClosesAGapIsAboveTheEpochsOfAllWhoHaveServedInIt() {
    LeasePeer three = closedGap();
    // Whoever was in the gap was dead when three began to wait, and no epoch was ahead of its time.
    long whenTheGapBegan = 1_000;
    assertThat(three.state().epoch()).isGreaterThan(whenTheGapBegan + 4_000);
  }

  @Test
  void whoeverIsBehindAClosedGapGoesOnWithAHigherEpoch() {
    LeasePeer three = closedGap();
    RenewalAnswer answer =
        three.lease.asked(table.at(10), LeaseTable.ref(6), table.renewal(10, 5, 1));
    assertThat(answer.verdict()).isEqualTo(Verdict.GRANTED);
    assertThat(answer.epoch()).isGreaterThan(5_000);
    assertThat(three.state().before().map(GrantRecord::epoch))
        .isEqualTo(Optional.of(answer.epoch()));
    // It has taken that over; nothing more is asked of it.
    Renewal next = table.renewal(10.5, 5, answer.epoch());
    assertThat(three.lease.asked(table.at(10.5), LeaseTable.ref(6), next).epoch()).isZero();
  }

  @Test
  void anEpochThatComesWithAGrantHoldsBeforeAnythingIsServedUnderIt() {
    LeasePeer six = table.formed(6, 5, 4);
    six.beat(5);
    assertThat(six.serves(5, 6)).isFalse();
    six.grantLast(5.1, 5_050);
    assertThat(six.serves(5.1, 6)).isTrue();
    assertThat(six.lease.tenure(table.at(5.1)).epoch()).isEqualTo(5_050);
    assertThat(six.state().epoch()).isEqualTo(5_050);
  }

  @Test
  void aGrantUnderALowerEpochThanIsServedIsNone() {
    LeasePeer six = table.formed(6, 5, 4);
    long first = six.lease.renewal(table.at(1), LeaseTable.id(1)).sentAt();
    long second = six.lease.renewal(table.at(1.5), LeaseTable.id(1)).sentAt();
    six.answered(1.6, 1, new RenewalAnswer(Verdict.GRANTED, first, 5_050));
    assertThat(six.lease.tenure(table.at(1.6)).epoch()).isEqualTo(5_050);
    // The grantor was handed its arc by another since, who knew nothing of that epoch.
    six.answered(1.7, 1, new RenewalAnswer(Verdict.GRANTED, second, 0));
    assertThat(six.lease.tenure(table.at(1.7)).epoch()).isEqualTo(5_050);
    assertThat(six.serves(5.2, 6)).isFalse();
    // The next renewal names what is served.
    Renewal third = six.lease.renewal(table.at(1.8), LeaseTable.id(1));
    assertThat(third.epoch()).isEqualTo(5_050);
    six.answered(1.9, 1, new RenewalAnswer(Verdict.GRANTED, third.sentAt(), 0));
    assertThat(six.serves(5.2, 6)).isTrue();
  }

  @Test
  void aNewcomerIsAboveTheEpochThatCameWhileItWasBeingAdmitted() {
    LeasePeer three = table.formed(3, 1, 6);
    three.newcomer(3.9, 2);
    three.beat(4.5);
    three.grantLast(4.6, 4_550);
    // What was promised before is taken back, and begins anew.
    assertThat(three.sentTo(2, Admit.class)).isEmpty();
    three.grantLast(4.7);
    three.newcomer(4.8, 2);
    three.grantLast(4.9);
    assertThat(three.sentTo(2, Admit.class))
        .singleElement()
        .satisfies(admit -> assertThat(admit.arc().epoch()).isGreaterThan(4_550));
  }

  @Test
  void whoWouldServeWithTooLowAnEpochIsToldBeforeTheCircleGoesOn() {
    LeasePeer three = closedGap();
    for (double now = 10; now < 15; now += 0.5) {
      three.asked(now, 6, table.renewal(now, 5, 1));
    }
    Renewal low = table.renewal(15, 5, 1);
    three.lease.onMessage(
        table.at(15),
        LeaseTable.ref(6),
        new LeaseMessage.Circle(LeaseTable.id(6), low.sentAt(), 1, false, low));
    assertThat(three.sentTo(6, LeaseMessage.Renewed.class))
        .last()
        .satisfies(
            told -> {
              assertThat(told.answer().verdict()).isEqualTo(Verdict.LAPSED);
              assertThat(told.answer().epoch()).isGreaterThan(5_000);
            });
  }

  @Test
  void whoHasTakenEverythingIsNotToldByItsFormerGrantorWhatItHasToHave() {
    LeasePeer one = table.alone(1);
    assertThat(one.serves(0.1, 1)).isTrue();
    one.lease.renewal(table.at(0.1), LeaseTable.id(2));
    one.lease.answered(
        table.at(0.2), LeaseTable.id(2), new RenewalAnswer(Verdict.LAPSED, table.at(0.1), 77));
    // Nobody would register it.
    assertThat(one.state().epoch()).isEqualTo(1);
  }

  @Test
  void whoHadNoLeaseForLongAlsoDoubtsTheEpochOfTheArcBefore() {
    LeasePeer six = table.formed(6, 5, 4);
    for (double now = 1; now < 7; now += 0.5) {
      six.beat(now);
    }
    six.answerLast(7, Verdict.LAPSED, 6_900);
    // Whoever has served six's arc meanwhile may have served five's.
    assertThat(six.state().epoch()).isEqualTo(6_900);
    assertThat(six.state().before().map(GrantRecord::epoch)).isEqualTo(Optional.of(6_900L));
  }

  @Test
  void whoTakesAnArcIsToldWhatTheHolderBeforeItHasSaidOfTheArcBeforeThat() {
    // Four has taken three's arc and served it with epoch 7, has registered that, and dies.
    LeasePeer six = table.formed(6, 4, 3);
    Renewal last = new Renewal(table.at(0.1), LeaseTable.id(3), 7, 1, 8, 8, 1);
    assertThat(six.asked(0.1, 4, last)).isEqualTo(Verdict.GRANTED);
    six.newcomer(0.2, 5);
    six.grantLast(0.3);
    Admit admit = six.sentTo(5, Admit.class).get(0);
    LeasePeer five = new LeasePeer(table, 5);
    Renewal asking = five.lease.renewal(table.at(0.2), LeaseTable.id(6));
    assertThat(asking.sentAt()).isEqualTo(admit.sentAt());
    five.lease.onAdmit(table.at(0.4), LeaseTable.id(6), admit);
    five.grantLast(0.5);
    table.dead(4);
    for (double now = 1; now < 5; now += 0.5) {
      five.beat(now);
      five.grantLast(now);
    }
    // Three, which slept meanwhile, has to be above what four has served.
    GrantRecord three = five.state().before().orElseThrow();
    assertThat(three.holder()).isEqualTo(LeaseTable.id(3));
    assertThat(three.epoch()).isEqualTo(8);
    five.asked(5, 3, table.renewal(5, 2, 1));
    assertThat(five.state().before().orElseThrow().disclaimed()).isTrue();
  }
}
