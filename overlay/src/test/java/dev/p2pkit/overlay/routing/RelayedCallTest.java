// Calls that go through another peer while the link to their owner is being opened.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.routing.RoutingWorld.Seen;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import org.junit.jupiter.api.Test;

class RelayedCallTest {
  private static final long SECOND = 1_000_000;

  /** A wide ring: a dial takes longer than a caller waits before it tries another way. */
  private static RoutingWorld wide(long seed) {
    RoutingWorld world = new RoutingWorld(seed, 5);
    world.simulation.conditions(NetworkConditions.DEFAULT.withLatency(90_000, 0));
    world.everybodySees(world.hosts);
    return world;
  }

  private static void link(RoutingWorld world, int from, int to) {
    Seen greeting = world.host(from).callPeer(world.host(to), 5 * SECOND, false);
    world.run(3_000);
    assertThat(greeting.outcome).isInstanceOf(Outcome.Acknowledged.class);
  }

  @Test
  void aDeadOwnerThatNoRelayHasReachedDoesNotMakeTheOutcomeUnknown() {
    RoutingWorld world = wide(1);
    link(world, 0, 2);
    Host owner = world.host(1);
    owner.die();
    Seen call = world.host(0).callKey(world.keyOf(owner), 10 * SECOND, true);
    world.run(1_500);
    assertThat(world.host(0).router.statistics().relayed()).isPositive();
    assertThat(call.outcome).isNull();
    world.news(world.simulation.random(), 100);
    world.run(3_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    world.check();
  }

  @Test
  void aRelayThatHasPassedACallOnToAnOwnerThatDiedLeavesItUnknown() {
    RoutingWorld world = wide(2);
    link(world, 2, 1);
    link(world, 0, 2);
    Host owner = world.host(1);
    owner.silent = true;
    world.simulation.cut(world.host(0).peer, owner.peer);
    Seen call = world.host(0).callKey(world.keyOf(owner), 20 * SECOND, true);
    world.run(400);
    assertThat(world.host(2).router.statistics().forwarded()).isPositive();
    owner.die();
    world.news(world.simulation.random(), 100);
    world.run(10_000);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(call.processed).isZero();
    world.check();
  }

  @Test
  void aRelayThatKnowsTheNextProcessOfADeadOwnerDoesNotPassACallOnThatIsNotForIt() {
    RoutingWorld world = wide(4);
    Host owner = world.host(1);
    owner.die();
    owner.restart(RouterConfig.DEFAULT);
    owner.see(world.hosts);
    world.host(2).see(world.hosts);
    link(world, 2, 1);
    link(world, 0, 2);
    long before = world.host(2).router.statistics().forwarded();
    // The caller takes the process before for the owner, and finds it dead before the relay's word.
    Seen call = world.host(0).callKey(world.keyOf(owner), 10 * SECOND, true);
    world.run(300);
    assertThat(world.host(0).router.statistics().relayed()).isPositive();
    assertThat(world.host(2).router.statistics().forwarded()).isEqualTo(before);
    assertThat(call.outcome).isNull();
    world.news(world.simulation.random(), 100);
    world.run(3_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    world.check();
  }

  @Test
  void aRelayThatFallsSilentIsNotWaitedForToTheDeadline() {
    RoutingWorld world = wide(3);
    link(world, 0, 2);
    Host owner = world.host(1);
    owner.die();
    Seen call = world.host(0).callKey(world.keyOf(owner), 60 * SECOND, true);
    world.run(150);
    assertThat(world.host(0).router.statistics().relayed()).isEqualTo(1);
    world.host(2).die();
    world.run(3_000);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    world.check();
  }

  @Test
  void aRelayThatWasGivenTwoCopiesCannotTakeBackEither() {
    RelayedCopies copies = new RelayedCopies();
    copies.give(id(1));
    copies.give(id(2));
    assertThat(copies.open()).isEqualTo(2);
    assertThat(copies.said(id(1))).isTrue();
    assertThat(copies.said(id(1))).isFalse();
    copies.give(id(2));
    copies.give(id(1));
    assertThat(copies.open()).isZero();
    assertThat(copies.said(id(2))).isFalse();
    assertThat(copies.said(id(1))).isFalse();
  }

  private static PeerId id(long place) {
    return new PeerId(Key.of(place));
  }
}
