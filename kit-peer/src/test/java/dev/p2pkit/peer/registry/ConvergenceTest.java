// How records and archives reach peers that missed an install.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ConvergenceTest {
  private static final Archive V1 = archive(1, 150_000);
  private static final Archive V2 = archive(2, 150_000);
  private static final Archive V3 = archive(3, 70_000);

  @Test
  void whatABroadcastMissesAntiEntropyBrings() {
    World world = new World(1).ring(50);
    world.broadcastLoss = 0.3;
    Node origin = world.nodes.get(0);
    origin.publish(world.sign(origin, OWNER, "counter", edition(V1, "1")), V1);
    world.run(Duration.ofSeconds(1));
    assertThat(world.running("counter/1", 1)).isLessThan(50);

    assertThat(
            world.simulation.runUntil(
                () -> world.running("counter/1", 1) == 50, Duration.ofSeconds(30)))
        .isTrue();
  }

  @Test
  void evenWithoutAnyBroadcastEverybodyConverges() {
    World world = new World(2).ring(30);
    world.broadcastLoss = 1;
    Node origin = world.nodes.get(0);
    for (int service = 0; service < 20; service++) {
      Archive archive = archive(100 + service, 500);
      origin.publish(
          world.sign(origin, OWNER, "service-" + service, edition(archive, "1")), archive);
    }
    assertThat(
            world.simulation.runUntil(
                () -> world.nodes.stream().allMatch(node -> node.deployment.running.size() == 20),
                Duration.ofSeconds(90)))
        .isTrue();
  }

  @Test
  void aJoinerRunsTheCurrentVersionBeforeItServes() {
    World world = new World(3).ring(10);
    Node installer = world.nodes.get(0);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V2, "2")), V2);

    Node joiner = world.add("joiner");
    assertThat(joiner.registry.caughtUp()).isFalse();
    joiner.joined = true;
    world.views();
    world.simulation.runUntil(joiner.registry::caughtUp, Duration.ofSeconds(10));

    assertThat(joiner.runs("counter/1")).isEqualTo(2);
    assertThat(joiner.deployment.history).containsExactly("counter/1 2");
  }

  @Test
  void aJoinerOfALargeRegistryGetsAllOfIt() {
    World world = new World(16).ring(2);
    Node origin = world.nodes.get(0);
    world.broadcastLoss = 1;
    for (int service = 0; service < 1_000; service++) {
      origin.publish(world.sign(origin, OWNER, "service-" + service, edition(V3, "1")), V3);
    }
    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();
    world.simulation.runUntil(joiner.registry::caughtUp, Duration.ofSeconds(20));
    assertThat(joiner.deployment.running).hasSize(1_000);
    assertThat(joiner.registry.statistics().records()).isEqualTo(1_000);
  }

  @Test
  void twoThatJoinAtOnceDoNotTakeEachOtherForCaughtUp() {
    World world = new World(4).ring(3);
    Node installer = world.nodes.get(0);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1);
    for (int i = 0; i < 12; i++) {
      world.add("joiner-" + i).joined = true;
    }
    world.views();
    for (Node node : world.nodes.subList(3, 15)) {
      world.simulation.runUntil(node.registry::caughtUp, Duration.ofSeconds(10));
      assertThat(node.runs("counter/1")).isEqualTo(1);
    }
  }

  @Test
  void aPeerThatSleptThroughAVersionGoesStraightToTheLast() {
    World world = new World(5).ring(8);
    Node installer = world.nodes.get(0);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1);
    Node sleeper = world.nodes.get(4);
    sleeper.peer.kill();
    world.views();
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V2, "2")), V2);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V3, "3")), V3);

    sleeper.restart();
    world.views();
    world.simulation.runUntil(sleeper.registry::caughtUp, Duration.ofSeconds(10));

    assertThat(sleeper.deployment.history).containsExactly("counter/1 3");
  }

  @Test
  void aPeerThatWasPausedCatchesUpOnMentionBeforeItDispatches() {
    World world = new World(6).ring(8);
    world.broadcastLoss = 1;
    Node installer = world.nodes.get(0);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1);
    Node behind = world.nodes.get(5);
    installer.publish(world.sign(installer, OWNER, "counter", edition(V2, "2")), V2);
    world.simulation.runUntil(() -> installer.runs("counter/1") == 2, Duration.ofSeconds(2));
    assertThat(behind.runs("counter/1")).isEqualTo(1);

    AtomicReference<Result<Long>> answer = behind.mention("counter", 2, installer);
    world.simulation.runUntil(() -> answer.get() != null, Duration.ofSeconds(5));

    assertThat(answer.get()).isEqualTo(new Result.Value<>(2L));
    assertThat(behind.runs("counter/1")).isEqualTo(2);
  }

  @Test
  void aMentionOfNothingIsAnsweredSoon() {
    World world = new World(7).ring(4);
    AtomicReference<Result<Long>> answer =
        world.nodes.get(0).mention("nothing", 0, world.nodes.get(1));
    world.simulation.runUntil(() -> answer.get() != null, Duration.ofSeconds(1));
    assertThat(answer.get()).isInstanceOf(Result.Failure.class);
    assertThat(((Result.Failure<Long>) answer.get()).code()).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
    // The second one costs nothing: it is answered in the same instant.
    assertThat(world.nodes.get(0).mention("nothing", 0, world.nodes.get(1)).get()).isNotNull();
  }

  @Test
  void aHolderWithTamperedChunksIsPutAsideAndAnotherOneServes() {
    World world = new World(12).ring(6);
    Node installer = world.nodes.get(0);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1);
    Node joiner = world.add("joiner");
    for (Node node : world.nodes.subList(0, 5)) {
      node.archives.tampers = true;
    }
    joiner.joined = true;
    world.views();

    assertThat(
            world.simulation.runUntil(() -> joiner.runs("counter/1") == 1, Duration.ofSeconds(30)))
        .isTrue();
    assertThat(joiner.archives.archives.get(V1.hash())).isEqualTo(V1.content());
  }

  @Test
  void aMigrationThatFailsOnOnePeerLeavesTheOldVersionThere() {
    World world = new World(13).ring(5);
    Node installer = world.nodes.get(0);
    world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1);
    Node odd = world.nodes.get(2);
    odd.deployment.failing.put(V2.hash(), ErrorCode.MIGRATION_FAILED);
    installer.publish(world.sign(installer, OWNER, "counter", edition(V2, "2")), V2);
    world.run(Duration.ofSeconds(10));

    assertThat(world.running("counter/1", 2)).isEqualTo(4);
    assertThat(odd.runs("counter/1")).isEqualTo(1);
    AtomicReference<Result<Long>> answer = odd.mention("counter", 2, installer);
    assertThat(answer.get()).isEqualTo(new Result.Value<>(1L));
  }
}
