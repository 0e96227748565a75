// After a partition: rings that were cut apart find each other and become one, without storms.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class MergeTest {
  private static final Logger LOG = LoggerFactory.getLogger(MergeTest.class);

  /** Cuts the network into groups by chance, and waits until each is a ring of its own. */
  private static List<List<RingPeer>> cut(RingScenario scenario, double seconds, int... sizes) {
    List<List<RingPeer>> groups = scenario.split(sizes);
    scenario.run(seconds);
    for (List<RingPeer> group : groups) {
      assertThat(RingOracle.deviation(group, scenario.config)).isEmpty();
    }
    return groups;
  }

  private static long mean(long messages, double idle, RingScenario scenario) {
    return Math.round((messages - idle) / scenario.members().size());
  }

  /** Heals the network and says how long it took and what it cost beyond what runs anyway. */
  private static double unite(RingScenario scenario, Duration limit) {
    scenario.run(5);
    long before = scenario.simulation.statistics().sent();
    scenario.run(10);
    double perSecond = (scenario.simulation.statistics().sent() - before) / 10.0;
    long sent = scenario.simulation.statistics().sent();
    long start = scenario.simulation.now();
    scenario.simulation.unite();
    scenario.heals(limit);
    double seconds = (scenario.simulation.now() - start) / 1e6;
    long cost = mean(scenario.simulation.statistics().sent() - sent, perSecond * seconds, scenario);
    LOG.info(
        "{} peers are one ring after {} s, {} messages a peer",
        scenario.members().size(),
        seconds,
        cost);
    assertThat(cost).as("messages a peer").isLessThanOrEqualTo(40);
    return seconds;
  }

  private static RingScenario formed(long seed, int peers) {
    RingScenario scenario = new RingScenario(seed);
    scenario.form(peers);
    scenario.run(5);
    return scenario;
  }

  /** The ring is whole within so many seconds, of so many peers, and stays so. */
  private static void becomesOne(RingScenario scenario, int seconds, int size) {
    scenario.heals(Duration.ofSeconds(seconds));
    everybodyIsBack(scenario, size);
  }

  private static void everybodyIsBack(RingScenario scenario, int size) {
    assertThat(scenario.members()).hasSize(size);
    scenario.run(20);
    scenario.heals(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3, 3, 0",
    "2, 1, 5, 0",
    "3, 1, 1, 0",
    "4, 8, 8, 0",
    "5, 9, 16, 0",
    "6, 3, 3, 0.05"
  })
  void smallRingsThatWereCutApartBecomeOne(long seed, int one, int other, double loss) {
    RingScenario scenario = RingScenario.ring(seed, one + other);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(loss));
    cut(scenario, 40, one, other);
    scenario.simulation.unite();
    scenario.run(90);
    becomesOne(scenario, 20, one + other);
  }

  @ParameterizedTest
  @CsvSource({"10, 80, 80, 0", "11, 40, 40, 0.02"})
  void largeRingsThatWereCutApartBecomeOne(long seed, int one, int other, double loss) {
    RingScenario scenario = formed(seed, one + other);
    cut(scenario, 60, one, other);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(loss));
    double seconds = unite(scenario, Duration.ofSeconds(60));
    assertThat(seconds).isLessThan(15);
    everybodyIsBack(scenario, one + other);
  }

  @Test
  void threeRingsThatWereCutApartBecomeOne() {
    RingScenario scenario = formed(20, 90);
    cut(scenario, 60, 30, 30, 30);
    scenario.simulation.unite();
    becomesOne(scenario, 60, 90);
  }

  @Test
  void threeRingsOfDifferentSizeThatWereCutApartBecomeOne() {
    RingScenario scenario = formed(33, 75);
    // Two that are left of many doubt themselves for long before they go on alone.
    cut(scenario, 240, 2, 18, 55);
    scenario.simulation.unite();
    becomesOne(scenario, 90, 75);
  }

  @Test
  void aCutBetweenThoseWhoUniteTwoRingsOnlyDelaysIt() {
    RingScenario scenario = formed(34, 60);
    List<List<RingPeer>> sides = cut(scenario, 60, 30, 30);
    scenario.simulation.unite();
    // As long as the peers with the lowest ids, who speak for both, do not reach each other.
    List<RingPeer> first = lowest(sides.get(0));
    List<RingPeer> second = lowest(sides.get(1));
    for (RingPeer one : first) {
      for (RingPeer other : second) {
        scenario.simulation.cut(one.process, other.process);
      }
    }
    scenario.run(40);
    scenario.simulation.mendAll();
    becomesOne(scenario, 90, 60);
  }

  private static List<RingPeer> lowest(List<RingPeer> side) {
    return side.stream().sorted((a, b) -> a.id().compareTo(b.id())).limit(2).toList();
  }

  @Test
  void aSideThatGrowsAndShrinksWhileRingsUniteIsWholeInTheEnd() {
    RingScenario scenario = formed(35, 60);
    List<List<RingPeer>> sides = cut(scenario, 60, 20, 40);
    scenario.simulation.unite();
    for (int i = 0; i < 6; i++) {
      scenario.run(1);
      sides.get(1).get(i).leave();
      scenario.joiner(sides.get(0).get(i));
    }
    becomesOne(scenario, 90, 60);
  }

  @Test
  void bothSidesAreToldOfTheCutAndOfTheUnion() {
    RingScenario scenario = RingScenario.ring(21, 40);
    cut(scenario, 40, 20, 20);
    for (RingPeer peer : scenario.members()) {
      assertThat(peer.events)
          .filteredOn(NetworkEvent.PartitionSuspected.class::isInstance)
          .as("what %s heard", peer)
          .hasSize(1);
    }
    scenario.simulation.unite();
    scenario.heals(Duration.ofSeconds(60));
    scenario.run(10);
    List<NetworkEvent.Merged> merged =
        scenario.members().stream()
            .flatMap(peer -> peer.events.stream())
            .filter(NetworkEvent.Merged.class::isInstance)
            .map(NetworkEvent.Merged.class::cast)
            .toList();
    assertThat(merged).isNotEmpty();
    assertThat(merged).anyMatch(event -> event.epoch() > 0 && event.otherEpoch() > 0);
  }

  @Test
  void whoLeavesInOrderIsNoReasonToSuspectACut() {
    RingScenario scenario = RingScenario.ring(22, 20);
    scenario.members().subList(0, 8).forEach(RingPeer::leave);
    scenario.run(10);
    for (RingPeer peer : scenario.members()) {
      assertThat(peer.events).noneMatch(NetworkEvent.PartitionSuspected.class::isInstance);
    }
  }

  @Test
  void peersThatJoinWhileTheNetworkIsCutAreInTheUnion() {
    RingScenario scenario = RingScenario.ring(23, 30);
    List<List<RingPeer>> sides = cut(scenario, 40, 15, 15);
    List<RingPeer> newcomers = new ArrayList<>();
    for (List<RingPeer> side : sides) {
      RingPeer newcomer = scenario.joiner(side.get(3));
      newcomers.add(newcomer);
    }
    // A new process belongs to no side: it is put on that of its contact.
    List<Collection<SimulatedPeer>> groups = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      List<SimulatedPeer> group =
          new ArrayList<>(sides.get(i).stream().map(p -> p.process).toList());
      group.add(newcomers.get(i).process);
      groups.add(group);
    }
    scenario.simulation.partition(groups);
    scenario.run(20);
    assertThat(newcomers).allMatch(RingPeer::member);
    scenario.simulation.unite();
    becomesOne(scenario, 90, 32);
  }

  @Test
  void theDeadStayDeadWhenRingsUnite() {
    RingScenario scenario = RingScenario.ring(24, 40);
    List<List<RingPeer>> sides = cut(scenario, 40, 20, 20);
    sides.get(0).get(4).process.kill();
    sides.get(0).get(5).process.killHost();
    sides.get(1).get(6).leave();
    scenario.run(10);
    scenario.simulation.unite();
    becomesOne(scenario, 90, 37);
  }

  @Test
  void whoDiesWhileRingsUniteIsFoundDead() {
    RingScenario scenario = formed(25, 60);
    List<List<RingPeer>> sides = cut(scenario, 60, 30, 30);
    scenario.simulation.unite();
    for (int i = 0; i < 8; i++) {
      scenario.run(0.5);
      sides.get(i % 2).get(i).process.kill();
    }
    becomesOne(scenario, 60, 52);
  }

  @Test
  void aRingThatWasCutAgainAndAgainIsWholeInTheEnd() {
    RingScenario scenario = formed(26, 40);
    for (int round = 0; round < 4; round++) {
      cut(scenario, 50, 10 + 5 * round, 30 - 5 * round);
      scenario.simulation.unite();
      scenario.run(7 * round);
    }
    becomesOne(scenario, 60, 40);
  }

  @Test
  void aPeerThatWasRestartedFindsItsRingThroughWhomItRemembers() {
    RingScenario scenario = RingScenario.ring(27, 12);
    RingPeer peer = scenario.members().get(4);
    scenario.run(100);
    var remembered = peer.ring.remembered();
    assertThat(remembered).hasSize(11);
    peer.process.kill();
    scenario.run(10);
    // A week later all other processes are others, too.
    for (RingPeer other : scenario.members()) {
      RingPeer contact =
          scenario.members().stream().filter(p -> p != other).findFirst().orElseThrow();
      other.process.restart();
      other.boot();
      other.join(contact);
      scenario.run(12);
      assertThat(other.member()).isTrue();
    }
    peer.process.restart();
    peer.boot();
    scenario.watch.expectTwoRings();
    peer.create();
    peer.process.run(now -> peer.ring.remember(now, remembered));
    scenario.run(30);
    scenario.heals(Duration.ofSeconds(30));
    assertThat(scenario.members()).hasSize(12).contains(peer);
  }

  @Test
  void aWeekLaterOneRememberedPeerThatIsLeftIsEnough() {
    RingScenario scenario = RingScenario.ring(36, 8);
    RingPeer peer = scenario.members().get(4);
    var remembered = peer.ring.remembered();
    peer.process.kill();
    scenario.run(10);
    List<RingPeer> known = scenario.members();
    scenario.grow(14);
    for (RingPeer gone : known.subList(1, known.size())) {
      gone.leave();
      scenario.run(2);
    }
    // Nobody remembers the one that was away: it has to find the others.
    RingPeer left = known.get(0);
    RingPeer contact =
        scenario.members().stream().filter(other -> other != left).findFirst().orElseThrow();
    left.process.restart();
    left.boot();
    left.join(contact);
    scenario.run(12);
    peer.process.restart();
    peer.boot();
    scenario.watch.expectTwoRings();
    peer.create();
    peer.process.run(now -> peer.ring.remember(now, remembered));
    scenario.run(60);
    scenario.heals(Duration.ofSeconds(60));
    assertThat(scenario.members()).hasSize(8).contains(peer, known.get(0));
  }

  /** Behind forty dead that are remembered too, those beyond the cut wait for minutes. */
  @Test
  void twoSmallRingsThatRememberManyDeadFindEachOtherWithinAMinute() {
    RingScenario scenario = formed(37, 50);
    scenario.members().subList(0, 40).forEach(peer -> peer.process.kill());
    scenario.run(5);
    cut(scenario, 15, 5, 5);
    scenario.simulation.unite();
    becomesOne(scenario, 55, 10);
  }

  @Test
  void aNewcomerRemembersTheOtherSideWhenAllLeaveThatWereThereAtTheCut() {
    RingScenario scenario = RingScenario.ring(38, 4);
    List<List<RingPeer>> sides = cut(scenario, 40, 2, 2);
    RingPeer newcomer = scenario.joiner(sides.get(1).get(0));
    List<SimulatedPeer> there =
        new ArrayList<>(sides.get(1).stream().map(peer -> peer.process).toList());
    there.add(newcomer.process);
    scenario.simulation.partition(
        List.of(sides.get(0).stream().map(peer -> peer.process).toList(), there));
    scenario.run(10);
    sides.get(1).forEach(RingPeer::leave);
    scenario.run(5);
    // The first side has never heard of it.
    assertThat(newcomer.ring.view().size()).isEqualTo(1);
    scenario.simulation.unite();
    becomesOne(scenario, 60, 3);
  }

  @Test
  void aLiarCannotBringInPeersThatDoNotExist() {
    RingScenario scenario = RingScenario.ring(28, 10);
    RingPeer speaker = scenario.members().get(0);
    InventedRing liar = new InventedRing(scenario);
    liar.hail(speaker);
    scenario.run(30);
    assertThat(liar.asked).isPositive();
    scenario.heals(Duration.ofSeconds(10));
    assertThat(scenario.members()).hasSize(10);
    assertThat(speaker.ring.view().size()).isEqualTo(10);
  }
}
