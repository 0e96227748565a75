// However many are said to have died, what is remembered of it is bounded and never forgotten
// early.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.Successions.Ended;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class SuccessionsTest {
  private final Successions successions = new Successions(100);

  private static PeerId id(long number) {
    return new PeerId(Key.of(number));
  }

  private static PeerRef process(long number, long incarnation) {
    return new PeerRef(id(number), new Endpoint("host", 1), incarnation);
  }

  @Test
  void anEarlierProcessCountsForAWhile() {
    successions.ended(1_000, id(1), 1);
    assertThat(successions.mayHaveEndedBut(1_100, process(1, 2))).isTrue();
    assertThat(successions.mayHaveEndedBut(1_101, process(1, 2))).isFalse();
    assertThat(successions.mayHaveEndedBut(1_050, process(2, 2))).isFalse();
    successions.ended(1_200, id(2), 1);
    assertThat(successions.size()).isEqualTo(1);
  }

  @Test
  void thatVeryProcessDoesNotCountButTheOneBeforeIt() {
    successions.ended(1_000, id(1), 2);
    assertThat(successions.mayHaveEndedBut(1_010, process(1, 2))).isFalse();
    successions.ended(1_020, id(1), 3);
    successions.ended(1_090, id(1), 3);
    assertThat(successions.mayHaveEndedBut(1_100, process(1, 3))).as("2 has ended").isTrue();
    assertThat(successions.mayHaveEndedBut(1_101, process(1, 3))).isFalse();
    assertThat(successions.mayHaveEndedBut(1_101, process(1, 4))).as("3 has ended").isTrue();
  }

  @Test
  void whereAMemberCouldBeDialledIsRememberedOfTheLastProcessAlone() {
    Ended member = new Ended(process(1, 2), 900);
    successions.ended(1_000, member);
    successions.ended(1_010, id(1), 2);
    assertThat(successions.last(id(1))).contains(member);
    successions.ended(1_020, id(1), 3);
    assertThat(successions.last(id(1))).as("of 3 only others have spoken").isEmpty();
  }

  @Test
  void whoIsForgottenForOthersMayHaveEnded() {
    successions.ended(1_000, id(1), 1);
    for (long i = 0; i < Successions.MOST; i++) {
      successions.ended(1_050, id(2 + i), 1);
    }
    assertThat(successions.size()).isEqualTo(Successions.MOST);
    assertThat(successions.mayHaveEndedBut(1_100, process(1, 2))).as("forgotten").isTrue();
    assertThat(successions.mayHaveEndedBut(1_101, process(1, 2))).isFalse();
    assertThat(successions.mayHaveEndedBut(1_101, process(2, 2))).isTrue();
  }
}
