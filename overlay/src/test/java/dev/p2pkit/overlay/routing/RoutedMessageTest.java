// Messages to owners whom the sender does not know: hop by hop, on simulated links.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.routing.RoutingWorld.Seen;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutedMessageTest {
  private static final long SECOND = 1_000_000;

  private static RoutingWorld world(long seed, int peers, int near) {
    RoutingWorld world = new RoutingWorld(seed, peers);
    world.near = near;
    return world.settled();
  }

  /** The hosts in the order of the ring. */
  private static List<Host> ring(RoutingWorld world) {
    return world.hosts.stream().sorted(Comparator.comparing(host -> host.peer.id())).toList();
  }

  private static long answeredAfter(RoutingWorld world, int hops) {
    return world.hosts.stream().mapToLong(host -> host.router.statistics().hops().get(hops)).sum();
  }

  @Test
  void aMessageToAKeyWhoseOwnerIsUnknownReachesItOverOtherPeers() {
    RoutingWorld world = world(1, 40, 3);
    for (int i = 0; i < 200; i++) {
      world.host(i % 40).callKey(Key.hash(i), 5 * SECOND, i % 2 == 0);
    }
    world.run(3_000);
    assertThat(world.calls.values())
        .allSatisfy(call -> assertThat(call.outcome).isNotInstanceOf(Outcome.Failed.class));
    assertThat(answeredAfter(world, 2)).isPositive();
    world.check();
  }

  @Test
  void theSecondMessageToAnOwnerGoesStraight() {
    RoutingWorld world = world(2, 40, 2);
    List<Host> ring = ring(world);
    Key key = world.keyOf(ring.get(21));
    Seen first = ring.get(0).callKey(key, 5 * SECOND, true);
    world.run(1_000);
    Seen second = ring.get(0).callKey(key, 5 * SECOND, true);
    world.run(1_000);
    Seen third = ring.get(0).callKey(key, 5 * SECOND, true);
    world.run(1_000);
    assertThat(List.of(first, second, third))
        .allSatisfy(call -> assertThat(call.outcome).isInstanceOf(Outcome.Replied.class));
    assertThat(ring.get(0).router.statistics().hops().get(1)).isPositive();
    world.check();
  }

  @Test
  void aPeerOutsideOfTheViewIsReachedAndOneThatIsNobodyIsNoSuchPeer() {
    RoutingWorld world = world(3, 40, 2);
    List<Host> ring = ring(world);
    Seen known = ring.get(0).callPeer(ring.get(23), 5 * SECOND, true);
    Seen nobody = ring.get(0).open(false, Key.hash("nobody"), 5 * SECOND, true, 4);
    world.run(3_000);
    assertThat(known.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(nobody.failure().code()).isEqualTo(ErrorCode.NO_SUCH_PEER);
    assertThat(nobody.failure().peer()).isEqualTo(ring.get(0).peer.id());
    world.check();
  }

  @Test
  void lossCostsTimeAndNoMessage() {
    RoutingWorld world = new RoutingWorld(4, 40);
    world.near = 3;
    world.simulation.conditions(
        NetworkConditions.DEFAULT.withLatency(5_000, 35_000).withLoss(0.01).withDuplication(0.01));
    world.settled();
    for (int i = 0; i < 2_000; i++) {
      world.host(i % 40).callKey(Key.hash(i), 10 * SECOND, i % 2 == 0);
      world.run(2);
    }
    world.run(12_000);
    assertThat(world.calls.values())
        .allSatisfy(call -> assertThat(call.outcome).isNotInstanceOf(Outcome.Failed.class));
    long late =
        world.calls.values().stream()
            .filter(call -> call.endedAt - call.openedAt > 2 * SECOND)
            .count();
    assertThat(late).isZero();
    world.check();
  }

  @Test
  void messagesOfOneSenderToOneKeyKeepTheirOrderThoughItsOwnerIsUnknown() {
    RoutingWorld world = new RoutingWorld(5, 40);
    world.near = 2;
    world.simulation.conditions(
        NetworkConditions.DEFAULT.withLoss(0.05).withReordering(0.1).withDuplication(0.1));
    world.settled();
    for (int i = 0; i < 60; i++) {
      for (int key = 0; key < 5; key++) {
        world.host(0).callKey(Key.hash(key), 20 * SECOND, false);
      }
      world.run(30);
    }
    world.run(30_000);
    assertThat(world.calls.values())
        .allSatisfy(call -> assertThat(call.outcome).isInstanceOf(Outcome.Acknowledged.class));
    world.check();
  }

  @Test
  void manyMessagesToOneKeyAreUnderWayAtOnceThoughItsOwnerIsUnknown() {
    RoutingWorld world = new RoutingWorld(8, 40, RouterConfig.DEFAULT.withoutArcs());
    world.near = 2;
    world.simulation.conditions(NetworkConditions.DEFAULT.withLatency(40_000, 0));
    world.settled();
    Host owner = ring(world).get(21);
    Host caller = ring(world).get(0);
    caller.callKey(world.keyOf(owner), 20 * SECOND, false);
    world.run(3_000);
    long began = world.simulation.now();
    for (int i = 0; i < 500; i++) {
      caller.callKey(world.keyOf(owner), 20 * SECOND, i % 2 == 0);
    }
    world.run(20_000);
    long last = world.calls.values().stream().mapToLong(call -> call.endedAt).max().orElseThrow();
    assertThat(world.calls.values())
        .allSatisfy(call -> assertThat(call.outcome).isNotInstanceOf(Outcome.Failed.class));
    assertThat(caller.router.statistics().hops().get(1)).isZero();
    assertThat(owner.processed).isSorted().hasSize(501);
    // Eight bunches of 64, each a way there and back of at most three hops.
    assertThat(last - began).isLessThan(8 * 6 * 40_000 + 100_000);
    world.check();
  }

  @Test
  void messagesUnderWayToAnOwnerThatHandsItsKeyOverKeepTheirOrder() {
    for (int seed = 1; seed <= 20; seed++) {
      RoutingWorld world = new RoutingWorld(seed, 20, RouterConfig.DEFAULT.withoutArcs());
      world.near = 2;
      world.simulation.conditions(
          NetworkConditions.DEFAULT.withLatency(5_000, 30_000).withRetransmission(0.02));
      world.leases = new HandmadeLeases(world);
      world.settled();
      Host owner = ring(world).get(11);
      owner.workMicros = 3_000;
      Host caller = ring(world).get(0);
      for (int i = 0; i < 100; i++) {
        caller.callKey(world.keyOf(owner), 30 * SECOND, false);
        if (i == 50) {
          world.leases.leaves(owner);
          owner.inRing = false;
          owner.peer.run(owner.router::refuseMessages);
          world.news(world.simulation.random(), 200);
        }
        world.run(5);
      }
      world.run(30_000);
      assertThat(world.calls.values())
          .as("seed " + seed)
          .allSatisfy(call -> assertThat(call.outcome).isInstanceOf(Outcome.Acknowledged.class));
      world.check();
    }
  }

  @Test
  void whoStillTakesALeaverForTheOwnerIsSentToItsHeir() {
    RoutingWorld world = world(5, 12, 0);
    List<Host> ring = ring(world);
    Host owner = ring.get(5);
    List<Host> rest = ring.stream().filter(host -> host != owner).toList();
    owner.peer.run(owner.router::refuseMessages);
    owner.see(rest);
    ring.get(6).see(rest);
    // The caller hears nothing of it, and the leaver ends soon.
    Seen call = ring.get(0).callKey(world.keyOf(owner), 8 * SECOND, false);
    world.run(2_000);
    assertThat(call.outcome)
        .isInstanceOfSatisfying(
            Outcome.Acknowledged.class,
            answer -> assertThat(answer.peer()).isEqualTo(ring.get(6).peer.id()));
    world.check();
  }

  @Test
  void anOwnerThatDiesWithAMessageWithoutAPinLeavesItUnknownAndTheNextOwnerDoesNotGetIt() {
    RoutingWorld world = world(6, 40, 2);
    List<Host> ring = ring(world);
    Host owner = ring.get(21);
    owner.silent = true;
    Seen call = ring.get(0).callKey(world.keyOf(owner), 8 * SECOND, true);
    world.run(200);
    owner.die();
    world.news(world.simulation.random(), 100);
    world.run(9_000);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(call.processed).isZero();
    world.check();
  }

  @Test
  void aMessageThatReachedNobodyGoesToTheNextOwner() {
    RoutingWorld world = world(7, 40, 2);
    List<Host> ring = ring(world);
    Host owner = ring.get(21);
    owner.die();
    world.run(300);
    Seen call = ring.get(0).callKey(world.keyOf(owner), 8 * SECOND, true);
    world.run(1_500);
    assertThat(call.outcome).isNull();
    world.news(world.simulation.random(), 100);
    world.run(2_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    world.check();
  }
}
