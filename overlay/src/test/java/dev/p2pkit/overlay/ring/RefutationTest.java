// A peer that is said to be dead says that it lives, however often it is said.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefutationTest {
  private static final int STEP = 1_024;
  private static final int BATCH = 4_096;
  private static final int BATCHES_PER_SECOND =
      TableComparison.MOST_SECONDS * TableComparison.MOST_NEWS_PER_SECOND / (BATCH + 1);

  /**
   * As many lies as would use up 31 bits, each as far ahead as is believed, and told no faster than
   * anybody's news are taken.
   */
  @Test
  @Tag("long")
  void nobodyCanBeMadeToRunOutOfRefutations() {
    RingScenario scenario = RingScenario.formed(71, 5, 5);
    RingPeer victim = scenario.members().get(1);
    RingPeer liar = scenario.members().get(3);
    int said = 0;
    int batches = 0;
    while (said <= Integer.MAX_VALUE - 1 - STEP) {
      List<MemberNews> lies = new ArrayList<>();
      for (int i = 0; i < BATCH && said <= Integer.MAX_VALUE - 1 - STEP; i++) {
        said += STEP;
        lies.add(MemberNews.alive(victim.ref(), said));
      }
      Records records = new Records(8, 0, new BitSet(), lies);
      victim.process.run(now -> victim.ring.onMessage(now, liar.ref(), records));
      if (++batches % BATCHES_PER_SECOND == 0) {
        scenario.run(1);
      }
    }
    Accused last = new Accused(victim.ref(), Integer.MAX_VALUE - 1);
    victim.process.run(now -> victim.ring.onMessage(now, liar.ref(), last));
    scenario.run(5);
    for (RingPeer member : scenario.members()) {
      MemberNews known = member.ring.table().known(victim.id()).orElseThrow();
      assertThat(known).isEqualTo(MemberNews.alive(victim.ref(), Integer.MAX_VALUE));
      WireWriter out = new WireWriter(64);
      RingFields.news(out, List.of(known));
      assertThat(RingFields.news(new WireReader(out.toBytes()))).containsExactly(known);
    }
  }

  /** Lies about what it has contradicted would keep others from believing what it says. */
  @Test
  void whoIsSaidToHaveContradictedMuchIsBelievedWhenItContradicts() {
    RingScenario scenario = RingScenario.formed(73, 60, 30);
    RingPeer victim = scenario.members().get(1);
    RingPeer liar = scenario.members().get(30);
    for (long i = 1; i <= 3; i++) {
      says(liar, victim, MemberNews.alive(victim.ref(), i * STEP));
    }
    for (RingPeer member : scenario.members()) {
      says(liar, member, new MemberNews(MemberNews.Kind.FAILED, victim.ref(), 0));
    }
    scenario.run(40);
    for (RingPeer member : scenario.members()) {
      assertThat(member.ring.table().contains(victim.id())).as("to %s", member).isTrue();
    }
    assertThat(victim.ring.statistics().refutations()).isLessThan(10);
  }

  private static void says(RingPeer liar, RingPeer to, MemberNews news) {
    Records records = new Records(8, 0, new BitSet(), List.of(news));
    to.process.run(now -> to.ring.onMessage(now, liar.ref(), records));
  }

  /** Many lies in one message, and what is said against the last of them is said against all. */
  @Test
  void whoContradictsManyLiesAtOnceTellsItOnce() {
    RingScenario scenario = RingScenario.formed(72, 20, 60);
    RingPeer victim = scenario.members().get(1);
    RingPeer liar = scenario.members().get(9);
    long before = victim.ring.traffic().bytes(Purpose.MEMBERSHIP);
    List<MemberNews> lies = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      lies.add(new MemberNews(MemberNews.Kind.FAILED, victim.ref(), i));
    }
    Records records = new Records(8, 0, new BitSet(), lies);
    victim.process.run(now -> victim.ring.onMessage(now, liar.ref(), records));
    scenario.run(10);
    assertThat(liar.ring.table().known(victim.id()))
        .contains(MemberNews.alive(victim.ref(), 1_000));
    assertThat(victim.ring.traffic().bytes(Purpose.MEMBERSHIP) - before).isLessThan(5_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 1L << 31, (1L << 62) - 1, 1L << 62})
  void theNumberTravelsInAsManyBytesAsItNeeds(long number) {
    WireWriter out = new WireWriter(16);
    RingFields.refutation(out, number);
    int bits = Long.SIZE - Long.numberOfLeadingZeros(number | 1);
    assertThat(out.size()).isEqualTo((bits + 6) / 7);
    assertThat(RingFields.refutation(new WireReader(out.toBytes()))).isEqualTo(number);
  }

  @Test
  void aNumberWithoutEndIsRefused() {
    WireWriter out = new WireWriter(16);
    RingFields.refutation(out, (1L << 62) + 1);
    assertThatThrownBy(() -> RingFields.refutation(new WireReader(out.toBytes())))
        .isInstanceOf(WireException.class);
    byte[] endless = new byte[16];
    Arrays.fill(endless, (byte) 0x80);
    assertThatThrownBy(() -> RingFields.refutation(new WireReader(endless)))
        .isInstanceOf(WireException.class);
  }
}
