// A thousand peers join, a tenth of them leaves or dies, the ring heals; and a run repeats itself.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastConfig;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LargeRingTest {
  private static final Logger LOG = LoggerFactory.getLogger(LargeRingTest.class);

  /** Broadcasts are forgotten sooner than by default: a thousand memories share one heap. */
  private static final RingConfig FORGETFUL =
      RingConfig.DEFAULT.withBroadcast(BroadcastConfig.DEFAULT.withRetention(1_000_000));

  @Test
  void aThousandPeersJoinAndATenthLeavesOrDies() {
    long start = System.nanoTime();
    RingScenario scenario = new RingScenario(1_000, FORGETFUL);
    joinInABurst(scenario, 1_000, 50);
    scenario.heals(Duration.ofMinutes(3));
    assertThat(scenario.members()).hasSize(1_000);
    report(scenario, start, "joined");

    loseATenth(scenario);
    scenario.heals(Duration.ofMinutes(3));
    assertThat(scenario.members()).hasSize(900);
    report(scenario, start, "healed");
  }

  private static void report(RingScenario scenario, long start, String what) {
    double seconds = (System.nanoTime() - start) / 1e9;
    long steps = scenario.simulation.statistics().occurrences();
    LOG.info(
        "{}: {} s of virtual time, {} steps in {} s, {} steps/s",
        what,
        scenario.simulation.now() / 1_000_000,
        steps,
        Math.round(seconds),
        Math.round(steps / seconds));
  }

  /** Peers come faster than the ring admits them, each through some peer that is in already. */
  private static void joinInABurst(RingScenario scenario, int size, int perSecond) {
    scenario.first();
    while (scenario.peers.size() < size) {
      List<RingPeer> members = scenario.members();
      for (int i = 0; i < perSecond / 5 && scenario.peers.size() < size; i++) {
        scenario.joiner(members.get(scenario.simulation.random().nextInt(members.size())));
      }
      scenario.run(0.2);
    }
    scenario.simulation.runUntil(() -> scenario.members().size() == size, Duration.ofMinutes(1));
  }

  private static void loseATenth(RingScenario scenario) {
    List<RingPeer> members = new ArrayList<>(scenario.members());
    int losses = members.size() / 10;
    for (int i = 0; i < losses; i++) {
      RingPeer peer = members.remove(scenario.simulation.random().nextInt(members.size()));
      switch (i % 3) {
        case 0 -> peer.leave();
        case 1 -> peer.process.kill();
        default -> peer.process.killHost();
      }
      if (i % 10 == 0) {
        scenario.run(0.5);
      }
    }
  }

  @Test
  void aRunRepeatsItselfFromItsSeed() {
    assertThat(traceOf(5)).isEqualTo(traceOf(5)).isNotEqualTo(traceOf(6));
  }

  private static long traceOf(long seed) {
    RingScenario scenario = new RingScenario(seed);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.01).withReordering(0.01));
    joinInABurst(scenario, 60, 50);
    loseATenth(scenario);
    scenario.run(20);
    return scenario.simulation.traceHash();
  }

  @Tag("long")
  @Test
  void aRunOfAThousandPeersRepeatsItselfFromItsSeed() {
    assertThat(traceOfAThousand(7)).isEqualTo(traceOfAThousand(7));
  }

  private static long traceOfAThousand(long seed) {
    RingScenario scenario = new RingScenario(seed, FORGETFUL);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.01).withReordering(0.01));
    joinInABurst(scenario, 1_000, 50);
    loseATenth(scenario);
    scenario.run(30);
    return scenario.simulation.traceHash();
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(longs = {1, 101, 201, 301, 401})
  void ringsHealFromAnyMixtureOfFaults(long firstSeed) {
    for (long seed = firstSeed; seed < firstSeed + 40; seed++) {
      ChurnScenario.run(seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aRingHealsFromAMixtureOfFaults(long seed) {
    ChurnScenario.run(seed);
  }
}
