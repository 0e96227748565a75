// Archives that nothing goes back to are deleted, and none that something needs.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.SECOND;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.canary;
import static dev.p2pkit.peer.registry.Stages.next;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.runs;
import static dev.p2pkit.peer.registry.Stages.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.sdk.Archive;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArchiveShelfTest {
  private static final Archive V3 = World.archive(3, 10_000);
  private static final Edition THIRD = World.edition(V3, "3.0");
  private static final Archive V4 = World.archive(4, 10_000);
  private static final Edition FOURTH = World.edition(V4, "4.0");

  private static World keeping(int archives, long seed, int peers) {
    World world = new World(seed);
    world.config = RegistryConfig.DEFAULT.keepArchives(archives);
    world.ring(peers);
    Node installer = world.nodes.get(0);
    value(world.installed(installer, world.sign(installer, World.OWNER, "counter", FIRST), V1));
    return world;
  }

  private static void upgrade(World world, Edition edition, Archive archive) {
    Node installer = world.nodes.get(0);
    value(world.installed(installer, next(world, installer, edition, Plan.AT_ONCE), archive));
    world.run(Duration.ofSeconds(5));
    assertThat(running(world, archive)).isEqualTo(world.nodes.size());
  }

  @Test
  void theLatestAreKeptUpToTheirNumberAndOlderOnesDeletedAndCounted() {
    World world = keeping(2, 1, 8);
    upgrade(world, SECOND, V2);
    assertThat(world.nodes).allMatch(node -> node.archives.has(V1.hash()));
    upgrade(world, THIRD, V3);
    assertThat(world.nodes)
        .allSatisfy(
            node -> {
              assertThat(node.archives.archives.keySet())
                  .containsExactlyInAnyOrder(V2.hash(), V3.hash());
              assertThat(node.registry.statistics().archivesDeleted()).isEqualTo(1);
            });
    // Back to the second: the third is what one could go back to now.
    upgrade(world, SECOND, V2);
    assertThat(world.nodes)
        .allSatisfy(
            node ->
                assertThat(node.archives.archives.keySet())
                    .containsExactlyInAnyOrder(V2.hash(), V3.hash()));
  }

  @Test
  void aPeerThatWaitsForItsWaveKeepsWhatItRuns() {
    World world = keeping(2, 2, 12);
    upgrade(world, SECOND, V2);
    Node installer = world.nodes.get(0);
    for (var later : new Object[][] {{THIRD, V3}, {FOURTH, V4}}) {
      value(
          world.installed(
              installer,
              next(
                  world,
                  installer,
                  (Edition) later[0],
                  Plan.staged(canary(25), Optional.of(SECOND))),
              (Archive) later[1]));
      world.run(Duration.ofSeconds(20));
    }
    assertThat(running(world, V2)).isPositive();
    assertThat(running(world, V4)).isPositive();
    assertThat(world.nodes)
        .allSatisfy(
            node ->
                assertThat(node.archives.archives.keySet())
                    .containsExactlyInAnyOrder(V2.hash(), V4.hash()));
  }

  @Test
  void whatARevertWouldLoadIsKeptUntilTheProbationIsOver() {
    World world = keeping(2, 3, 4);
    upgrade(world, SECOND, V2);
    Node node = world.nodes.get(2);
    node.deployment.heldBack.add(V1.hash());
    upgrade(world, THIRD, V3);
    assertThat(node.archives.has(V1.hash())).isTrue();
    assertThat(world.nodes.get(1).archives.has(V1.hash())).isFalse();
    node.deployment.heldBack.clear();
    world.run(Duration.ofSeconds(5));
    assertThat(node.archives.has(V1.hash())).isFalse();
  }

  @Test
  void filesThatNoRecordNamesGoAtTheNextStartAndOthersStay() {
    World world = keeping(16, 4, 4);
    upgrade(world, SECOND, V2);
    Node node = world.nodes.get(2);
    node.peer.kill();
    node.archives.put(V3);
    world.views();
    node.restart();
    world.views();
    world.run(Duration.ofSeconds(20));
    assertThat(runs(node, V2)).isTrue();
    assertThat(node.archives.archives.keySet()).containsExactlyInAnyOrder(V1.hash(), V2.hash());
    assertThat(node.registry.statistics().archivesDeleted()).isEqualTo(1);
  }

  @Test
  void atLeastTheOneBeforeIsKept() {
    assertThatThrownBy(() -> RegistryConfig.DEFAULT.keepArchives(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 to 16");
  }
}
