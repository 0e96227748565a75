// The account of the upgrade bench must notice what it is there to notice.
package dev.p2pkit.peer.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class TalliesTest {
  private static final PeerId PEER = new PeerId(Key.of(1));

  private final Tallies tallies = new Tallies();

  private void acknowledge(long... counts) {
    for (long count : counts) {
      tallies.acknowledged(PEER, 100 * count, count);
    }
  }

  @Test
  void everythingCountedOnceIsFine() {
    acknowledge(2, 1, 3);
    tallies.failed(PEER, ErrorCode.SERVICE_CRASHED);
    tallies.failed(PEER, ErrorCode.MAILBOX_FULL);
    assertThat(tallies.judge(PEER, 3, 600)).isEqualTo(new Tallies.Verdict(0, 0));
    assertThat(tallies.acknowledged()).isEqualTo(3);
    assertThat(tallies.failures())
        .containsEntry(ErrorCode.SERVICE_CRASHED, 1L)
        .containsEntry(ErrorCode.MAILBOX_FULL, 1L);
  }

  @Test
  void aStateThatWentBackHasLostCalls() {
    acknowledge(1, 2, 3, 2, 3);
    assertThat(tallies.judge(PEER, 3, 0).lost()).isEqualTo(2);
  }

  @Test
  void aCountThatIsTooLowHasLostCalls() {
    acknowledge(1, 2, 3);
    assertThat(tallies.judge(PEER, 1, 100)).isEqualTo(new Tallies.Verdict(2, 0));
  }

  @Test
  void aCountThatIsTooHighHasDoubledCallsUnlessTheirOutcomeIsUnknown() {
    acknowledge(1, 2, 4);
    assertThat(tallies.judge(PEER, 4, 900)).isEqualTo(new Tallies.Verdict(0, 1));
    tallies.failed(PEER, ErrorCode.DELIVERY_UNKNOWN);
    assertThat(tallies.judge(PEER, 4, 900)).isEqualTo(new Tallies.Verdict(0, 0));
  }

  @Test
  void oneLostAndOneDoubledAreToldByTheSum() {
    acknowledge(1, 2, 3);
    assertThat(tallies.judge(PEER, 3, 500)).isEqualTo(new Tallies.Verdict(1, 1));
  }
}
