// The judges are judged: each sees what it is there for, and nothing else.
package dev.p2pkit.overlay.simulator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle.Ending;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class OracleTest {
  private final Findings findings = new Findings();
  private final Sides sides = new Sides(1_000);

  private static PeerRef ref(long position) {
    return new PeerRef(new PeerId(Key.of(position)), new Endpoint("host", 1), 1);
  }

  private static ServingArc arc(long after, long holder, long epoch, long until) {
    return new ServingArc(ref(holder), Key.of(after), epoch, until);
  }

  @Test
  void anOverlapIsSeenExactlyWhereTwoLiveClaimsShareAKey() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 2_000; run++) {
      Findings found = new Findings();
      OverlapOracle oracle = new OverlapOracle(new Sides(0), found);
      List<ServingArc> claims = new ArrayList<>();
      Map<PeerRef, OverlapOracle.Claim> standing = new HashMap<>();
      boolean overlapped = false;
      for (int step = 0; step < 16 && !overlapped; step++) {
        long holder = random.nextInt(16);
        Key before =
            claims.stream()
                .filter(other -> other.to().equals(Key.of(holder)))
                .map(ServingArc::after)
                .findAny()
                .orElse(Key.of(holder));
        boolean same = random.nextBoolean() && standing.containsKey(ref(holder));
        Key after = same ? before : Key.of(random.nextInt(16));
        ServingArc claim = new ServingArc(ref(holder), after, 1, step + 1 + random.nextInt(4));
        claims.removeIf(other -> other.to().equals(claim.to()));
        claims.add(claim);
        if (!same || !oracle.prolonged(step, standing.get(ref(holder)), claim.until())) {
          standing.put(ref(holder), oracle.serves(step, claim));
        }
        overlapped = overlaps(claims, step);
        assertThat(found.count(Promise.ONE_SERVER) > 0)
            .as("%s at %d", claims, step)
            .isEqualTo(overlapped);
      }
    }
  }

  private static boolean overlaps(List<ServingArc> claims, long now) {
    for (long key = 0; key < 16; key++) {
      Key at = Key.of(key);
      if (claims.stream().filter(arc -> arc.until() > now && arc.contains(at)).count() > 1) {
        return true;
      }
    }
    return false;
  }

  @Test
  void anOverlapBetweenTheSidesOfAPartitionIsCountedApart() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id(), ref(2).id()), List.of(ref(3).id())));
    oracle.serves(10, arc(2, 1, 1, 5_000));
    oracle.serves(10, arc(1, 2, 1, 5_000));
    oracle.serves(10, arc(3, 3, 1, 5_000));
    sides.unite(20);
    oracle.serves(900, arc(3, 3, 2, 5_000));
    assertThat(findings.broken()).isZero();
    assertThat(findings.count(Promise.ONE_SERVER_ACROSS_A_CUT)).isEqualTo(2);
    oracle.serves(1_020, arc(3, 3, 2, 2_000_000));
    oracle.serves(1_500_000, arc(2, 1, 1, 2_000_000));
    assertThat(findings.count(Promise.ONE_SERVER)).isEqualTo(1);
  }

  @Test
  void anOverlapThatBeginsAfterAPartitionIsCountedBesideThoseDuringIt() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id()), List.of(ref(2).id()), List.of(ref(3).id())));
    oracle.serves(10, arc(9, 1, 1, 5_000));
    oracle.serves(10, arc(0, 2, 1, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER_ACROSS_A_CUT)).isEqualTo(1);
    assertThat(findings.count(Promise.ONE_SERVER_AFTER_A_CUT)).isZero();
    sides.unite(20);
    oracle.serves(30, arc(1, 3, 1, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER_ACROSS_A_CUT)).isEqualTo(1);
    assertThat(findings.count(Promise.ONE_SERVER_AFTER_A_CUT)).isEqualTo(1);
    // A new partition between the same two: what begins in it does so during a partition.
    sides.divide(40, List.of(List.of(ref(3).id()), List.of(ref(4).id())));
    oracle.serves(50, arc(2, 4, 1, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER_ACROSS_A_CUT)).isEqualTo(2);
    assertThat(findings.count(Promise.ONE_SERVER_AFTER_A_CUT)).isEqualTo(1);
    assertThat(findings.broken()).isZero();
  }

  @Test
  void twoOfOneSideAreNotExcusedByThePartitionOrItsEnd() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id(), ref(2).id()), List.of(ref(3).id())));
    oracle.serves(10, arc(9, 1, 1, 5_000));
    sides.unite(20);
    oracle.serves(30, arc(0, 2, 2, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER)).isEqualTo(1);
  }

  @Test
  void whoCameWhileTwoSidesBecomeOneMayBeOfEither() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id())));
    sides.unite(20);
    sides.came(ref(4).id());
    oracle.serves(30, arc(9, 2, 1, 5_000));
    oracle.serves(30, arc(0, 4, 2, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER)).isZero();
    assertThat(findings.count(Promise.ONE_SERVER_AFTER_A_CUT)).isEqualTo(1);
    oracle.serves(1_030, arc(0, 4, 2, 2_000_000));
    oracle.serves(1_200_000, arc(9, 2, 1, 2_000_000));
    assertThat(findings.count(Promise.ONE_SERVER)).isEqualTo(1);
  }

  @Test
  void whoTakesAnArcIsOfTheSideOfTheOneThatHandsItOver() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id(), ref(2).id()), List.of(ref(3).id())));
    oracle.serves(10, arc(9, 1, 1, 5_000));
    sides.unite(20);
    // Two has lost its lease, and the first who lets it in is of the other side.
    sides.handedOver(ref(3).id(), ref(2).id(), 7);
    sides.serves(ref(2).id(), 6);
    assertThat(sides.between(30, ref(1).id(), ref(2).id())).isEqualTo(Sides.Between.NOTHING);
    sides.serves(ref(2).id(), 7);
    oracle.serves(30, arc(0, 2, 7, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER)).isZero();
    assertThat(findings.count(Promise.ONE_SERVER_AFTER_A_CUT)).isEqualTo(1);
    assertThat(sides.between(30, ref(2).id(), ref(3).id())).isEqualTo(Sides.Between.NOTHING);
  }

  @Test
  void anArcThatWasTakenBeforeTheCutIsOfTheSideWhereItsHolderStands() {
    sides.divide(0, List.of(List.of(ref(7).id())));
    // Told twice, taken once, and later served again after a while without a lease.
    sides.handedOver(ref(3).id(), ref(2).id(), 7);
    sides.serves(ref(2).id(), 7);
    sides.handedOver(ref(3).id(), ref(2).id(), 7);
    sides.handedOver(ref(3).id(), ref(1).id(), 9);
    sides.divide(20, List.of(List.of(ref(1).id(), ref(2).id()), List.of(ref(3).id())));
    sides.serves(ref(2).id(), 7);
    sides.serves(ref(1).id(), 9);
    assertThat(sides.between(30, ref(2).id(), ref(3).id())).isEqualTo(Sides.Between.CUT);
    assertThat(sides.between(30, ref(1).id(), ref(3).id())).isEqualTo(Sides.Between.CUT);
    assertThat(sides.between(30, ref(1).id(), ref(2).id())).isEqualTo(Sides.Between.NOTHING);
  }

  @Test
  void whoHasComeSinceIsOfTheSideThatLetItIn() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id()), List.of(ref(3).id())));
    sides.came(ref(4).id());
    oracle.serves(10, arc(9, 1, 1, 5_000));
    sides.handedOver(ref(1).id(), ref(4).id(), 2);
    sides.serves(ref(4).id(), 2);
    oracle.serves(15, arc(0, 4, 2, 5_000));
    assertThat(findings.count(Promise.ONE_SERVER)).isEqualTo(1);
  }

  @Test
  void whatAPeerServedOnTheOtherSideDoesNotBindItHere() {
    EpochOracle oracle = new EpochOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id(), ref(2).id()), List.of(ref(3).id())));
    oracle.serves(10, arc(9, 2, 30, 5_000));
    sides.unite(20);
    sides.handedOver(ref(3).id(), ref(2).id(), 7);
    sides.serves(ref(2).id(), 7);
    oracle.serves(30, arc(9, 2, 7, 5_000));
    assertThat(findings.broken()).isZero();
    // Within its side it does.
    oracle.serves(40, arc(9, 2, 6, 5_000));
    assertThat(findings.count(Promise.EPOCHS_GROW)).isEqualTo(1);
  }

  @Test
  void sidesThatMeetBecauseAnotherPartitionReplacesTheirsCountApartForAWhile() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    sides.divide(0, List.of(List.of(ref(1).id())));
    oracle.serves(10, arc(2, 1, 1, 5_000));
    sides.divide(20, List.of(List.of(ref(9).id())));
    oracle.serves(30, arc(3, 3, 1, 5_000));
    assertThat(findings.broken()).isZero();
  }

  @Test
  void aSecondProcessOfTheSameIdentityOverlapsWithTheFirst() {
    OverlapOracle oracle = new OverlapOracle(sides, findings);
    oracle.serves(10, arc(2, 1, 1, 100));
    PeerRef copy = new PeerRef(ref(1).id(), ref(1).endpoint(), 2);
    oracle.serves(11, new ServingArc(copy, Key.of(2), 2, 100));
    assertThat(findings.count(Promise.ONE_SERVER)).isEqualTo(1);
  }

  @Test
  void anEpochThatDoesNotGrowIsSeen() {
    EpochOracle oracle = new EpochOracle(sides, findings);
    oracle.serves(1, arc(9, 9, 5, 100));
    oracle.serves(2, arc(9, 4, 6, 100));
    oracle.serves(3, arc(4, 9, 5, 100));
    oracle.serves(4, arc(9, 9, 7, 100));
    assertThat(findings.broken()).as("%s", findings).isZero();
    oracle.serves(5, arc(9, 4, 7, 100));
    assertThat(findings.count(Promise.EPOCHS_GROW)).isEqualTo(1);
  }

  @Test
  void theShapeOfARingIsJudgedAsZaveDoes() {
    assertThat(shape("1:2,3 2:3,4 3:4,1 4:1,2").broken(2)).isEmpty();
    assertThat(shape("1:2,3 2:3,4 3:4,1 4:1,2").principals()).hasSize(4);
    assertThat(shape("1:3,4 2:3,4 3:4,1 4:1,3").principals())
        .doesNotContain(ref(2).id())
        .hasSize(3);
    assertThat(shape("1:3,2 2:3,1 3:1,2").disorder()).isPresent();
    assertThat(shape("1:7,8 2:3,1 3:1,2").abandoned()).isPresent();
    assertThat(shape("1:3,5 3:1,3 2:4,6 4:2,4").notOneRing().orElseThrow()).contains("more than");
    assertThat(shape("1:3,4 3:2,5 2:4,5 4:1,2").notOneRing().orElseThrow()).contains("winds");
    assertThat(shape("1:2,3 2:3,1 3:1,2").broken(3).orElseThrow()).contains("principals");
    assertThat(shape("1:2,3 2:3,4 3:4,1 4:1,2").mayDie(ref(2).id(), 2)).isTrue();
    assertThat(shape("1:2,3 2:3,1 3:1,2").mayDie(ref(2).id(), 2)).isFalse();
    assertThat(shape("1:3,4 2:3,4 3:4,1 4:1,3").mayDie(ref(2).id(), 2)).isTrue();
    assertThat(shape("1:2 2:3,4 3:4,1 4:1,2").mayDie(ref(2).id(), 2)).isFalse();
  }

  @Test
  void aListOutOfOrderIsSeenWhenItChanges() {
    ShapeOracle oracle = new ShapeOracle(2, findings);
    neighbours("1:2,3 2:3,4 3:4,1").forEach(member -> oracle.changed(member, 1));
    assertThat(findings.broken()).isZero();
    neighbours("1:3,2").forEach(member -> oracle.changed(member, 2));
    neighbours("1:2,2").forEach(member -> oracle.changed(member, 3));
    assertThat(findings.count(Promise.LISTS_ORDERED)).isEqualTo(2);
  }

  @Test
  void aBrokenRingIsSeenWhileWhatTheProofAssumesHolds() {
    String whole = "1:2,3 2:3,4 3:4,5 4:5,1 5:1,2";
    String two = "1:3,5 3:5,1 5:1,3 2:4,2 4:2,4";
    ShapeOracle oracle = new ShapeOracle(2, findings);
    oracle.look(shape(two), true, 1);
    assertThat(findings.broken()).as("it was never whole").isZero();
    oracle.look(shape(whole), true, 2);
    oracle.notAssumed();
    oracle.look(shape(two), true, 3);
    oracle.look(shape(whole), true, 4);
    oracle.look(shape(two), false, 5);
    assertThat(findings.broken()).as("the living were taken for dead").isZero();
    oracle.look(shape(whole), true, 6);
    oracle.look(shape(two), true, 7);
    assertThat(findings.count(Promise.RING_INVARIANT)).isEqualTo(1);
  }

  @Test
  void aDeathThatTheProofDoesNotAllowSuspendsTheJudgementUntilTheRingIsWholeAgain() {
    ShapeOracle oracle = new ShapeOracle(2, findings);
    oracle.look(shape("1:2,3 2:3,4 3:4,5 4:5,1 5:1,2"), true, 1);
    oracle.dies(ref(5).id(), 5, () -> shape("1:2,3 2:3,4 3:4,5 4:5,1 5:1,2"));
    assertThat(oracle.judging()).isTrue();
    oracle.dies(ref(1).id(), 4, () -> shape("1:2,3 2:3,4 3:4,2 4:1"));
    assertThat(oracle.judging()).as("4 knows nobody else").isFalse();
    oracle.look(shape("2:3,4 3:4,2 4:1"), true, 2);
    assertThat(findings.broken()).isZero();
    oracle.look(shape("2:3,4 3:4,2 4:2,3"), true, 3);
    oracle.look(shape("2:3,4 3:4,2 4:1"), true, 4);
    assertThat(findings.count(Promise.RING_INVARIANT)).isEqualTo(1);
  }

  @Test
  void principalsAreCountedOnceTheRingHasHadEnough() {
    ShapeOracle oracle = new ShapeOracle(2, findings);
    String few = "1:3,4 2:3,4 3:1,2 4:1,3";
    oracle.look(shape("1:2,3 2:3,1 3:1,2"), true, 1);
    oracle.look(shape("1:2,3 2:3,4 3:4,1 4:1,2"), true, 2);
    assertThat(findings.broken()).isZero();
    assertThat(new RingShape(neighbours(few)).principals()).hasSizeLessThan(3);
    oracle.look(shape(few), true, 3);
    assertThat(findings.count(Promise.RING_INVARIANT)).isEqualTo(1);
  }

  @Test
  void whomAPeerSkipsThatIsStillEnteringIsNoPrincipal() {
    List<Neighbours> members = neighbours("1:2,3 2:3,4 3:4,1 4:1,2");
    assertThat(new RingShape(members).principals()).hasSize(4);
    RingShape shape = new RingShape(members, neighbours("5:1,3"));
    assertThat(shape.principals()).containsExactly(ref(1).id(), ref(3).id(), ref(4).id());
  }

  private static RingShape shape(String text) {
    return new RingShape(neighbours(text));
  }

  private static List<Neighbours> neighbours(String text) {
    List<Neighbours> members = new ArrayList<>();
    for (String member : Splitter.on(' ').split(text)) {
      List<String> parts = Splitter.on(':').splitToList(member);
      List<PeerRef> successors =
          Splitter.on(',')
              .splitToStream(parts.get(1))
              .map(Long::parseLong)
              .map(OracleTest::ref)
              .toList();
      members.add(new Neighbours(ref(Long.parseLong(parts.get(0))).id(), successors, List.of()));
    }
    return members;
  }

  @Test
  void whatACallerIsToldMustBeWhatHappened() {
    OutcomeOracle oracle = new OutcomeOracle(10, findings);
    int good = oracle.opened(100);
    oracle.processed(good, 50);
    oracle.ended(good, Ending.DELIVERED, 110);
    int unknown = oracle.opened(100);
    oracle.ended(unknown, Ending.UNKNOWN, 100);
    oracle.processed(unknown, 120);
    int refused = oracle.opened(100);
    oracle.ended(refused, Ending.NOT_DELIVERED, 20);
    oracle.abandoned(oracle.opened(100));
    oracle.finish(1_000);
    assertThat(oracle.falseOutcomes()).as("%s", findings).isZero();
    oracle.processed(refused, 30);
    oracle.processed(good, 60);
    oracle.ended(good, Ending.DELIVERED, 70);
    oracle.ended(oracle.opened(100), Ending.DELIVERED, 50);
    int late = oracle.opened(100);
    oracle.processed(late, 50);
    oracle.ended(late, Ending.NOT_DELIVERED, 111);
    int silent = oracle.opened(100);
    oracle.finish(1_000);
    assertThat(findings.toString())
        .contains("message " + refused + " was processed after")
        .contains("message " + good + " was processed twice")
        .contains("message " + good + " ended twice")
        .contains("without having been processed")
        .contains("after it had been processed")
        .contains("11 µs after its deadline")
        .contains("message " + silent + " never ended");
    assertThat(oracle.falseOutcomes()).isEqualTo(7);
  }

  @Test
  void whatMayRepeatIsCountedWhenItDoesAndIsStillNeverDeniedFalsely() {
    OutcomeOracle oracle = new OutcomeOracle(10, true, findings);
    int again = oracle.opened(100);
    oracle.processed(again, 50);
    oracle.processed(again, 60);
    oracle.ended(again, Ending.DELIVERED, 70);
    assertThat(oracle.falseOutcomes()).as("%s", findings).isZero();
    assertThat(oracle.processedAgain()).isEqualTo(1);
    int denied = oracle.opened(100);
    oracle.processed(denied, 50);
    oracle.ended(denied, Ending.NOT_DELIVERED, 70);
    assertThat(oracle.falseOutcomes()).isEqualTo(1);
  }

  @Test
  void aBroadcastThatWasRefusedIsMissedByNobody() {
    CoverageOracle oracle = new CoverageOracle(findings);
    BitSet four = new BitSet();
    four.set(0, 4);
    long busy = oracle.began(0, 1, four);
    oracle.refused(busy);
    assertThat(oracle.whole(busy)).isTrue();
    assertThat(oracle.finish(busy, 10)).containsExactly(0, 0);
    assertThat(findings.broken()).isZero();
  }

  @Test
  void aBroadcastMustReachAllWhoWereThereOnceAndInOrder() {
    CoverageOracle oracle = new CoverageOracle(findings);
    BitSet four = new BitSet();
    four.set(0, 4);
    long first = oracle.began(0, 1, four);
    long second = oracle.began(0, 2, four);
    for (int peer = 0; peer < 3; peer++) {
      oracle.reached(first, peer, 5);
      oracle.reached(second, peer, 6);
    }
    assertThat(oracle.whole(first)).isFalse();
    oracle.gone(3);
    assertThat(oracle.whole(first)).isTrue();
    assertThat(oracle.finish(first, 10)).containsExactly(0, 3);
    assertThat(findings.broken()).isZero();
    oracle.reached(second, 2, 7);
    long third = oracle.began(0, 3, four);
    long fourth = oracle.began(0, 4, four);
    oracle.reached(fourth, 1, 8);
    oracle.reached(third, 1, 9);
    oracle.finish(third, 20);
    assertThat(findings.toString())
        .contains("reached 2 twice")
        .contains("reached 1 after number 4")
        .contains("has missed {0, 2, 3} and reached {1}");
  }

  private static BitSet upTo(int peers) {
    BitSet all = new BitSet();
    all.set(0, peers);
    return all;
  }

  private static CoverageOracle.Told told(BitSet tree, BitSet repaired, IntPredicate excepted) {
    return new CoverageOracle.Told(tree, true, tree.cardinality(), repaired, excepted);
  }

  @Test
  void whatAReportSaysMustBeWhatHappened() {
    CoverageOracle oracle = new CoverageOracle(findings);
    BitSet nobody = new BitSet();
    long good = oracle.began(0, 1, upTo(5), 100);
    for (int peer = 0; peer < 4; peer++) {
      oracle.reached(good, peer, 5);
    }
    // Who is gone had got it; the one that was missed is called so.
    oracle.gone(2);
    BitSet third = new BitSet();
    third.set(3);
    oracle.reported(good, told(upTo(3), third, peer -> peer == 4), peer -> true, 100);
    // Somebody takes the fourth for dead, and hides nothing by that.
    long doubted = oracle.began(0, 2, upTo(2), 100);
    oracle.reached(doubted, 0, 5);
    oracle.reported(doubted, told(upTo(1), nobody, peer -> false), peer -> peer != 1, 9);
    assertThat(findings.broken()).as("%s", findings).isZero();

    oracle.reported(doubted, told(upTo(1), nobody, peer -> true), peer -> true, 101);
    long hiding = oracle.began(0, 3, upTo(3), 100);
    oracle.reached(hiding, 0, 5);
    oracle.reported(hiding, told(upTo(1), nobody, peer -> peer == 1), peer -> true, 9);
    long boasting = oracle.began(0, 4, upTo(3), 100);
    oracle.reached(boasting, 0, 5);
    oracle.reported(boasting, told(upTo(1), third, peer -> true), peer -> true, 9);
    long counting = oracle.began(0, 5, upTo(3), 100);
    oracle.reached(counting, 0, 5);
    oracle.reported(
        counting,
        new CoverageOracle.Told(upTo(1), false, 2, nobody, peer -> true),
        peer -> true,
        9);
    long shrinking = oracle.began(0, 6, upTo(3), 100);
    upTo(3).stream().forEach(peer -> oracle.reached(shrinking, peer, 5));
    oracle.reported(
        shrinking,
        new CoverageOracle.Told(upTo(3), true, 2, nobody, peer -> false),
        peer -> true,
        9);
    assertThat(findings.toString())
        .contains("broadcast 2 of peer 0 was made twice")
        .contains("broadcast 2 of peer 0 came 1 µs late")
        .contains("broadcast 3 of peer 0 does not say that it has missed 2")
        .contains("broadcast 4 of peer 0 names {3} as reached, who have not got it")
        .contains("broadcast 5 of peer 0 counts 2 as reached where 1 have got it")
        .contains("broadcast 6 of peer 0 counts 2 as reached and names {0, 1, 2}");
    assertThat(findings.count(Promise.REPORTS_TRUE)).isEqualTo(6);
  }

  @Test
  void anOriginThatLivesGetsAReport() {
    CoverageOracle oracle = new CoverageOracle(findings);
    long early = oracle.began(0, 1, upTo(1), 100);
    oracle.reached(early, 0, 5);
    oracle.finish(early, 100);
    long dead = oracle.began(1, 1, upTo(2), 100);
    oracle.reached(dead, 0, 5);
    oracle.gone(1);
    oracle.finish(dead, 200);
    long unasked = oracle.began(0, 2, upTo(1));
    oracle.reached(unasked, 0, 5);
    oracle.finish(unasked, 200);
    assertThat(findings.broken()).as("%s", findings).isZero();
    long silent = oracle.began(0, 3, upTo(1), 100);
    oracle.reached(silent, 0, 5);
    oracle.finish(silent, 101);
    assertThat(findings.toString()).contains("broadcast 3 of peer 0 never came");
    assertThat(findings.count(Promise.REPORTS_TRUE)).isEqualTo(1);
  }

  @Test
  void aBroadcastThatNobodyHasAnyMoreNeedReachNobodyAndOneThatSomebodyHasMust() {
    CoverageOracle oracle = new CoverageOracle(findings);
    BitSet four = new BitSet();
    four.set(0, 4);
    long lost = oracle.began(0, 1, four);
    oracle.reached(lost, 0, 5);
    long saved = oracle.began(0, 2, four);
    oracle.reached(saved, 0, 5);
    oracle.reached(saved, 2, 6);
    oracle.gone(0);
    assertThat(oracle.whole(lost)).isTrue();
    assertThat(oracle.whole(saved)).isFalse();
    assertThat(oracle.finish(saved, 10)).containsExactly(2, 3);
  }

  @Test
  void aPeerAboveItsBudgetOrBoundIsSeen() {
    BudgetOracle oracle = new BudgetOracle(1_000, 1_000_000, 10, findings);
    oracle.sent(70, 0, 0);
    oracle.sent(70, 900, 500_000);
    oracle.sent(70, 1_000, 1_000_000);
    oracle.holds(70, "messages", 5, 5, 0);
    assertThat(findings.broken()).isZero();
    oracle.sent(70, 2_001, 2_000_000);
    oracle.holds(70, "messages", 6, 5, 0);
    assertThat(findings.count(Promise.BUDGET_KEPT)).isEqualTo(1);
    assertThat(findings.count(Promise.BOUNDS_KEPT)).isEqualTo(1);
    assertThat(oracle.highest()).isEqualTo(1_001);
  }

  @Test
  void aBurstIsSeenWhereverTheWindowLiesAndOfAPeerThatIsYoung() {
    BudgetOracle oracle = new BudgetOracle(1_000, 1_000_000, 10, findings);
    for (int step = 0; step <= 30; step++) {
      // 1,200 bytes within 0.4 s, in the middle of the second and the third second.
      oracle.sent(0, Math.max(0, Math.min(1_200, 300 * (step - 17))), step * 100_000L);
      assertThat(findings.broken() > 0).as("step %d", step).isEqualTo(step >= 21);
    }
    assertThat(oracle.highest()).isEqualTo(1_200);
    oracle.sent(1, 0, 5_000_000);
    oracle.sent(1, 1_000, 5_100_000);
    assertThat(findings.count(Promise.BUDGET_KEPT)).isEqualTo(1);
    oracle.sent(1, 1_001, 5_200_000);
    assertThat(findings.count(Promise.BUDGET_KEPT)).isEqualTo(2);
    oracle.sent(1, 0, 5_300_000);
    oracle.sent(1, 900, 5_400_000);
    assertThat(findings.count(Promise.BUDGET_KEPT)).as("it has started again").isEqualTo(2);
  }
}
