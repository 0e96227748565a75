// The end of a service, and how long it is remembered.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.SECOND;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.next;
import static dev.p2pkit.peer.registry.Stages.publish;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.runs;
import static dev.p2pkit.peer.registry.Stages.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WithdrawalTest {
  private static World withShortMemory(long seed, int peers, Duration memory) {
    World world = new World(seed);
    RegistryConfig usual = RegistryConfig.DEFAULT;
    world.config =
        new RegistryConfig(
            usual.digestInterval(),
            usual.answerTime(),
            usual.prepareTime(),
            usual.catchUpTime(),
            usual.maxSkew(),
            usual.parallelPrepares(),
            usual.maxServices(),
            usual.maxForeign(),
            TimeUnit.NANOSECONDS.toMicros(memory.toNanos()),
            usual.keepArchives());
    world.ring(peers);
    Node installer = world.nodes.get(0);
    value(world.installed(installer, world.sign(installer, World.OWNER, "counter", FIRST), V1));
    return world;
  }

  private static void withdraw(World world, Node node) {
    value(world.installed(node, next(world, node, FIRST, Plan.WITHDRAWN), V1));
  }

  @Test
  void aWithdrawnServiceEndsEverywhereWithItsArchiveAndItsOwnerMayInstallItAgain() {
    World world = running(1, 10);
    Node owner = world.nodes.get(3);
    withdraw(world, owner);
    world.run(Duration.ofSeconds(20));

    assertThat(world.nodes).allMatch(node -> node.deployment.running.isEmpty());
    assertThat(world.nodes).allMatch(node -> !node.archives.has(V1.hash()));
    assertThat(world.nodes).allMatch(node -> !node.registry.directory().knows("counter"));
    AtomicReference<Result<Long>> answer = new AtomicReference<>();
    owner.peer.run(
        now ->
            owner.registry.mention(
                now, "counter", 2, owner.peer.ref(), (then, result) -> answer.set(result)));
    world.run(Duration.ofSeconds(4));
    assertThat(answer.get()).isInstanceOf(Result.Failure.class);
    assertThat(((Result.Failure<Long>) answer.get()).code()).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
    assertThat(((Result.Failure<Long>) answer.get()).detail()).contains("withdrawn");

    Node other = world.nodes.get(7);
    ServiceRecord again = next(world, other, SECOND, Plan.AT_ONCE);
    assertThat(again.epoch()).isEqualTo(3);
    value(world.installed(other, again, V2));
    assertThat(running(world, V2)).isEqualTo(10);
  }

  @Test
  void aPeerThatSleptThroughTheEndDoesNotBringTheServiceBack() {
    World world = running(2, 8);
    Node sleeper = world.nodes.get(5);
    sleeper.peer.kill();
    world.views();
    withdraw(world, world.nodes.get(0));

    sleeper.restart();
    world.views();
    world.run(Duration.ofSeconds(30));

    assertThat(world.nodes).allMatch(node -> node.deployment.running.isEmpty());
    assertThat(sleeper.deployment.forgotten).as("what it had left").containsExactly("counter/1");
    assertThat(world.nodes.get(0).deployment.forgotten).as("has ended where it ran").isEmpty();
    // And once more at each start, as the process may have died before it was done.
    sleeper.peer.kill();
    sleeper.restart();
    world.views();
    world.run(Duration.ofSeconds(5));
    assertThat(sleeper.deployment.forgotten).containsExactly("counter/1");
  }

  @Test
  void theEndIsForgottenInTheEndAndDoesNotComeBackFromOthers() {
    World world = withShortMemory(3, 8, Duration.ofMinutes(10));
    withdraw(world, world.nodes.get(0));
    world.run(Duration.ofMinutes(9));
    assertThat(world.nodes).allMatch(node -> node.registry.statistics().records() == 1);

    // One peer's clock is behind: for minutes it still holds what the others have forgotten.
    world.nodes.get(4).skewMillis = -120_000;
    world.run(Duration.ofMinutes(2));
    assertThat(world.nodes)
        .filteredOn(node -> node.registry.statistics().records() == 1)
        .hasSize(1);
    world.run(Duration.ofMinutes(4));
    assertThat(world.nodes).allMatch(node -> node.registry.statistics().records() == 0);
    assertThat(world.nodes).allMatch(node -> node.records.isEmpty());
    assertThat(world.nodes)
        .anyMatch(node -> node.registry.statistics().refused().containsKey("ended"));
  }

  @Test
  void whoWasAwayForLongerTakesTheOthersRecords() {
    World world = withShortMemory(4, 8, Duration.ofMinutes(10));
    Node sleeper = world.nodes.get(5);
    sleeper.peer.kill();
    world.views();
    withdraw(world, world.nodes.get(0));
    world.run(Duration.ofMinutes(15));
    assertThat(world.nodes.get(0).records).isEmpty();

    sleeper.restart();
    world.views();
    world.run(Duration.ofSeconds(30));

    assertThat(sleeper.registry.caughtUp()).isTrue();
    assertThat(sleeper.records).isEmpty();
    assertThat(world.nodes).allMatch(node -> node.deployment.running.isEmpty());
  }

  @Test
  void whoWasAwayForLongerAndFindsNobodyKeepsItsOwn() {
    World world = withShortMemory(5, 1, Duration.ofMinutes(10));
    Node only = world.nodes.get(0);
    only.peer.kill();
    world.run(Duration.ofMinutes(60));
    only.restart();
    world.views();
    world.run(Duration.ofSeconds(30));
    assertThat(runs(only, V1)).isTrue();
  }

  @Test
  void anEndThatMissedItsBroadcastArrivesAllTheSame() {
    World world = running(6, 12);
    world.broadcastLoss = 1;
    Node owner = world.nodes.get(0);
    publish(owner, next(world, owner, FIRST, Plan.WITHDRAWN));
    assertThat(
            world.simulation.runUntil(
                () -> world.nodes.stream().allMatch(node -> node.deployment.running.isEmpty()),
                Duration.ofSeconds(60)))
        .isTrue();
  }
}
