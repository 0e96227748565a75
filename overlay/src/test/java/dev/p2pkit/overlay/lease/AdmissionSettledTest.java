// A hand-over whose end is in doubt is settled by asking, not by waiting for the end of a lease.
package dev.p2pkit.overlay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Declined;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three holds the arc behind one; two comes in between. Times in seconds. */
class AdmissionSettledTest {
  private final LeaseTable table = new LeaseTable();
  private final LeasePeer three = table.formed(3, 1, 6);

  /** Two has been told, and says nothing to it. */
  private Admit told() {
    three.newcomer(0.1, 2);
    three.grantLast(0.2);
    List<Admit> admits = three.sentTo(2, Admit.class);
    assertThat(admits).hasSize(1);
    assertThat(three.serves(0.2, 2)).isFalse();
    return admits.get(0);
  }

  @Test
  void whoIsToldAndSilentIsAskedAndToldAgain() {
    told();
    assertThat(three.sentTo(2, Ask.class)).isEmpty();
    three.beat(0.36);
    assertThat(three.sentTo(2, Ask.class)).hasSize(1);
    three.newcomer(0.45, 2);
    assertThat(three.sentTo(2, Admit.class)).hasSize(2);
  }

  @Test
  void whoHasTakenItsArcShowsItWhenItIsAsked() {
    told();
    three.beat(0.36);
    three.asked(0.45, 2, table.renewal(0.45, 1, three.state().before().orElseThrow().epoch()));
    assertThat(three.state().handOver()).isEmpty();
    assertThat(three.serves(0.45, 2)).isFalse();
    assertThat(three.lo()).isEqualTo(LeaseTable.id(1));
  }

  @Test
  void whoDeclinesWillNotTakeItAndTheGiverServesOn() {
    Admit lost = told();
    three.lease.onMessage(table.at(0.5), LeaseTable.ref(2), new Declined(lost.sentAt()));
    assertThat(three.state().lo()).isEqualTo(LeaseTable.id(1));
    three.grantLast(0.6);
    assertThat(three.serves(0.6, 2)).isTrue();
    assertThat(three.state().epoch()).isGreaterThan(lost.arc().epoch());
  }

  @Test
  void aWordFromBeforeTheLastRequestOrOfAnotherProcessDeclinesNothing() {
    Admit lost = told();
    three.lease.onMessage(table.at(0.5), LeaseTable.ref(2), new Declined(lost.sentAt() - 1));
    three.lease.onMessage(table.at(0.5), LeaseTable.process(2, 2), new Declined(lost.sentAt() + 9));
    three.grantLast(0.6);
    assertThat(three.state().handOver()).isPresent();
    assertThat(three.serves(0.6, 2)).isFalse();
  }

  @Test
  void anotherProcessOfTheNewcomerIsNotToldWhatTheFirstMayHaveTaken() {
    Admit first = told();
    three.lease.asked(table.at(0.5), LeaseTable.process(2, 2), table.renewal(0.5, 2, 0));
    assertThat(three.sentTo(2, Admit.class)).hasSize(1);
    three.lease.dead(table.at(0.6), LeaseTable.ref(2));
    three.grantLast(0.7);
    three.lease.asked(table.at(0.8), LeaseTable.process(2, 2), table.renewal(0.8, 2, 0));
    three.grantLast(0.9);
    List<Admit> admits = three.sentTo(2, Admit.class);
    assertThat(admits).hasSize(2);
    assertThat(admits.get(1).arc().epoch()).isGreaterThan(first.arc().epoch());
  }

  @Test
  void whoIsToldWhatItAskedForTooLongAgoAsksAtOnce() {
    Admit late = told();
    LeasePeer two = new LeasePeer(table, 2);
    two.lease.onMessage(table.at(3), LeaseTable.ref(3), late);
    assertThat(two.state().epoch()).isZero();
    assertThat(two.sentTo(3, Renew.class)).hasSize(1);
  }

  @Test
  void whatIsDeclinedIsNeverTaken() {
    Admit late = told();
    LeasePeer two = new LeasePeer(table, 2);
    two.lease.renewal(late.sentAt(), LeaseTable.id(3));
    two.lease.clear();
    assertThat(two.lease.decline().upTo()).isGreaterThanOrEqualTo(late.sentAt());
    two.lease.onMessage(table.at(1), LeaseTable.ref(3), late);
    assertThat(two.state().epoch()).isZero();
  }

  /**
   * Two had slept, and before it hears what it was given it takes one for dead and grows over one's
   * arc, with the time as its epoch. One lives, and three has granted it until just now.
   */
  @Test
  void whoHasGrownByItselfHasNotTakenWhatItWasGivenHoweverHighItsEpoch() {
    assertThat(three.asked(0.05, 1, table.renewal(0.05, 6, 1))).isEqualTo(Verdict.GRANTED);
    Admit lost = told();
    Renewal grown = new Renewal(table.at(0.4), LeaseTable.id(6), 50_000, 1, 1, 1, 1);
    assertThat(three.asked(0.45, 2, grown)).isEqualTo(Verdict.WAIT);
    // It is admitted anew, to the part that is not one's.
    three.grantLast(0.5);
    three.lease.asked(
        table.at(0.6),
        LeaseTable.ref(2),
        new Renewal(table.at(0.55), LeaseTable.id(6), 50_000, 1, 1, 1, 1));
    three.grantLast(0.7);
    Admit next = three.sentTo(2, Admit.class).get(1);
    assertThat(next.arc().lo()).isEqualTo(LeaseTable.id(1));
    assertThat(next.arc().epoch()).isGreaterThan(50_000).isGreaterThan(lost.arc().epoch());
  }

  @Test
  void whoHasGrownByItselfIsNotGrantedByTheHeirOfTheGiverEither() {
    told();
    LeasePeer four = table.formed(4, 3, 1);
    assertThat(four.asked(0.3, 3, three.lastRenewal())).isEqualTo(Verdict.GRANTED);
    four.lease.dead(table.at(0.4), LeaseTable.ref(3));
    four.grantLast(0.5);
    Renewal grown = new Renewal(table.at(0.6), LeaseTable.id(6), 50_000, 1, 1, 1, 1);
    assertThat(four.asked(0.6, 2, grown)).isEqualTo(Verdict.WAIT);
  }
}
