// After a partition of rings whose peers know an arc only: they become one all the same.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LadderMergeTest {
  private static final Logger LOG = LoggerFactory.getLogger(LadderMergeTest.class);

  private static RingConfig level(int level) {
    return RingConfig.DEFAULT.withLadder(new LadderConfig(4_096, 16 << 20, 2, level, 0));
  }

  private static boolean everybodyHasTheRightSuccessor(List<RingPeer> members) {
    int size = members.size();
    for (int i = 0; i < size; i++) {
      List<PeerRef> after = members.get(i).ring.view().successors();
      if (after.isEmpty() || !after.get(0).id().equals(members.get((i + 1) % size).id())) {
        return false;
      }
    }
    return true;
  }

  /** Cuts the network into groups by chance, and waits until each is a ring of its own. */
  private static List<List<RingPeer>> cut(RingScenario scenario, double seconds, int... sizes) {
    List<List<RingPeer>> groups = scenario.split(sizes);
    groups.forEach(group -> group.sort((one, other) -> one.id().compareTo(other.id())));
    scenario.run(seconds);
    for (List<RingPeer> group : groups) {
      assertThat(RingOracle.listsDeviation(group, scenario.config)).isEmpty();
    }
    return groups;
  }

  /** Waits for one ring, and for all lists to be right. */
  private static void becomesOne(RingScenario scenario, double ring, int lists) {
    long start = scenario.simulation.now();
    double ringAfter = Double.NaN;
    Optional<String> wrong = Optional.of("nobody has looked");
    while (wrong.isPresent() && scenario.simulation.now() < start + lists * 1_000_000L) {
      scenario.run(0.5);
      double seconds = (scenario.simulation.now() - start) / 1e6;
      if (Double.isNaN(ringAfter) && everybodyHasTheRightSuccessor(scenario.members())) {
        ringAfter = seconds;
      }
      wrong = RingOracle.listsDeviation(scenario.members(), scenario.config);
    }
    LOG.info(
        "{} peers are one ring after {} s, with all lists right after {} s",
        scenario.members().size(),
        ringAfter,
        (scenario.simulation.now() - start) / 1e6);
    assertThat(ringAfter).isLessThanOrEqualTo(ring);
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 150, 150", "2, 3, 150, 150", "3, 2, 40, 160"})
  void ringsOfArcsThatWereCutApartBecomeOne(long seed, int level, int one, int other) {
    RingScenario scenario = new RingScenario(seed, level(level));
    scenario.form(one + other);
    scenario.run(5);
    List<List<RingPeer>> sides = cut(scenario, 60, one, other);
    scenario.simulation.unite();
    becomesOne(scenario, 30, 60);
    scenario.run(8);
    for (List<RingPeer> side : sides) {
      long told =
          side.stream()
              .flatMap(peer -> peer.events.stream())
              .filter(NetworkEvent.Merged.class::isInstance)
              .count();
      assertThat(told).as("who of one side was told").isPositive();
    }
  }

  @Test
  @Tag("long")
  void threeRingsOfArcsThatWereCutApartBecomeOneWhatIsLost() {
    RingScenario scenario = new RingScenario(4, level(2));
    scenario.form(900);
    scenario.run(5);
    cut(scenario, 60, 300, 200, 400);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.02));
    scenario.simulation.unite();
    becomesOne(scenario, 30, 120);
    scenario.run(120);
    assertThat(ArcOracle.deviation(scenario.members())).isEmpty();
  }
}
