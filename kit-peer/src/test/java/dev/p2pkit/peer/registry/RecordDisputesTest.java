// Which of several records holds, and which are refused.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RecordDisputesTest {
  private static final Archive V1 = archive(1, 150_000);
  private static final Archive V2 = archive(2, 150_000);
  private static final Archive V3 = archive(3, 70_000);

  @Test
  void twoSidesThatBothUpgradedAgreeOnOneWinner() {
    World world = new World(8).ring(50);
    Node left = world.nodes.get(0);
    Node right = world.nodes.get(49);
    world.installed(left, world.sign(left, OWNER, "counter", edition(V1, "1")), V1);
    for (int i = 0; i < 50; i++) {
      world.nodes.get(i).side = i < 25 ? 1 : 2;
    }
    world.simulation.partition(
        List.of(
            world.nodes.subList(0, 25).stream().map(node -> node.peer).toList(),
            world.nodes.subList(25, 50).stream().map(node -> node.peer).toList()));
    world.views();
    world.installed(left, world.sign(left, OWNER, "counter", edition(V2, "2-left")), V2);
    world.installed(right, world.sign(right, OWNER, "counter", edition(V3, "2-right")), V3);
    assertThat(world.nodes.stream().map(it -> it.deployment.running.get("counter/1")).distinct())
        .hasSize(2);

    world.nodes.forEach(node -> node.side = 0);
    world.simulation.unite();
    world.views();

    assertThat(
            world.simulation.runUntil(
                () ->
                    world.nodes.stream()
                            .map(it -> it.deployment.running.get("counter/1"))
                            .distinct()
                            .count()
                        == 1,
                Duration.ofSeconds(40)))
        .isTrue();
    // The later clock wins among records of one epoch.
    assertThat(left.deployment.running.get("counter/1").edition().version()).isEqualTo("2-right");
  }

  @Test
  void ofTwoOwnersOfANameTheFirstKeepsItAndTheOtherStaysReachable() {
    World world = new World(9).ring(10);
    for (int i = 0; i < 10; i++) {
      world.nodes.get(i).side = i < 5 ? 1 : 2;
    }
    world.simulation.partition(
        List.of(
            world.nodes.subList(0, 5).stream().map(node -> node.peer).toList(),
            world.nodes.subList(5, 10).stream().map(node -> node.peer).toList()));
    world.views();
    Node left = world.nodes.get(0);
    Node right = world.nodes.get(9);
    world.installed(left, world.sign(left, OWNER, "counter", edition(V1, "1")), V1);
    world.installed(right, world.sign(right, OTHER, "counter", edition(V2, "1")), V2);

    world.nodes.forEach(node -> node.side = 0);
    world.simulation.unite();
    world.views();
    String second = "counter@" + OTHER.fingerprint();
    world.simulation.runUntil(
        () ->
            world.nodes.stream()
                .allMatch(
                    node ->
                        node.runs("counter/1") == 1
                            && node.deployment.running.get("counter/1").archive().equals(V1.hash())
                            && node.runs(second + "/1") == 1),
        Duration.ofSeconds(40));

    for (Node node : world.nodes) {
      assertThat(node.deployment.running.get("counter/1").record().owner())
          .isEqualTo(OWNER.publicHex());
      assertThat(node.deployment.running.get(second + "/1").record().owner())
          .isEqualTo(OTHER.publicHex());
      assertThat(node.events).contains(new NetworkEvent.NameLost("counter", second));
    }
    // On the loser's side the processor moved with what it held, it was not started anew.
    assertThat(right.deployment.history).filteredOn(entry -> entry.startsWith(second)).isEmpty();
    // And its owner can still upgrade it.
    Node node = world.nodes.get(3);
    ServiceRecord next =
        node.registry
            .current(second, "1")
            .orElseThrow()
            .next(OTHER, edition(V3, "2"), world.wall());
    assertThat(world.installed(node, next, V3)).isInstanceOf(Result.Value.class);
    assertThat(world.running(second + "/1", 2)).isEqualTo(10);
    assertThat(world.running("counter/1", 1)).isEqualTo(10);
  }

  @Test
  void whatIsNotSharableStaysWithThoseWhoWereThere() {
    World world = new World(10).ring(6);
    Node installer = world.nodes.get(0);
    ServiceRecord record =
        world.sign(installer, OWNER, "private", Edition.of(V1, "1", true, false));
    world.installed(installer, record, V1);
    assertThat(world.running("private/1", 1)).isEqualTo(6);

    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();
    world.run(Duration.ofSeconds(15));

    assertThat(joiner.registry.caughtUp()).isTrue();
    assertThat(joiner.runs("private/1")).isZero();
    assertThat(joiner.archives.has(V1.hash())).isFalse();
    AtomicReference<Result<Long>> answer = joiner.mention("private", 1, installer);
    world.simulation.runUntil(() -> answer.get() != null, Duration.ofSeconds(5));
    assertThat(((Result.Failure<Long>) answer.get()).code()).isEqualTo(ErrorCode.NO_SUCH_SERVICE);

    // Nor does it get it by asking those who have it.
    AtomicReference<Result<String>> fetched = new AtomicReference<>();
    joiner.peer.run(
        now ->
            joiner.transfer.fetch(
                now,
                record.edition(),
                new Key(1, 2),
                List.of(installer.peer.ref()),
                now + 20_000_000,
                (then, result) -> fetched.set(result)));
    world.simulation.runUntil(() -> fetched.get() != null, Duration.ofSeconds(21));
    assertThat(((Result.Failure<String>) fetched.get()).detail()).contains("to this one");
    assertThat(joiner.archives.has(V1.hash())).isFalse();

    // One that was there, died and came back is still one of them.
    Node returning = world.nodes.get(3);
    returning.peer.kill();
    world.views();
    returning.archives.archives.clear();
    returning.restart();
    world.views();
    world.simulation.runUntil(returning.registry::caughtUp, Duration.ofSeconds(10));
    assertThat(returning.runs("private/1")).isEqualTo(1);
  }

  @Test
  void forgedReplayedAndFutureRecordsAreRefusedAndCounted() {
    World world = new World(11).ring(4);
    Node node = world.nodes.get(0);
    ServiceRecord first = world.sign(node, OWNER, "counter", edition(V1, "1"));
    world.installed(node, first, V1);
    world.installed(node, first.next(OWNER, edition(V2, "2"), world.wall()), V2);
    byte[] forged = first.next(OWNER, edition(V3, "3"), world.wall()).encoded();
    forged[forged.length - 20] ^= 4;
    byte[] future =
        ServiceRecord.first(OTHER, "future", "1", edition(V3, "1"), world.wall() + 90_000)
            .encoded();
    node.archives.put(V3);

    Node victim = world.nodes.get(2);
    AtomicReference<Object> answer = new AtomicReference<>();
    victim.peer.run(
        now -> {
          answer.set(victim.registry.onBroadcast(now, node.peer.ref(), forged));
          victim.registry.onBroadcast(now, node.peer.ref(), first.encoded());
          victim.registry.onBroadcast(now, node.peer.ref(), future);
          victim.registry.onBroadcast(now, node.peer.ref(), new byte[] {1, 2, 3});
        });
    world.run(Duration.ofSeconds(5));

    assertThat(answer.get()).isEqualTo(Optional.of(ErrorCode.BAD_SIGNATURE));
    assertThat(victim.registry.statistics().refused())
        .containsEntry("signature", 1L)
        .containsEntry("stale", 1L)
        .containsEntry("skew", 1L)
        .containsEntry("malformed", 1L);
    assertThat(victim.runs("counter/1")).isEqualTo(2);
    assertThat(victim.registry.statistics().quarantined()).isEqualTo(1);
    // When its time has come, it is taken.
    assertThat(
            world.simulation.runUntil(
                () -> world.running("future/1", 1) == 4, Duration.ofSeconds(60)))
        .isTrue();
  }

  @Test
  void aSealedRecordEndsItsChainInWhateverOrderRecordsArrive() {
    World world = new World(14).ring(6);
    ServiceRecord first =
        ServiceRecord.first(OWNER, "s", "1", edition(V1, "1"), world.wall() - 5_000);
    ServiceRecord sealed =
        first.next(OWNER, Edition.of(V2, "2", false, true), world.wall() - 4_000);
    ServiceRecord beyond =
        first
            .next(OWNER, edition(V2, "2"), world.wall() - 3_000)
            .next(OWNER, edition(V3, "3"), world.wall() - 2_000);
    world.broadcastLoss = 1;
    world.nodes.forEach(node -> List.of(V1, V2, V3).forEach(node.archives::put));
    world.nodes.get(0).publish(sealed, V2);
    world.nodes.get(5).publish(beyond, V3);
    assertThat(
            world.simulation.runUntil(() -> world.running("s/1", 2) == 6, Duration.ofSeconds(60)))
        .isTrue();
    world.run(Duration.ofSeconds(10));
    assertThat(world.running("s/1", 2)).isEqualTo(6);
  }

  @Test
  void aFreshNameBelongsToItsKey() {
    OwnerKey owner = OwnerKey.generate();
    World world = new World(15).ring(3);
    Node node = world.nodes.get(0);
    ServiceRecord record = world.sign(node, owner, owner.freshName(), edition(V1, "1"));
    assertThat(world.installed(node, record, V1)).isInstanceOf(Result.Value.class);
    assertThat(world.running(owner.freshName() + "/1", 1)).isEqualTo(3);
  }
}
