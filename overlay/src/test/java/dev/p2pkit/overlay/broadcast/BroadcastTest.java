// Broadcast in the simulator: everybody once when all is well, everybody still when it is not.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BroadcastTest {
  private static final int TOPIC = 1;
  private static final byte[] PAYLOAD = {1, 2, 3};
  private static final long SECOND = 1_000_000;

  private final Map<PeerId, Integer> copies = new HashMap<>();
  private final Map<PeerId, Broadcaster> machines = new HashMap<>();
  private final List<BroadcastReport> reports = new ArrayList<>();
  private Simulation simulation = Simulation.seeded(1);
  private List<SimulatedPeer> ring = List.of();
  private Optional<ErrorCode> answer = Optional.empty();

  private void ring(long seed, int peers, int known) {
    simulation = Simulation.seeded(seed);
    List<SimulatedPeer> made = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      SimulatedPeer peer = simulation.peer("peer " + i);
      machines.put(
          peer.id(),
          peer.host(
              new BroadcastCodec(),
              effects ->
                  new Broadcaster(
                      effects,
                      BroadcastConfig.DEFAULT,
                      BroadcastSeals.UNSIGNED,
                      (origin, topic, payload) -> {
                        assertThat(payload).isEqualTo(PAYLOAD);
                        copies.merge(peer.id(), 1, Integer::sum);
                        return peer.id().equals(origin.id()) ? Optional.empty() : answer;
                      })));
      made.add(peer);
    }
    made.sort(Comparator.comparing(SimulatedPeer::id));
    ring = made;
    publish(made, known);
  }

  /** Each peer knows its neighbours and so many others, evenly spread. */
  private void publish(List<SimulatedPeer> members, int known) {
    int size = members.size();
    for (int i = 0; i < size; i++) {
      List<PeerRef> successors = new ArrayList<>();
      List<PeerRef> predecessors = new ArrayList<>();
      for (int step = 1; step <= Math.min(4, size - 1); step++) {
        successors.add(members.get((i + step) % size).ref());
        predecessors.add(members.get((i - step + size) % size).ref());
      }
      Map<PeerId, PeerRef> table = new HashMap<>();
      for (int step = 0; step < known; step++) {
        PeerRef member = members.get((i + (int) ((long) step * size / known)) % size).ref();
        table.put(member.id(), member);
      }
      members
          .get(i)
          .publish(
              new RingView(
                  members.get(i).ref(), true, 1, predecessors, successors, table.values()));
    }
    simulation.runFor(Duration.ofMillis(1));
  }

  private void broadcast(SimulatedPeer origin, long seconds) {
    origin.run(
        now ->
            machines
                .get(origin.id())
                .broadcast(now, TOPIC, PAYLOAD, now + seconds * SECOND, reports::add));
  }

  private BroadcastReport report(Duration limit) {
    assertThat(simulation.runUntil(() -> !reports.isEmpty(), limit)).isTrue();
    return reports.get(0);
  }

  private long tasks() {
    return machines.values().stream().mapToLong(each -> each.statistics().tasks()).sum();
  }

  private void everyLivePeerHasOneCopy() {
    assertThat(ring.stream().filter(SimulatedPeer::alive).map(SimulatedPeer::id))
        .allSatisfy(peer -> assertThat(copies).containsEntry(peer, 1));
    assertThat(copies.values()).containsOnly(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17, 18, 100, 1_000})
  void everybodyGetsOneCopyWithOneMessageEach(int peers) {
    ring(7, peers, peers);
    broadcast(ring.get(peers / 2), 10);

    BroadcastReport report = report(Duration.ofSeconds(10));

    assertThat(report.complete()).isTrue();
    assertThat(report.reached()).isEqualTo(peers);
    assertThat(report.peers()).hasSize(peers);
    everyLivePeerHasOneCopy();
    assertThat(tasks()).isEqualTo(peers - 1);
    assertThat(report.duration()).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void coverageDependsOnRingPointersNotOnFullTables() {
    ring(8, 500, 12);
    broadcast(ring.get(0), 20);

    BroadcastReport report = report(Duration.ofSeconds(20));

    assertThat(report.complete()).isTrue();
    assertThat(report.reached()).isEqualTo(500);
    everyLivePeerHasOneCopy();
    assertThat(tasks()).isEqualTo(499);
  }

  @Test
  void peersThatKnowTheirArcAndAFewContactsFormATreeOfTheSameDepth() {
    ring(20, 1_000, 1);
    int size = ring.size();
    for (int i = 0; i < size; i++) {
      Map<PeerId, PeerRef> table = new HashMap<>();
      for (int step = -20; step <= 20; step++) {
        PeerRef near = ring.get((i + step + size) % size).ref();
        table.put(near.id(), near);
      }
      // Two contacts in each of thirty-two sectors, as a table of two levels has them.
      for (int sector = 0; sector < 64; sector++) {
        PeerRef contact = ring.get(simulation.random().nextInt(size)).ref();
        table.put(contact.id(), contact);
      }
      List<PeerRef> before = new ArrayList<>();
      List<PeerRef> after = new ArrayList<>();
      for (int step = 1; step <= 8; step++) {
        before.add(ring.get((i - step + size) % size).ref());
        after.add(ring.get((i + step) % size).ref());
      }
      ring.get(i)
          .publish(
              RingView.partial(
                  ring.get(i).ref(),
                  true,
                  2,
                  before,
                  after,
                  SortedPeers.of(table.values()),
                  ring.get((i - 20 + size) % size).id().position(),
                  ring.get((i + 20) % size).id().position()));
    }
    simulation.runFor(Duration.ofMillis(500));
    simulation.conditions(NetworkConditions.DEFAULT.withLatency(10_000, 0));
    broadcast(ring.get(0), 20);

    BroadcastReport report = report(Duration.ofSeconds(20));

    assertThat(report.complete()).isTrue();
    assertThat(report.reached()).isEqualTo(1_000);
    everyLivePeerHasOneCopy();
    assertThat(tasks()).isEqualTo(999);
    // Virtual time: a level costs 40 ms at most when its links have to be opened, and as much back.
    assertThat(report.duration()).isLessThan(Duration.ofMillis(5 * 60));
  }

  @Test
  void lostMessagesAreSentAgain() {
    ring(9, 200, 200);
    simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.05).withDuplication(0.05));
    broadcast(ring.get(0), 60);

    BroadcastReport report = report(Duration.ofSeconds(60));

    everyLivePeerHasOneCopy();
    assertThat(report.reached()).isEqualTo(200);
    assertThat(report.missed()).isEmpty();
  }

  @Test
  void deadDelegatesAreReplacedByTheNextPeerInTheirPart() {
    ring(10, 300, 300);
    for (int i = 1; i < ring.size(); i++) {
      if (i % 19 == 1) {
        ring.get(i).killHost();
      } else if (i % 23 == 0) {
        ring.get(i).kill();
      }
    }
    long alive = ring.stream().filter(SimulatedPeer::alive).count();
    broadcast(ring.get(0), 60);

    BroadcastReport report = report(Duration.ofSeconds(61));

    everyLivePeerHasOneCopy();
    assertThat(report.reached()).isEqualTo((int) alive);
    assertThat(report.missed()).isNotEmpty();
    for (SimulatedPeer peer : ring) {
      boolean missed =
          report.missed().stream().anyMatch(arc -> Intervals.contains(arc, peer.id().position()));
      assertThat(missed).as(peer.id().toString()).isEqualTo(!peer.alive());
    }
  }

  @Test
  void aDelegateThatDiesAtWorkIsReplaced() {
    ring(11, 400, 400);
    broadcast(ring.get(0), 60);
    simulation.runUntil(() -> copies.size() > 10, Duration.ofSeconds(1));
    List<PeerId> busy = new ArrayList<>(copies.keySet());
    ring.stream()
        .filter(peer -> busy.contains(peer.id()) && peer != ring.get(0))
        .forEach(SimulatedPeer::killHost);

    BroadcastReport report = report(Duration.ofSeconds(61));

    everyLivePeerAfterDeaths();
    assertThat(report.reached()).isGreaterThanOrEqualTo(400 - busy.size());
  }

  private void everyLivePeerAfterDeaths() {
    assertThat(ring.stream().filter(SimulatedPeer::alive).map(SimulatedPeer::id))
        .allSatisfy(peer -> assertThat(copies).containsEntry(peer, 1));
  }

  @Test
  void anOriginThatLeavesTheRingHearsOfThoseThatHaveParts() {
    ring(13, 50, 50);
    broadcast(ring.get(0), 10);
    ring.get(0).publish(RingView.outside(ring.get(0).ref()));

    BroadcastReport report = report(Duration.ofSeconds(1));

    assertThat(report.complete()).isTrue();
    assertThat(report.reached()).isEqualTo(50);
    everyLivePeerHasOneCopy();
  }

  @Test
  void anOriginThatLeavesTheRingDoesNotSayThatNobodyWasMissed() {
    ring(13, 50, 50);
    ring.stream().skip(1).forEach(SimulatedPeer::killHost);
    broadcast(ring.get(0), 5);
    ring.get(0).publish(RingView.outside(ring.get(0).ref()));

    BroadcastReport report = report(Duration.ofSeconds(6));

    assertThat(report.reached()).isEqualTo(1);
    assertThat(ring.stream().skip(1).map(peer -> peer.id().position()))
        .allMatch(key -> report.missed().stream().anyMatch(arc -> Intervals.contains(arc, key)));
  }

  @Test
  void aPeerThatHasLeftTheRingIsNotMissed() {
    ring(12, 50, 50);
    ring.get(20).killHost();
    ring.get(21).killHost();
    broadcast(ring.get(0), 60);
    simulation.runFor(Duration.ofMillis(500));
    List<SimulatedPeer> live = ring.stream().filter(SimulatedPeer::alive).toList();
    publish(live, live.size());

    BroadcastReport report = report(Duration.ofSeconds(2));

    assertThat(report.missed()).isEmpty();
    assertThat(report.reached()).isEqualTo(48);
    everyLivePeerHasOneCopy();
  }

  @Test
  void theReportComesAtTheDeadlineWithWhatWasMissed() {
    ring(13, 30, 30);
    SimulatedPeer origin = ring.get(0);
    SimulatedPeer lost = ring.get(12);
    for (SimulatedPeer peer : ring) {
      if (peer != lost) {
        simulation.cut(peer, lost);
      }
    }
    broadcast(origin, 2);

    BroadcastReport report = report(Duration.ofMillis(2_050));

    assertThat(report.reached()).isEqualTo(29);
    assertThat(report.missed())
        .singleElement()
        .satisfies(arc -> assertThat(Intervals.contains(arc, lost.id().position())).isTrue());
  }

  @Test
  void refusalsAreReportedWithTheirReason() {
    answer = Optional.of(ErrorCode.NO_SUCH_ACCESS_POINT);
    ring(14, 100, 100);
    broadcast(ring.get(0), 10);

    BroadcastReport report = report(Duration.ofSeconds(10));

    assertThat(report.reached()).isEqualTo(1);
    assertThat(report.refused()).hasSize(Tally.MAX_REFUSED);
    assertThat(report.refused().values()).containsOnly(ErrorCode.NO_SUCH_ACCESS_POINT);
    assertThat(report.complete()).isFalse();
  }

  @Test
  void tooManyAtOnceAndTooLongAreRefusedWithACode() {
    ring(15, 2, 2);
    Broadcaster machine = machines.get(ring.get(0).id());
    ring.get(1).killHost();
    ring.get(0)
        .run(
            now -> {
              for (int i = 0; i < BroadcastConfig.DEFAULT.ownOpen(); i++) {
                machine.broadcast(now, TOPIC, PAYLOAD, now + SECOND, reports::add);
              }
              assertThatThrownBy(
                      () -> machine.broadcast(now, TOPIC, PAYLOAD, now + SECOND, reports::add))
                  .isInstanceOfSatisfying(
                      KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
              byte[] large = new byte[BroadcastConfig.MAX_PAYLOAD + 1];
              assertThatThrownBy(
                      () -> machine.broadcast(now, TOPIC, large, now + SECOND, reports::add))
                  .isInstanceOfSatisfying(
                      KitException.class,
                      e -> assertThat(e.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
            });
    simulation.runFor(Duration.ofMillis(1_100));
    assertThat(reports).hasSize(BroadcastConfig.DEFAULT.ownOpen());
    broadcast(ring.get(0), 1);
  }

  @Test
  void whatIsOverIsForgotten() {
    ring(16, 20, 20);
    for (int round = 0; round < 500; round++) {
      broadcast(ring.get(round % 20), 10);
      simulation.runFor(Duration.ofMillis(200));
    }
    assertThat(reports).hasSize(500).allMatch(BroadcastReport::complete);
    assertThat(copies.values()).containsOnly(500);
    simulation.runFor(Duration.ofSeconds(80));
    broadcast(ring.get(0), 10);
    simulation.runFor(Duration.ofSeconds(20));
    assertThat(machines.values())
        .allSatisfy(
            each -> {
              assertThat(each.statistics().open()).isZero();
              assertThat(each.statistics().kept()).isEqualTo(1);
            });
  }

  @Test
  @Tag("long")
  void anyLossAndAnyDeathsLeaveNobodyAliveWithoutACopy() {
    for (long seed = 0; seed < 200; seed++) {
      copies.clear();
      reports.clear();
      machines.clear();
      ring(seed, 100 + (int) (seed % 7) * 40, 1_000);
      simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.02).withDuplication(0.02));
      for (int i = 1; i < ring.size(); i++) {
        if (simulation.random().nextInt(20) == 0) {
          ring.get(i).killHost();
        }
      }
      broadcast(ring.get(0), 120);
      report(Duration.ofSeconds(121));
      everyLivePeerAfterDeaths();
    }
  }
}
