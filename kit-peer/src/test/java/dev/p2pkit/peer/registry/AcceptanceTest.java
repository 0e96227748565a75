// The acceptance tests of the registry, by their numbers; number 7 is in HealthGateTest.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.SECOND;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.next;
import static dev.p2pkit.peer.registry.Stages.publish;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.value;
import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AcceptanceTest {
  @Test
  void acceptance1FiftyPeersAreActiveAlsoWhereThreeTenthsOfTheBroadcastsAreLost() {
    World world = new World(41).ring(50);
    Node installer = world.nodes.get(0);
    assertThat(
            value(world.installed(installer, world.sign(installer, OWNER, "counter", FIRST), V1))
                .count(Phase.ACTIVE))
        .isEqualTo(50);

    world.broadcastLoss = 0.3;
    installer.archives.put(V2);
    publish(installer, next(world, installer, SECOND, Plan.AT_ONCE));
    assertThat(world.simulation.runUntil(() -> running(world, V2) == 50, Duration.ofSeconds(30)))
        .isTrue();
  }

  @Test
  void acceptance2AJoinerServesThePresentVersionOnItsFirstMessage() {
    World world = running(42, 20);
    Node installer = world.nodes.get(0);
    value(world.installed(installer, next(world, installer, SECOND, Plan.AT_ONCE), V2));
    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();
    world.simulation.runUntil(joiner.registry::caughtUp, Duration.ofSeconds(10));
    AtomicReference<Result<Long>> answer = new AtomicReference<>();
    joiner.peer.run(
        now ->
            joiner.registry.mention(
                now, "counter", 2, installer.peer.ref(), (then, result) -> answer.set(result)));
    assertThat(answer.get()).isEqualTo(new Result.Value<>(2L));
    assertThat(joiner.deployment.loaded).containsExactly(V2.hash());
  }

  @Test
  void acceptance3OneOwnerOnBothSidesOfACutHasOneWinnerAndTheForkIsReported() {
    World world = running(43, 50);
    Node left = world.nodes.get(0);
    Node right = world.nodes.get(49);
    for (int i = 0; i < 50; i++) {
      world.nodes.get(i).side = i < 25 ? 1 : 2;
    }
    world.simulation.partition(
        List.of(
            world.nodes.subList(0, 25).stream().map(node -> node.peer).toList(),
            world.nodes.subList(25, 50).stream().map(node -> node.peer).toList()));
    world.views();
    Archive other = archive(3, 10_000);
    value(world.installed(left, next(world, left, SECOND, Plan.AT_ONCE), V2));
    value(
        world.installed(right, next(world, right, edition(other, "2-right"), Plan.AT_ONCE), other));

    world.nodes.forEach(node -> node.side = 0);
    world.simulation.unite();
    world.views();
    assertThat(world.simulation.runUntil(() -> running(world, other) == 50, Duration.ofSeconds(40)))
        .isTrue();
    world.run(Duration.ofSeconds(10));

    NetworkEvent fork = new NetworkEvent.ServiceForked("counter", "1", 2);
    List<Node> told = world.nodes.stream().filter(node -> node.events.contains(fork)).toList();
    // Everybody on the side that lost has seen both, and some of the other side have.
    assertThat(told).hasSizeGreaterThan(25).containsAll(world.nodes.subList(0, 25));
    assertThat(told).allMatch(node -> node.events.stream().filter(fork::equals).count() == 1);
    assertThat(left.registry.history("counter", "1"))
        .extracting(ServiceRecord::version)
        .containsExactly("1.0", "2.0", "2-right");
  }

  @Test
  void acceptance4WhatIsForgedTamperedOrOldIsRefusedAndCounted() {
    World world = running(44, 10);
    Node installer = world.nodes.get(0);
    Node victim = world.nodes.get(4);
    ServiceRecord good = next(world, installer, SECOND, Plan.AT_ONCE);
    byte[] forged = good.encoded();
    forged[forged.length - 1] ^= 1;
    ServiceRecord stolen = ServiceRecord.first(OTHER, "counter", "1", SECOND, world.wall());

    victim.peer.run(
        now ->
            assertThat(victim.registry.onBroadcast(now, installer.peer.ref(), forged))
                .contains(ErrorCode.BAD_SIGNATURE));
    assertThat(victim.registry.statistics().refused()).containsEntry("signature", 1L);
    assertThat(world.installed(world.nodes.get(2), stolen, V2)).isInstanceOf(Result.Failure.class);
    assertThat(
            world.nodes.stream()
                .mapToLong(node -> node.registry.statistics().refused().getOrDefault("owner", 0L))
                .sum())
        .isPositive();

    value(world.installed(installer, good, V2));
    ServiceRecord old = installer.registry.history("counter", "1").get(0);
    victim.peer.run(now -> victim.registry.onBroadcast(now, installer.peer.ref(), old.encoded()));
    assertThat(victim.registry.statistics().refused()).containsEntry("stale", 1L);
    assertThat(running(world, V2)).isEqualTo(10);

    world.nodes.subList(0, 9).forEach(node -> node.archives.tampers = true);
    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();
    assertThat(world.simulation.runUntil(() -> running(world, V2) == 11, Duration.ofSeconds(30)))
        .isTrue();
    assertThat(joiner.transfer.statistics().badChunks()).isPositive();
  }
}
