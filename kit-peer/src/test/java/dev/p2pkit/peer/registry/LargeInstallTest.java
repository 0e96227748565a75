// An install on many peers while messages are lost and peers come and go.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.SECOND;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.next;
import static dev.p2pkit.peer.registry.Stages.runs;
import static dev.p2pkit.peer.registry.World.OWNER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.sdk.Archive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LargeInstallTest {
  /** How long a peer may take from the arrival of the archive to the service, in microseconds. */
  private static final long LIMIT = 10_000_000;

  @Test
  void aHundredPeersAreActiveWithinTenSecondsOfTheArchive() {
    installAndUpgrade(100);
  }

  @Test
  @Tag("long")
  void aThousandPeersAreActiveWithinTenSecondsOfTheArchive() {
    installAndUpgrade(1_000);
  }

  private static void installAndUpgrade(int peers) {
    World world = new World(peers).ring(peers);
    world.simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.05));
    world.broadcastLoss = 0.05;
    Random churn = new Random(peers);
    Node installer = world.nodes.get(0);
    ServiceRecord first = world.sign(installer, OWNER, "counter", FIRST);
    follow(world, installer, first, V1, churn);

    // The owner upgrades on one side of a cut; after healing everybody has one version.
    int half = peers / 2;
    for (int i = 0; i < world.nodes.size(); i++) {
      world.nodes.get(i).side = i < half ? 1 : 2;
    }
    world.simulation.partition(
        List.of(
            world.nodes.subList(0, half).stream().map(node -> node.peer).toList(),
            world.nodes.subList(half, world.nodes.size()).stream()
                .map(node -> node.peer)
                .toList()));
    world.views();
    world.install(
        installer, next(world, installer, SECOND, Plan.AT_ONCE), V2, Duration.ofSeconds(60));
    world.run(Duration.ofSeconds(30));
    world.nodes.forEach(node -> node.side = 0);
    world.simulation.unite();
    world.views();
    assertThat(
            world.simulation.runUntil(
                () -> live(world).stream().allMatch(node -> runs(node, V2)), Duration.ofMinutes(3)))
        .isTrue();
  }

  private static List<Node> live(World world) {
    return world.nodes.stream().filter(node -> node.joined && node.peer.alive()).toList();
  }

  private static void follow(
      World world, Node installer, ServiceRecord record, Archive archive, Random churn) {
    world.install(installer, record, archive, Duration.ofSeconds(60));
    Map<Node, Long> arrived = new HashMap<>();
    Map<Node, Long> active = new HashMap<>();
    List<Node> away = new ArrayList<>();
    for (int tick = 0; tick < 600; tick++) {
      world.run(Duration.ofMillis(100));
      if (tick % 10 == 0 && tick < 300) {
        churn(world, installer, away, churn);
        arrived.keySet().removeIf(node -> !node.peer.alive());
        active.keySet().removeIf(node -> !node.peer.alive());
      }
      for (Node node : live(world)) {
        if (node.archives.has(archive.hash())
            && node.registry.current("counter", "1").isPresent()) {
          arrived.putIfAbsent(node, world.simulation.now());
        }
        if (runs(node, archive)) {
          active.putIfAbsent(node, world.simulation.now());
        }
      }
      if (tick >= 300 && active.keySet().containsAll(live(world))) {
        break;
      }
    }
    assertThat(live(world)).allMatch(node -> runs(node, archive));
    for (Node node : live(world)) {
      assertThat(active.get(node) - arrived.get(node))
          .describedAs("%s", node)
          .isLessThanOrEqualTo(LIMIT);
    }
  }

  /** Each second one peer of a hundred goes, and those who went before come back. */
  private static void churn(World world, Node installer, List<Node> away, Random churn) {
    away.forEach(Node::restart);
    away.clear();
    List<Node> live = live(world);
    for (int i = 0; i < Math.max(1, live.size() / 100); i++) {
      Node node = live.get(churn.nextInt(live.size()));
      if (node != installer && node.peer.alive()) {
        node.peer.kill();
        away.add(node);
      }
    }
    world.views();
  }
}
