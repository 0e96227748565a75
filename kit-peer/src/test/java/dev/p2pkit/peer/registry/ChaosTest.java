// Random histories of installs, crashes, partitions and loss: when they end, everybody agrees.
package dev.p2pkit.peer.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ChaosTest {
  private static final int PEERS = 12;

  private record Install(
      PeerRef installer, ServiceRecord record, AtomicReference<Result<UpdateReport>> outcome) {
    @Override
    public String toString() {
      return record + " by " + installer + (outcome.get() == null ? " is open" : " has ended");
    }
  }

  @Test
  void aFewHistories() {
    for (long seed = 1; seed <= 12; seed++) {
      history(seed);
    }
  }

  /** Three peers ran a service at the name that another owner had got while it was prepared. */
  @Test
  void whatOnceWentWrongDoesNotAgain() {
    history(1_046);
  }

  @Test
  @Tag("long")
  void manyHistories() {
    for (long seed = 1_000; seed < 1_400; seed++) {
      history(seed);
    }
  }

  private static void history(long seed) {
    Random random = new Random(seed);
    World world = new World(seed).ring(PEERS);
    world.broadcastLoss = random.nextDouble() / 2;
    world.simulation.conditions(
        NetworkConditions.DEFAULT
            .withLoss(random.nextDouble() / 50)
            .withLinkLoss(random.nextDouble() / 100)
            .withDuplication(random.nextDouble() / 20)
            .withTimeouts(1_000_000, 4_000_000)
            .withCodecShare(0.1));
    List<Install> installs = new ArrayList<>();
    for (int step = 0; step < 25; step++) {
      Node node = world.nodes.get(random.nextInt(PEERS));
      switch (random.nextInt(6)) {
        case 0, 1 -> install(world, node, random, installs);
        case 2 -> {
          if (node.peer.alive()) {
            node.peer.kill();
          } else {
            node.restart();
          }
          world.views();
        }
        case 3 -> divide(world, random);
        case 4 -> unite(world);
        default ->
            node.deployment.failing.put(
                World.archive(random.nextInt(40), 2_000).hash(), ErrorCode.MIGRATION_FAILED);
      }
      world.run(Duration.ofMillis(random.nextInt(4_000)));
    }
    heal(world);

    assertThat(installs)
        .as("seed %d: an install whose peer lives has ended", seed)
        .noneMatch(
            install ->
                install.outcome().get() == null
                    && world.nodes.stream()
                        .anyMatch(node -> node.peer.ref().equals(install.installer())));
    boolean agreed = world.simulation.runUntil(() -> agreed(world), Duration.ofMinutes(2));
    assertThat(agreed).as("seed %d: %s", seed, describe(world)).isTrue();
  }

  private static void install(World world, Node node, Random random, List<Install> installs) {
    if (!node.peer.alive()) {
      return;
    }
    OwnerKey owner = random.nextInt(4) == 0 ? World.OTHER : World.OWNER;
    String name = "service-" + random.nextInt(3);
    Archive archive = World.archive(random.nextInt(40), 2_000);
    try {
      ServiceRecord record = world.sign(node, owner, name, World.edition(archive, "1"));
      installs.add(
          new Install(
              node.peer.ref(),
              record,
              world.install(node, record, archive, Duration.ofSeconds(8))));
    } catch (KitException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    }
  }

  private static void divide(World world, Random random) {
    Map<Integer, List<SimulatedPeer>> groups = new HashMap<>();
    for (Node node : world.nodes) {
      node.side = 1 + random.nextInt(2);
      groups.computeIfAbsent(node.side, side -> new ArrayList<>()).add(node.peer);
    }
    world.simulation.partition(List.copyOf(groups.values()));
    world.views();
  }

  private static void unite(World world) {
    world.nodes.forEach(node -> node.side = 0);
    world.simulation.unite();
    world.views();
  }

  private static void heal(World world) {
    for (Node node : world.nodes) {
      if (!node.peer.alive()) {
        node.restart();
      }
    }
    world.simulation.conditions(NetworkConditions.DEFAULT);
    unite(world);
    world.run(Duration.ofSeconds(30));
  }

  /** All know the same records, and run what is in force or have found that they cannot. */
  private static boolean agreed(World world) {
    List<String> known = world.nodes.stream().map(ChaosTest::known).distinct().toList();
    return known.size() == 1
        && world.nodes.stream()
            .allMatch(
                node ->
                    node.registry.caughtUp()
                        && node.registry.directory().accessPoints().stream()
                            .allMatch(name -> runs(node, name)));
  }

  private static String known(Node node) {
    StringBuilder text = new StringBuilder();
    ServiceDirectory directory = node.registry.directory();
    for (String name : directory.accessPoints()) {
      directory.at(name).forEach(it -> text.append(name).append(' ').append(it.record().hash()));
    }
    return text.toString();
  }

  private static boolean runs(Node node, String name) {
    ServiceRecord wanted = node.registry.current(name, "1").orElseThrow();
    Assignment running = node.deployment.running.get(name + "/1");
    boolean runs = running != null && running.archive().equals(wanted.archive());
    return runs || node.deployment.failing.containsKey(wanted.archive());
  }

  private static String describe(World world) {
    StringBuilder text = new StringBuilder();
    for (Node node : world.nodes) {
      text.append('\n').append(node).append(" caught up ").append(node.registry.caughtUp());
      for (String name : node.registry.directory().accessPoints()) {
        text.append("\n  ").append(name).append(": ").append(node.registry.current(name, "1"));
        text.append(" runs ").append(node.deployment.running.get(name + "/1"));
      }
    }
    return text.toString();
  }
}
