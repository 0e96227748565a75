// Broadcasts on whole rings: clean, lossy, under churn, after half of all peers have died.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastWorld.Member;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.BroadcastReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class BroadcastOnRingTest {
  private static final Logger LOG = LoggerFactory.getLogger(BroadcastOnRingTest.class);
  private static final NetworkConditions WIDE = NetworkConditions.WIDE_AREA;

  private static BroadcastWorld world(long seed, int peers, NetworkConditions conditions) {
    BroadcastWorld world = new BroadcastWorld(seed, peers, conditions, RingConfig.DEFAULT);
    world.run(2);
    return world;
  }

  private static void log(String what, BroadcastWorld world) {
    LOG.info(
        "{}: payloads/peer {}, messages/peer {}, repairs {}, broadcasts {}, missed events {}",
        what,
        world.payloadsPerPeer(),
        world.messagesPerPeer(),
        world.repairs,
        world.tickets.size(),
        world.missedEvents.size());
  }

  @Test
  void aCleanRingOfAThousandGetsOnePayloadEachWithinHalfASecond() {
    BroadcastWorld world = world(1, 1_000, WIDE);
    Member origin = world.members.get(17);
    long cold = world.broadcast(origin);
    long begunCold = world.simulation.now();
    world.run(6);
    LOG.info("cold: last delivery {} µs", world.oracle.lastAt(cold) - begunCold);
    log("cold", world);
    world.payloads = 0;
    world.messages = 0;
    world.expectedCopies = 0;
    long together = 0;
    for (int i = 0; i < 5; i++) {
      long begun = world.simulation.now();
      long warm = world.broadcast(origin);
      world.run(3);
      together += world.oracle.lastAt(warm) - begun;
      LOG.info("warm: last delivery {} µs", world.oracle.lastAt(warm) - begun);
    }
    log("warm", world);
    world.everybodyWasReachedOnceAndInOrder();
    assertThat(world.reports).hasSize(6).allMatch(BroadcastReport::complete);
    assertThat(world.reports).allMatch(report -> report.reached() == 1_000);
    assertThat(world.payloadsPerPeer()).isLessThanOrEqualTo(1.03);
    assertThat(world.messagesPerPeer()).isLessThanOrEqualTo(2.1);
    // Virtual time: links that are open are used again, or this would take as long as when cold.
    assertThat(together / 5).isLessThanOrEqualTo(500_000);
  }

  @ParameterizedTest
  @CsvSource({"100, 0.01", "100, 0.05", "300, 0.02"})
  void lossCostsRepairsButNobodyMissesAnything(int peers, double loss) {
    BroadcastWorld world = world(2, peers, NetworkConditions.DEFAULT.withLoss(loss));
    for (int i = 0; i < 40; i++) {
      world.broadcast(world.any());
      world.run(0.1);
    }
    world.run(12);
    log("loss " + loss, world);
    world.everybodyWasReachedOnceAndInOrder();
    assertThat(world.missedEvents).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"100, 0.02, 30", "100, 0.05, 20"})
  void peersThatLiveForMinutesMissNothing(int peers, double loss, double seconds) {
    BroadcastWorld world = world(3, peers, NetworkConditions.DEFAULT.withLoss(loss));
    world.churn(84, seconds, 1);
    world.run(15);
    log("churn, loss " + loss, world);
    world.everybodyWasReachedOnceAndInOrder();
  }

  @Test
  @Tag("long")
  void manyPeersThatLiveForMinutesMissNothing() {
    BroadcastWorld world = world(4, 400, WIDE.withRetransmission(0.02));
    world.churn(84, 60, 1);
    world.run(15);
    log("churn of 400", world);
    world.everybodyWasReachedOnceAndInOrder();
    assertThat(world.payloadsPerPeer()).isLessThanOrEqualTo(1.5);
  }

  @Test
  void theBroadcastsOfOneOriginArriveInItsOrderWhateverIsLostOrOvertaken() {
    BroadcastWorld world =
        world(6, 60, NetworkConditions.DEFAULT.withLoss(0.05).withReordering(0.3));
    Member origin = world.members.get(3);
    for (int i = 0; i < 30; i++) {
      world.broadcast(origin);
      world.run(0.02);
    }
    world.run(15);
    log("order", world);
    world.everybodyWasReachedOnceAndInOrder();
    assertThat(world.missedEvents).isEmpty();
    for (Member member : world.members) {
      assertThat(member.got).isEqualTo(world.tickets);
    }
  }

  @Test
  void aNewcomerGetsWhatBeginsAfterItCameAndNothingFromBefore() {
    BroadcastWorld world = world(7, 40, NetworkConditions.DEFAULT.withLoss(0.02));
    Member origin = world.members.get(3);
    for (int i = 0; i < 10; i++) {
      world.broadcast(origin);
      world.run(0.1);
    }
    world.run(3);
    Member newcomer = world.newcomer();
    for (int i = 0; i < 40; i++) {
      world.broadcast(i % 2 == 0 ? origin : world.any());
      world.run(0.1);
    }
    world.run(15);
    world.everybodyWasReachedOnceAndInOrder();
    assertThat(newcomer.joined).isTrue();
    assertThat(newcomer.got)
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(world.tickets.subList(0, 10))
        .containsAll(world.tickets.subList(30, 50));
    assertThat(world.missedEvents).isEmpty();
  }

  @Test
  void longPayloadsTravelInPartsThatFollowEachOther() {
    BroadcastWorld world = world(8, 50, NetworkConditions.DEFAULT.withLoss(0.02));
    Member origin = world.members.get(3);
    world.broadcast(origin, 900_000);
    world.broadcast(origin, 100);
    world.broadcast(origin, 65_537);
    world.run(25);
    log("parts", world);
    world.everybodyWasReachedOnceAndInOrder();
    for (Member member : world.members) {
      assertThat(member.got).isEqualTo(world.tickets);
    }
    assertThat(world.reports).hasSize(3).allMatch(report -> report.reached() == 50);
  }

  @Test
  void aRestartedOriginIsHeardAgainWhateverItsEarlierProcessLeftOpen() {
    BroadcastWorld world = world(9, 30, NetworkConditions.DEFAULT.withLoss(0.02));
    Member origin = world.members.get(3);
    for (int i = 0; i < 10; i++) {
      world.broadcast(origin);
    }
    world.run(0.01);
    origin.die(false);
    world.run(5);
    origin.process.restart();
    origin.joined = false;
    origin.boot();
    origin.process.run(now -> origin.ring.join(now, List.of(world.members.get(0).process.ref())));
    world.run(5);
    assertThat(origin.joined).isTrue();
    origin.got.clear();
    for (int i = 0; i < 10; i++) {
      world.broadcast(origin);
    }
    world.run(15);
    for (Member member : world.members) {
      assertThat(member.got).containsSubsequence(world.tickets.subList(10, 20));
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "6"})
  void whomTheTreeHasMissedTheNeighboursHelpWithinTwoHeartbeatsOfTheirReturn(int cutOff) {
    BroadcastWorld world = world(10, 100, NetworkConditions.DEFAULT);
    List<Member> inOrder = new ArrayList<>(world.members);
    inOrder.sort(Comparator.comparing(member -> member.process.id()));
    List<Member> alone = inOrder.subList(40, 40 + cutOff);
    cut(world, inOrder, alone, true);
    long ticket = world.broadcast(inOrder.get(0), 8, 1);
    world.run(1.5);
    assertThat(world.reports).hasSize(1);
    assertThat(world.reports.get(0).reached()).isEqualTo(100 - cutOff);
    assertThat(world.reports.get(0).missed()).isNotEmpty();
    assertThat(world.oracle.whole(ticket)).isFalse();
    cut(world, inOrder, alone, false);
    world.run(2 + 0.3 * cutOff);
    world.everybodyWasReachedOnceAndInOrder();
    assertThat(world.repairs).isGreaterThanOrEqualTo(cutOff);
  }

  @Test
  void theReportNamesWhomRepairHasReachedMeanwhile() {
    BroadcastWorld world = world(11, 100, NetworkConditions.DEFAULT);
    List<Member> inOrder = new ArrayList<>(world.members);
    inOrder.sort(Comparator.comparing(member -> member.process.id()));
    Member alone = inOrder.get(40);
    // Only its successor and the origin reach it, and neither hands it its part of the tree.
    List<Member> others = new ArrayList<>(inOrder);
    others.removeAll(List.of(inOrder.get(0), inOrder.get(41)));
    cut(world, others, List.of(alone), true);
    world.broadcast(inOrder.get(0), 8, 10);
    world.run(11);
    assertThat(world.reports).hasSize(1);
    BroadcastReport report = world.reports.get(0);
    assertThat(report.reached()).isEqualTo(99);
    assertThat(report.repaired()).containsExactly(alone.process.id());
    assertThat(report.missed())
        .anyMatch(arc -> Intervals.contains(arc, alone.process.id().position()));
    assertThat(report.more()).isFalse();
  }

  private static void cut(
      BroadcastWorld world, List<Member> all, List<Member> alone, boolean isCut) {
    for (Member one : alone) {
      for (Member other : all) {
        if (one != other && isCut) {
          world.simulation.cut(one.process, other.process);
        } else if (one != other) {
          world.simulation.mend(one.process, other.process);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 0"})
  void whenHalfOfAllDieTheOthersMissNothing(int peers, double loss) {
    BroadcastWorld world = world(5, peers, NetworkConditions.DEFAULT.withLoss(loss));
    world.broadcast(world.any());
    world.run(0.05);
    for (int i = 0; i < peers; i++) {
      if (world.simulation.random().nextBoolean()) {
        world.members.get(i).die(world.simulation.random().nextBoolean());
      }
    }
    world.broadcast(world.any());
    world.run(1);
    world.broadcast(world.any());
    world.run(40);
    log("half", world);
    for (BroadcastReport report : world.reports) {
      LOG.info(
          "half: reached {}, missed {}, after {} ms",
          report.reached(),
          report.missed().size(),
          report.duration().toMillis());
    }
    world.everybodyWasReachedOnceAndInOrder();
  }
}
