// A ring of two of which one sleeps and is cut off when it wakes.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SleepAndCutTest {
  private final RingScenario scenario = new RingScenario(11);

  private List<RingPeer> two() {
    scenario.form(2);
    scenario.run(3);
    return List.copyOf(scenario.peers);
  }

  private void divide(List<RingPeer> two) {
    scenario.simulation.partition(
        List.of(List.of(two.get(0).process), List.of(two.get(1).process)));
  }

  /** Runs on and counts the looks at which both have served the same key. */
  private int bothServe(List<RingPeer> two, double seconds) {
    Key key = two.get(0).id().position();
    int both = 0;
    for (int look = 0; look < seconds / 0.02; look++) {
      scenario.run(0.02);
      both += RingOracle.owners(two, key) > 1 ? 1 : 0;
    }
    return both;
  }

  /**
   * Its first questions to the other, from the moment in which it woke, are lost in the cut, and
   * the next would come after seconds: too late to learn that the keys have an owner.
   */
  @Test
  void aSleeperAsksForTheOtherOnceASecondBeforeItCountsOnNobody() {
    List<RingPeer> two = two();
    divide(two);
    // The longer this is, the more seldom the two ask for each other.
    scenario.run(60);
    RingPeer sleeper = two.get(0);
    sleeper.process.pause();
    scenario.run(8);
    sleeper.process.resume();
    scenario.run(2);
    scenario.simulation.unite();
    assertThat(bothServe(two, 8)).isZero();
    scenario.heals(Duration.ofSeconds(1));
  }

  /**
   * Its questions as a neighbour wait ever longer for answers, as it is in trouble; those for its
   * lease do not, and whoever hears them knows that it takes the one that asks for dead.
   */
  @Test
  void whoIsTakenForDeadIsToldSoWhenItAsksForItsLease() {
    List<RingPeer> two = two();
    RingPeer sleeper = two.get(0);
    RingPeer awake = two.get(1);
    sleeper.process.pause();
    scenario.run(10);
    assertThat(awake.ring.view().size()).isEqualTo(1);
    divide(two);
    sleeper.process.resume();
    scenario.run(0.1);
    sleeper.process.pause();
    scenario.run(0.5);
    sleeper.process.resume();
    scenario.run(0.4);
    scenario.simulation.unite();
    scenario.run(0.5);
    assertThat(awake.ring.view().size()).isEqualTo(2);
    scenario.heals(Duration.ofSeconds(5));
  }
}
