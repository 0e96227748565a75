// Who goes first where a ring is so small that nobody falls into the first wave, and who does not.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.publish;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.runs;
import static dev.p2pkit.peer.registry.Stages.staged;
import static dev.p2pkit.peer.registry.Stages.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.peer.registry.World.Node;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandInTest {
  private static final Duration LONG = Duration.ofMinutes(20);

  private final World world = running(21, 5);

  /** By place for the second version, lowest first. */
  private final List<Node> ordered =
      world.nodes.stream()
          .sorted(Comparator.comparingInt(node -> Wave.place(node.peer.id(), V2.hash())))
          .toList();

  private final Node canary = ordered.get(0);
  private final Node installer = ordered.get(4);

  /** A first wave of one peer of 10,000, and all others two minutes later. */
  private Schedule thin() {
    return new Schedule(
        List.of(
            new Wave(1, Optional.empty(), 0),
            new Wave(Wave.ALL, Optional.empty(), world.wall() + 120_000)),
        HealthLimits.DEFAULT,
        false,
        0);
  }

  private void roll() {
    value(world.installed(installer, staged(world, installer, thin()), V2));
    world.run(Duration.ofSeconds(20));
    assertThat(haveHadIt()).containsExactly(canary);
  }

  private List<Node> haveHadIt() {
    return ordered.stream().filter(node -> node.deployment.loaded.contains(V2.hash())).toList();
  }

  private void kill(Node node) {
    node.peer.kill();
    world.views();
  }

  @Test
  void whoIsNextDoesNotGoInThePlaceOfOneThatWentBackAndLeft() {
    canary.deployment.crashing.add(V2.hash());
    roll();
    assertThat(runs(canary, V1)).isTrue();
    kill(canary);
    world.run(LONG);
    assertThat(haveHadIt()).containsExactly(canary);
    assertThat(running(world, V1)).isEqualTo(4);
  }

  @Test
  void norOfOneThatIsGoneAndMayHaveBeenTakenAlongByTheVersion() {
    roll();
    kill(canary);
    world.run(LONG);
    assertThat(haveHadIt()).containsExactly(canary);
    assertThat(running(world, V1)).isEqualTo(4);
  }

  @Test
  void whenItIsBackTheRollOutGoesOn() {
    roll();
    kill(canary);
    world.run(LONG);
    canary.restart();
    canary.deployment.loaded.clear();
    world.views();
    world.run(LONG);
    assertThat(running(world, V2)).isEqualTo(5);
  }

  @Test
  void theOwnerGoesOnWithoutIt() {
    roll();
    kill(canary);
    world.run(LONG);
    publish(installer, staged(world, installer, thin().opened(2)));
    world.run(Duration.ofMinutes(1));
    assertThat(running(world, V2)).isEqualTo(4);
  }

  @Test
  void whoseTimeIsBeforeAllKnowIsNextIfTheFirstOneNeverHadIt() {
    kill(canary);
    value(world.installed(installer, staged(world, installer, thin()), V2));
    world.run(LONG);
    assertThat(running(world, V2)).isEqualTo(4);
  }

  /** A first wave of half of the peers, and others that join when these have it. */
  private List<Node> joinedLate() {
    Schedule half =
        new Schedule(
            List.of(
                new Wave(Wave.ALL / 2, Optional.empty(), 0),
                new Wave(Wave.ALL, Optional.empty(), Wave.WHEN_PROMOTED)),
            HealthLimits.DEFAULT,
            false,
            0);
    value(world.installed(installer, staged(world, installer, half), V2));
    world.run(Duration.ofSeconds(20));
    List<Node> first = haveHadIt();
    assertThat(first).isNotEmpty();
    for (int i = 0; i < 20; i++) {
      world.add("late-" + i).joined = true;
    }
    world.views();
    return first;
  }

  @Test
  void whoComesLateToTheFirstWaveGetsItAsSoonAsItKnowsThatAllIsWell() {
    joinedLate();
    world.run(Duration.ofMillis(1_500));
    assertThat(running(world, V2)).isGreaterThan(5).isEqualTo(Stages.inFirstWave(world, 50));
  }

  @Test
  void whoComesLateToTheFirstWaveDoesNotGetWhatHasCrashedThere() {
    world.nodes.forEach(node -> node.deployment.crashing.add(V2.hash()));
    List<Node> first = joinedLate();
    world.run(LONG);
    assertThat(world.nodes)
        .as("half of those who came fall into the first wave")
        .filteredOn(node -> node.deployment.loaded.contains(V2.hash()))
        .containsExactlyInAnyOrderElementsOf(first);
  }
}
