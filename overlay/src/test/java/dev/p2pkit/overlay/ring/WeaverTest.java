// Rings too large for speakers: after a partition each peer finds its own neighbours in the other.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class WeaverTest {
  private static final Logger LOG = LoggerFactory.getLogger(WeaverTest.class);

  private static RingScenario formed(long seed, int peers) {
    RingScenario scenario = new RingScenario(seed);
    scenario.form(peers);
    scenario.run(5);
    return scenario;
  }

  /** Cuts the network in two by chance, and waits until each side is a ring of its own. */
  private static List<List<RingPeer>> cut(RingScenario scenario, double seconds, int... sizes) {
    List<List<RingPeer>> sides = scenario.split(sizes);
    scenario.run(seconds);
    for (List<RingPeer> side : sides) {
      side.sort((one, other) -> one.id().compareTo(other.id()));
      assertThat(RingOracle.listsDeviation(side, scenario.config)).isEmpty();
    }
    return sides;
  }

  /** Everybody has the right neighbours, and each key one owner. */
  private static boolean isOneRing(RingScenario scenario) {
    List<RingPeer> members = scenario.members();
    int size = members.size();
    for (int i = 0; i < size; i++) {
      RingPeer next = members.get((i + 1) % size);
      if (!startsWith(members.get(i).ring.view().successors(), next)
          || !startsWith(next.ring.view().predecessors(), members.get(i))
          || RingOracle.owners(members, next.id().position()) != 1) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(List<PeerRef> list, RingPeer peer) {
    return !list.isEmpty() && list.get(0).id().equals(peer.id());
  }

  /** Who was said to have failed since, although it lives. */
  private static Set<PeerId> slandered(RingScenario scenario) {
    Set<PeerId> living = scenario.members().stream().map(RingPeer::id).collect(Collectors.toSet());
    return scenario.members().stream()
        .flatMap(peer -> peer.events.stream())
        .filter(NetworkEvent.PeerFailed.class::isInstance)
        .map(event -> ((NetworkEvent.PeerFailed) event).peer())
        .filter(living::contains)
        .collect(Collectors.toSet());
  }

  /** Cuts a ring in halves and unites them: how soon, and for how much, they are one. */
  private static RingScenario united(long seed, int half, double cutFor, double loss) {
    RingScenario scenario = formed(seed, 2 * half);
    long before = scenario.simulation.statistics().sent();
    scenario.run(5);
    double usual = (scenario.simulation.statistics().sent() - before) / 5.0;
    cut(scenario, cutFor, half, half);
    scenario.peers.forEach(peer -> peer.events.clear());
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(loss));
    long start = scenario.simulation.now();
    long sent = scenario.simulation.statistics().sent();
    scenario.simulation.unite();
    double seconds = 0;
    while (!isOneRing(scenario) && seconds < 60) {
      scenario.run(0.25);
      seconds = (scenario.simulation.now() - start) / 1e6;
    }
    double cost = (scenario.simulation.statistics().sent() - sent - usual * seconds) / (2 * half);
    LOG.info("twice {} peers are one ring after {} s, {} messages a peer", half, seconds, cost);
    assertThat(seconds).isLessThanOrEqualTo(15);
    assertThat(cost).as("messages a peer").isLessThanOrEqualTo(40);
    return scenario;
  }

  @Test
  void ringsOfMoreThanSpeakersServeAreOneWithinSeconds() {
    RingScenario scenario = united(1, 130, 30, 0);
    scenario.run(15);
    assertThat(RingOracle.listsDeviation(scenario.members(), scenario.config)).isEmpty();
    assertThat(slandered(scenario)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"30, 200, 0", "31, 200, 0.02", "32, 500, 0"})
  @Tag("long")
  void largeRingsAreOneAndWholeAndStaySo(long seed, int half, double loss) {
    RingScenario scenario = united(seed, half, 60, loss);
    scenario.heals(Duration.ofSeconds(60));
    scenario.run(20);
    scenario.heals(Duration.ofSeconds(1));
    assertThat(scenario.members()).hasSize(2 * half);
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 3, 4, 5})
  @Tag("long")
  void ringsThatAreCutAgainWhileTheyUniteAreOneInTheEnd(long seed) {
    RingScenario scenario = formed(seed, 300);
    for (int round = 0; round < 4; round++) {
      cut(scenario, 50, 130 + 10 * round, 170 - 10 * round);
      scenario.simulation.unite();
      scenario.run(4 + 7 * round);
    }
    long start = scenario.simulation.now();
    scenario.heals(Duration.ofMinutes(3));
    LOG.info("whole after {} s", (scenario.simulation.now() - start) / 1e6);
  }

  @ParameterizedTest
  @ValueSource(longs = {12, 13})
  @Tag("long")
  void whoDiesWhileRingsUniteStaysDead(long seed) {
    RingScenario scenario = formed(seed, 300);
    List<List<RingPeer>> sides = cut(scenario, 50, 150, 150);
    scenario.simulation.unite();
    for (int i = 0; i < 10; i++) {
      scenario.run(0.5);
      sides.get(i % 2).get(10 * i).process.kill();
    }
    long start = scenario.simulation.now();
    scenario.heals(Duration.ofMinutes(2));
    LOG.info("whole after {} s", (scenario.simulation.now() - start) / 1e6);
  }
}
