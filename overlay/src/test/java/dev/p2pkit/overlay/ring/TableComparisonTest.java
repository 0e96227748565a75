// When a peer compares its table with others: what must not keep it from that.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastDigest;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MembershipMessage.BlockHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseAnswer;
import dev.p2pkit.overlay.ring.WatchedMember.Sent;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TableComparisonTest {
  private static final long SECOND = 1_000_000;

  /** Nobody's table. */
  private static final TableNotice DIFFERENT = new TableNotice(1, 0, 40, 4);

  private final WatchedMember member = new WatchedMember();
  private final List<Sent> sent = member.sent;
  private final List<PeerRef> members = member.members;
  private final RingMachine machine = member.machine;

  private void beats(long now, PeerRef from) {
    machine.onMessage(
        now,
        from,
        new StabiliseAnswer(
            7,
            0,
            Optional.empty(),
            0,
            List.of(),
            0,
            DIFFERENT,
            BroadcastDigest.NONE,
            RenewalAnswer.of(RenewalAnswer.Verdict.GRANTED, 77)));
  }

  private long hashesFor(PeerRef peer) {
    return sent.stream()
        .filter(each -> each.to().equals(peer) && each.message() instanceof BlockHashes)
        .count();
  }

  @Test
  void aDifferenceWithANeighbourIsRepairedThoughOneThatDifferedBeforeIsSilentForEver() {
    beats(SECOND, members.get(WatchedMember.SELF + 9));
    PeerRef next = members.get(WatchedMember.SELF + 1);
    for (int i = 2; i < 16; i++) {
      beats(i * SECOND, next);
    }
    assertThat(hashesFor(next)).isPositive();
  }

  @Test
  void manyWhoAskTheWayInKeepNobodyFromComparing() {
    for (int i = 0; i < 10_000; i++) {
      machine.onMessage(SECOND + i * 500L, member.stranger(), new JoinRequest());
    }
    long answers =
        sent.stream()
            .map(Sent::message)
            .filter(answer -> answer instanceof JoinRedirect || answer instanceof JoinBusy)
            .count();
    assertThat(answers).isGreaterThan(5_000);
    PeerRef other = members.get(WatchedMember.SELF + 20);
    machine.onMessage(7 * SECOND, other, new HashOffer(DIFFERENT));
    assertThat(hashesFor(other)).isEqualTo(1);
  }

  @Test
  void whatOnePeerTellsInRecordsIsBoundedAndWhatOthersTellIsTakenAllTheSame() {
    PeerRef liar = members.get(WatchedMember.SELF + 9);
    List<MemberNews> known = members.stream().map(ref -> MemberNews.alive(ref, 0)).toList();
    List<MemberNews> many = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      many.addAll(known);
    }
    Records records = new Records(8, 0, new BitSet(), many);
    int bound = TableComparison.MOST_SECONDS * TableComparison.MOST_NEWS_PER_SECOND;
    for (int told = 0; told < 2 * bound; told += many.size()) {
      machine.onMessage(SECOND, liar, records);
    }
    long refused = machine.statistics().dropped().get("news");
    assertThat(refused).isBetween((long) bound, bound + 2L * many.size() + bound / 50);

    PeerRef unknown = member.stranger();
    Records honest = new Records(8, 0, new BitSet(), List.of(MemberNews.alive(unknown, 0)));
    many.add(MemberNews.alive(unknown, 0));
    machine.onMessage(SECOND, liar, new Records(8, 0, new BitSet(), many));
    assertThat(machine.table().contains(unknown.id())).isFalse();
    machine.onMessage(SECOND, members.get(WatchedMember.SELF + 1), honest);
    assertThat(machine.table().contains(unknown.id())).isTrue();
  }

  @Test
  void whoPullsTheTableWithoutEndIsAnsweredForAWhileAndOthersToo() {
    PeerRef liar = members.get(WatchedMember.SELF + 9);
    for (int i = 0; i < 1_000; i++) {
      machine.onMessage(SECOND, liar, new TablePull(i, 0));
    }
    assertThat(machine.statistics().dropped().get("union"))
        .isEqualTo(1_000 - Speaker.PULLS_PER_SECOND);
    // Its pulls have not taken what others are told once the next second has begun.
    PeerRef other = members.get(WatchedMember.SELF + 1);
    sent.clear();
    machine.onMessage(2 * SECOND, other, new TablePull(7, 0));
    assertThat(sent)
        .filteredOn(each -> each.to().equals(other) && each.message() instanceof TablePart)
        .hasSize(1);
  }

  /**
   * Where some know an arc only, most of those who are asked cannot say what is missed elsewhere.
   * To stay with each of them for a minute would leave a dead peer in a table for many.
   */
  @Test
  void whoKnowsEverybodyAsksAnotherAtOnceWhereTheOneAskedKnowsAnArcOnly() {
    BitSet one = BitSet.valueOf(new long[] {1});
    List<PeerId> asked = new ArrayList<>();
    for (int second = 1; second < 60; second++) {
      long now = second * SECOND;
      heartbeat(member, now);
      for (Sent offer : List.copyOf(sent)) {
        if (offer.message() instanceof HashOffer) {
          asked.add(offer.to().id());
          machine.onMessage(
              now, offer.to(), new BlockHashes(12, 16, one, new int[] {second}, true));
        }
      }
    }
    assertThat(asked.size()).isGreaterThan(6);
    assertThat(Set.copyOf(asked)).hasSizeGreaterThan(asked.size() / 2);
  }

  /** A second passes in which everybody lives. */
  private static void heartbeat(WatchedMember peer, long now) {
    peer.members.stream()
        .filter(ref -> !ref.equals(peer.members.get(WatchedMember.SELF)))
        .forEach(ref -> peer.machine.onMessage(now, ref, new ProbeAnswer(0)));
    peer.sent.clear();
    peer.machine.onTimer(now, Timers.HEARTBEAT);
  }

  /**
   * Whoever stands ahead knows nothing of the far end of the arc behind. Six minutes with the same
   * peer left a member that news had missed out of the table for as long.
   */
  @RepeatedTest(4)
  void whoKnowsAnArcComparesBothEndsOfItInEveryMinuteAndAHalf(RepetitionInfo repetition) {
    LadderConfig level = new LadderConfig(4_096, 16 << 20, 2, 2, 0);
    WatchedMember peer =
        new WatchedMember(
            repetition.getCurrentRepetition(), 200, RingConfig.DEFAULT.withLadder(level));
    Coverage mine = peer.machine.table().coverage();
    assertThat(mine.complete()).isFalse();
    int[] comparedAt = new int[mine.count()];
    Set<PeerId> asked = new HashSet<>();
    for (int second = 1; second <= 240; second++) {
      heartbeat(peer, second * SECOND);
      for (Sent each : peer.sent) {
        if (each.message() instanceof BlockHashes) {
          Key position = each.to().id().position();
          Coverage theirs = Coverage.around(position, peer.machine.ladder().rungs().arcBits());
          asked.add(each.to().id());
          for (int place = 0; place < mine.count(); place++) {
            if (theirs.placeOfBlock(mine.blockAt(place)) >= 0) {
              comparedAt[place] = second;
            }
          }
        }
      }
      if (second >= 90) {
        assertThat(comparedAt).doesNotContain(IntStream.rangeClosed(0, second - 90).toArray());
      }
    }
    assertThat(asked).as("links").hasSizeLessThanOrEqualTo(6);
  }
}
