// Rings whose peers know an arc and contacts: news, failures, joins, changes of shape.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LadderRingTest {
  private static final int CANDIDATES = 64;

  private static RingConfig level(int level) {
    return RingConfig.DEFAULT.withLadder(new LadderConfig(4_096, 16 << 20, 2, level, 0));
  }

  private static void becomesRight(RingScenario scenario, int seconds) {
    Optional<String> wrong = ArcOracle.deviation(scenario.members());
    for (int i = 0; i < seconds && wrong.isPresent(); i++) {
      scenario.run(1);
      wrong = ArcOracle.deviation(scenario.members());
    }
    assertThat(wrong).isEmpty();
  }

  private static void everyKeyIsFound(RingScenario scenario, int level) {
    Map<PeerId, RingPeer> byId = new TreeMap<>();
    scenario.members().forEach(peer -> byId.put(peer.id(), peer));
    List<RingPeer> members = scenario.members();
    for (int i = 0; i < 500; i++) {
      Key key =
          new Key(scenario.simulation.random().nextLong(), scenario.simulation.random().nextLong());
      RingPeer at = members.get(scenario.simulation.random().nextInt(members.size()));
      int hops = 0;
      while (!at.ring.view().isExact(key)) {
        RingView view = at.ring.view();
        // A contact that has gone costs a time-out, and the next candidate is taken.
        PeerRef next =
            view.towards(key, CANDIDATES).stream()
                .filter(ref -> byId.containsKey(ref.id()))
                .findFirst()
                .orElseThrow();
        at = byId.get(next.id());
        hops++;
        assertThat(hops).isLessThanOrEqualTo(level);
      }
      RingPeer owner = byId.get(at.ring.view().owner(key).id());
      assertThat(owner.ring.view().predecessor().id().position()).isNotEqualTo(key);
      assertThat(key.isIn(owner.ring.view().predecessor().id().position(), owner.id().position()))
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void arcsAndContactsStayRightWhilePeersComeAndGo(int level) {
    RingScenario scenario = new RingScenario(level, level(level));
    scenario.form(400);
    everyKeyIsFound(scenario, level);
    for (int i = 0; i < 10; i++) {
      scenario.peers.get(20 * i).process.kill();
      scenario.peers.get(20 * i + 1).process.killHost();
      scenario.peers.get(20 * i + 2).leave();
      scenario.joiner(scenario.peers.get(20 * i + 3));
      scenario.run(1);
    }
    scenario.run(20);
    assertThat(scenario.members().size()).isEqualTo(380);
    becomesRight(scenario, 60);
    for (RingPeer peer : scenario.members()) {
      assertThat(peer.ring.ladder().rungs().level()).isEqualTo(level);
    }
  }

  @Test
  void contactsWhoseProcessHasDiedAreNoticedByTheirLinks() {
    RingScenario scenario = new RingScenario(12, level(2));
    scenario.form(200);
    // A few deaths, so that contacts are asked at all: in a quiet ring that is every 450 s.
    for (int i = 0; i < 15; i++) {
      scenario.peers.get(13 * i).process.kill();
      scenario.run(i == 4 ? 100 : 1);
    }
    scenario.run(5);
    Set<PeerId> living = scenario.members().stream().map(RingPeer::id).collect(Collectors.toSet());
    long contacts = 0;
    long dead = 0;
    for (RingPeer peer : scenario.members()) {
      for (PeerRef contact : peer.ring.ladder().contacts.table().sorted()) {
        contacts++;
        dead += living.contains(contact.id()) ? 0 : 1;
      }
    }
    assertThat(contacts).isGreaterThan(500);
    // One in twenty has died within the last quarter of a minute.
    assertThat(dead).isLessThan(contacts / 100);
  }

  @Tag("long")
  @Test
  void contactsThatAreGoneAreNoticedAndReplaced() {
    RingScenario scenario = new RingScenario(4, level(3));
    scenario.form(600);
    for (int i = 0; i < 30; i++) {
      scenario.peers.get(20 * i).process.killHost();
    }
    scenario.run(900);
    everyKeyIsFound(scenario, 3);
  }

  @Test
  void newsReachEverybodyConcernedOnceAndNobodyElse() {
    RingScenario scenario = new RingScenario(9, level(2));
    scenario.form(800);
    scenario.run(5);
    long before = told(scenario);
    RingPeer gone = scenario.peers.get(11);
    gone.leave();
    scenario.run(8);
    long concerned =
        scenario.members().stream()
            .filter(peer -> peer.ring.table().coverage().covers(gone.id().position()))
            .count();
    assertThat(concerned).isBetween(100L, 799L);
    assertThat(ArcOracle.deviation(scenario.members())).isEmpty();
    // Both neighbours knew already from the one that left.
    assertThat(told(scenario) - before).isBetween(concerned - 2, concerned + 2);
  }

  @Test
  void aNetworkThatOutgrowsItsBudgetChangesItsTableAndGoesBackWhenItShrinks() {
    // Room for 128 entries: everybody up to that size, an arc and contacts above.
    RingScenario scenario =
        new RingScenario(
            5, RingConfig.DEFAULT.withLadder(LadderConfig.DEFAULT.withBudget(4_096, 128 * 96)));
    scenario.form(110);
    scenario.run(20);
    assertThat(levels(scenario)).containsOnly(1);
    for (int i = 0; i < 60; i++) {
      scenario.joiner(scenario.peers.get(i));
      scenario.run(0.5);
    }
    scenario.run(60);
    assertThat(scenario.members()).hasSize(170);
    assertThat(levels(scenario)).containsOnly(2);
    becomesRight(scenario, 30);
    everyKeyIsFound(scenario, 2);

    for (int i = 0; i < 100; i++) {
      scenario.peers.get(i).leave();
      scenario.run(0.3);
      if (i % 20 == 0) {
        becomesRight(scenario, 120);
        everyKeyIsFound(scenario, 5);
      }
    }
    assertThat(scenario.simulation.runUntil(() -> isFull(scenario), Duration.ofMinutes(5)))
        .isTrue();
    assertThat(scenario.members()).hasSize(70);
    assertThat(levels(scenario)).containsOnly(1);
    scenario.heals(Duration.ofSeconds(30));
  }

  private static boolean isFull(RingScenario scenario) {
    return levels(scenario).equals(Set.of(1));
  }

  private static Set<Integer> levels(RingScenario scenario) {
    return scenario.members().stream()
        .map(peer -> peer.ring.ladder().rungs().level())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static long told(RingScenario scenario) {
    return scenario.peers.stream().mapToLong(peer -> peer.ring.dissemination().told()).sum();
  }
}
