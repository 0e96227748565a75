// Everything that can go wrong, at random, and then a time of peace in which all must heal.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** A run with faults of all kinds that ends in peace. */
final class ChurnScenario {
  private ChurnScenario() {}

  static void run(long seed) {
    RingScenario scenario = new RingScenario(seed);
    SplittableRandom random = scenario.simulation.random();
    NetworkConditions bad =
        NetworkConditions.DEFAULT
            .withLoss(random.nextInt(3) * 0.02)
            .withDuplication(random.nextInt(2) * 0.02)
            .withReordering(random.nextInt(2) * 0.05)
            .withLinkLoss(random.nextInt(2) * 0.001)
            .withCodecShare(0.2);
    scenario.simulation.conditions(bad);
    scenario.grow(3 + random.nextInt(40));
    for (int step = 0; step < 30; step++) {
      oneFault(scenario, random);
      scenario.run(random.nextDouble() * 2);
    }
    scenario.simulation.conditions(NetworkConditions.DEFAULT);
    scenario.peers.forEach(peer -> peer.process.resume());
    scenario.run(20);
    try {
      scenario.heals(Duration.ofMinutes(2));
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private static void oneFault(RingScenario scenario, SplittableRandom random) {
    List<RingPeer> members = scenario.members();
    RingPeer one = members.get(random.nextInt(members.size()));
    RingPeer contact = members.get(random.nextInt(members.size()));
    boolean enough = members.stream().filter(peer -> !peer.process.paused()).count() > 3;
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> scenario.joiner(contact);
      case 3 -> {
        if (enough) {
          one.process.kill();
        }
      }
      case 4 -> {
        if (enough) {
          one.process.killHost();
        }
      }
      case 5 -> {
        if (enough && !one.process.paused()) {
          one.leave();
        }
      }
      case 6 -> {
        one.process.pause();
        scenario.simulation.after(Duration.ofMillis(random.nextInt(8_000)), one.process::resume);
      }
      default -> {
        if (one != contact && enough) {
          one.process.restart();
          one.boot();
          one.join(contact);
        }
      }
    }
    assertThat(scenario.members()).isNotEmpty();
  }
}
