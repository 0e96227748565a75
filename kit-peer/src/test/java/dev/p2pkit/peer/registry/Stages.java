// A service that goes from one version to the next in waves, for tests.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OWNER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;
import java.util.Optional;

/** The service {@code counter} in two versions. */
final class Stages {
  static final Archive V1 = World.archive(1, 10_000);
  static final Archive V2 = World.archive(2, 10_000);
  static final Edition FIRST = World.edition(V1, "1.0");
  static final Edition SECOND = World.edition(V2, "2.0");

  private Stages() {}

  /** A part of the peers first, the others when the owner promotes. */
  static Schedule canary(int percent) {
    return canary(percent, Wave.WHEN_PROMOTED);
  }

  /** A part of the peers first, the others from a time on. */
  static Schedule canary(int percent, long othersNotBefore) {
    return new Schedule(
        List.of(
            new Wave(percent * 100, Optional.empty(), 0),
            new Wave(Wave.ALL, Optional.empty(), othersNotBefore)),
        HealthLimits.DEFAULT,
        false,
        0);
  }

  /** A ring that runs the first version. */
  static World running(long seed, int peers) {
    World world = new World(seed).ring(peers);
    Node installer = world.nodes.get(0);
    value(world.installed(installer, world.sign(installer, OWNER, "counter", FIRST), V1));
    return world;
  }

  static UpdateReport value(Result<UpdateReport> outcome) {
    assertThat(outcome).isInstanceOf(Result.Value.class);
    return ((Result.Value<UpdateReport>) outcome).value();
  }

  static ServiceRecord next(World world, Node node, Edition edition, Plan plan) {
    ServiceRecord current = node.registry.current("counter", "1").orElseThrow();
    return current.next(Signer.owner(OWNER), edition, plan, world.wall());
  }

  /** What follows on a peer's present record: the second version in waves. */
  static ServiceRecord staged(World world, Node node, Schedule schedule) {
    return next(world, node, SECOND, Plan.staged(schedule, Optional.of(FIRST)));
  }

  static void publish(Node node, ServiceRecord record) {
    node.peer.run(now -> node.registry.publish(now, record));
  }

  static boolean runs(Node node, Archive archive) {
    return Optional.ofNullable(node.deployment.running.get("counter/1"))
        .filter(it -> it.archive().equals(archive.hash()))
        .isPresent();
  }

  static long running(World world, Archive archive) {
    return world.nodes.stream()
        .filter(node -> node.joined && node.peer.alive())
        .filter(node -> runs(node, archive))
        .count();
  }

  static boolean inFirstWave(Node node, int percent) {
    return Wave.place(node.peer.id(), V2.hash()) < percent * 100;
  }

  static long inFirstWave(World world, int percent) {
    return world.nodes.stream().filter(node -> inFirstWave(node, percent)).count();
  }
}
