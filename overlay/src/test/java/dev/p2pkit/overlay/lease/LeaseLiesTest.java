// What a liar may say about leases, and that it gets nothing by it.
package dev.p2pkit.overlay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import org.junit.jupiter.api.Test;

class LeaseLiesTest {
  private final LeaseTable table = new LeaseTable();

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
