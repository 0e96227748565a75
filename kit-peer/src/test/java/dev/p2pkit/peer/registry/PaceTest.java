// Waves keep their distance, also when one of them opens later than was planned.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.inFirstWave;
import static dev.p2pkit.peer.registry.Stages.publish;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.runs;
import static dev.p2pkit.peer.registry.Stages.staged;
import static dev.p2pkit.peer.registry.Stages.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.peer.registry.Deployment.Tally;
import dev.p2pkit.peer.registry.World.Node;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final int PEERS = 20;
  private static final int CANARIES = 20;
  private static final int MOST = 60;

  /** Three waves, five minutes after each other. */
  private static Schedule fiveMinutesApart(World world) {
    long begin = world.wall();
    return new Schedule(
        List.of(
            new Wave(CANARIES * 100, Optional.empty(), begin),
            new Wave(MOST * 100, Optional.empty(), begin + 300_000),
            new Wave(Wave.ALL, Optional.empty(), begin + 600_000)),
        HealthLimits.DEFAULT,
        false,
        0);
  }

  private static void turns(World world, int failed) {
    for (Node node : world.nodes) {
      node.deployment.tallies.put(V1.hash(), new Tally(10_000, 0, 50));
      node.deployment.tallies.put(V2.hash(), new Tally(100_000 - failed, failed, 50));
    }
  }

  private static Schedule roll(World world) {
    Schedule schedule = fiveMinutesApart(world);
    Node installer = world.nodes.get(0);
    value(world.installed(installer, staged(world, installer, schedule), V2));
    return schedule;
  }

  /** From the moment when the second wave opens, the third one has to wait for five minutes. */
  private static void theThirdWaveKeepsItsDistance(World world, Duration atMost) {
    assertThat(inFirstWave(world, MOST)).isBetween(inFirstWave(world, CANARIES) + 1, PEERS - 1L);
    long until = world.wall() + atMost.toMillis();
    while (running(world, V2) <= inFirstWave(world, CANARIES) && world.wall() < until) {
      world.run(Duration.ofSeconds(1));
    }
    world.run(Duration.ofSeconds(30));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, MOST));
    world.run(Duration.ofMinutes(4));
    assertThat(running(world, V2))
        .as("its time has long passed")
        .isEqualTo(inFirstWave(world, MOST));
    world.run(Duration.ofMinutes(1));
    assertThat(running(world, V2)).isEqualTo(PEERS);
  }

  @Test
  void aWaveThatHealthHeldDelaysTheNextOne() {
    World world = running(21, PEERS);
    turns(world, 50_000);
    roll(world);
    world.run(Duration.ofMinutes(20));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, CANARIES));

    turns(world, 10);
    theThirdWaveKeepsItsDistance(world, Duration.ofMinutes(9));
  }

  @Test
  void aFirstWaveThatBeganLateDelaysTheOthers() {
    World world = running(22, PEERS);
    Schedule schedule = fiveMinutesApart(world);
    Node owner = world.nodes.get(0);
    value(world.installed(owner, staged(world, owner, schedule.paused(true)), V2));
    world.run(Duration.ofMinutes(15));
    assertThat(running(world, V2)).isZero();

    publish(owner, staged(world, owner, schedule.paused(false)));
    world.run(Duration.ofMinutes(4));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, CANARIES));
    theThirdWaveKeepsItsDistance(world, Duration.ofMinutes(2));
  }

  @Test
  void aPromotionAfterAPauseMovesTheTimesOfTheLaterWaves() {
    World world = running(23, PEERS);
    Schedule schedule = roll(world);
    Node owner = world.nodes.get(1);
    publish(owner, staged(world, owner, schedule.paused(true)));
    world.run(Duration.ofMinutes(15));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, CANARIES));

    publish(owner, staged(world, owner, schedule.paused(true).promoted(world.wall())));
    theThirdWaveKeepsItsDistance(world, Duration.ofSeconds(20));
  }

  @Test
  void whoJoinsLongAfterwardsDoesNotWaitAgain() {
    World world = running(24, PEERS);
    roll(world);
    world.run(Duration.ofMinutes(15));
    assertThat(running(world, V2)).isEqualTo(PEERS);

    for (int i = 0; i < 4; i++) {
      world.add("late-" + i).joined = true;
    }
    world.views();
    world.run(Duration.ofSeconds(30));
    assertThat(world.nodes).allMatch(node -> runs(node, V2));
  }
}
