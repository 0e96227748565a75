// The router's promises, one by one, on simulated links.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.routing.RoutingWorld.Seen;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterSimulationTest {
  private static final long SECOND = 1_000_000;

  @Test
  void aCallByKeyReachesItsOwnerAndIsAnswered() {
    RoutingWorld world = new RoutingWorld(1, 5).settled();
    Seen rpc = world.host(0).callKey(world.keyOf(world.host(3)), 5 * SECOND, true);
    Seen send = world.host(1).callPeer(world.host(2), 5 * SECOND, false);
    Seen own = world.host(3).callKey(world.keyOf(world.host(3)), 5 * SECOND, true);
    world.run(1_000);
    assertThat(rpc.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(rpc.outcome.peer()).isEqualTo(world.host(3).peer.id());
    assertThat(send.outcome).isEqualTo(new Outcome.Acknowledged(world.host(2).peer.id(), true, 0));
    assertThat(own.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(world.host(3).processed).containsExactlyInAnyOrder(0, 2);
    world.check();
  }

  @Test
  void aRefusalByAPeerThatDoesNotOwnTheKeyPinsTheCallToTheRightOne() {
    RoutingWorld world = new RoutingWorld(2, 6);
    Host joined = world.host(4);
    List<Host> before = new ArrayList<>(world.hosts);
    before.remove(joined);
    world.everybodySees(world.hosts);
    world.host(0).see(before);
    world.run(600);
    Seen call = world.host(0).callKey(world.keyOf(joined), 5 * SECOND, true);
    world.run(2_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(joined.processed).containsExactly(call.number);
    world.check();
  }

  @Test
  void anOwnerThatDiesWithTheMessageLeavesItUnknownAtOnceAndNoOtherGetsIt() {
    RoutingWorld world = new RoutingWorld(3, 5).settled();
    Host owner = world.host(2);
    owner.silent = true;
    Seen call = world.host(0).callKey(world.keyOf(owner), 60 * SECOND, true);
    world.run(100);
    owner.die();
    world.run(500);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(call.endedAt).isLessThan(call.openedAt + SECOND);
    world.news(world.simulation.random(), 100);
    world.run(1_000);
    assertThat(call.processed).isZero();
    world.check();
  }

  @Test
  void aRepeatableCallGoesToTheNextOwnerWhenTheFirstDiesWithIt() {
    for (int near : new int[] {0, 2}) {
      RoutingWorld world = new RoutingWorld(19, 12);
      world.near = near;
      world.settled();
      Host owner = world.host(2);
      Host caller = world.host(0);
      owner.silent = true;
      int flags = Envelope.RPC | Envelope.REPEATABLE;
      Seen call = caller.open(true, world.keyOf(owner), 20 * SECOND, flags, 4);
      world.run(100);
      owner.die();
      world.news(world.simulation.random(), 100);
      world.run(5_000);
      assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
      assertThat(call.processed).isEqualTo(1);
      world.check();
    }
  }

  @Test
  void aCallThatHasNotLeftWaitsUntilTheRingHasClosedTheGap() {
    RoutingWorld world = new RoutingWorld(4, 5).settled();
    Host owner = world.host(2);
    owner.die();
    world.run(100);
    Seen call = world.host(0).callKey(world.keyOf(owner), 10 * SECOND, true);
    world.run(2_000);
    assertThat(call.outcome).isNull();
    world.news(world.simulation.random(), 100);
    world.run(1_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(call.processed).isEqualTo(1);
    world.check();
  }

  @Test
  void aPeerThatIsDeadOrUnknownIsNoSuchPeerWithinARoundTrip() {
    RoutingWorld world = new RoutingWorld(5, 4).settled();
    world.host(3).die();
    world.run(100);
    Seen dead = world.host(0).callPeer(world.host(3), 10 * SECOND, false);
    Seen unknown = world.host(0).open(false, Key.of(42), 10 * SECOND, false, 4);
    world.run(200);
    assertThat(unknown.failure().code()).isEqualTo(ErrorCode.NO_SUCH_PEER);
    assertThat(dead.failure().code()).isEqualTo(ErrorCode.NO_SUCH_PEER);
    world.check();
  }

  @Test
  void aReplyThatIsLostWithTheLinkIsGivenAgainWithoutProcessingTwice() {
    RoutingWorld world = new RoutingWorld(6, 3);
    world.simulation.conditions(NetworkConditions.DEFAULT.withLatency(10_000, 0));
    world.settled();
    Host owner = world.host(1);
    owner.workMicros = 20_000;
    Seen call = world.host(0).callPeer(owner, 10 * SECOND, true);
    world.run(2);
    // Let the link open and the message arrive, then cut it before the reply can pass.
    world.simulation.runUntil(() -> call.processed == 1, java.time.Duration.ofSeconds(1));
    world.simulation.breakLink(world.host(0).peer, owner.peer);
    world.run(3_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(call.processed).isEqualTo(1);
    world.check();
  }

  @Test
  void anOwnerThatCannotBeReachedStraightIsReachedThroughAnother() {
    RoutingWorld world = new RoutingWorld(7, 4).settled();
    // Somebody has links to both.
    world.host(2).callPeer(world.host(0), SECOND, false);
    world.host(2).callPeer(world.host(1), SECOND, false);
    world.run(500);
    world.simulation.cut(world.host(0).peer, world.host(1).peer);
    Seen call = world.host(0).callPeer(world.host(1), 8 * SECOND, true);
    world.run(4_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(world.host(2).router.statistics().forwarded()).isPositive();
    world.check();
  }

  @Test
  void withoutAnyWayTheCallEndsAsNotDeliveredForWantOfARoute() {
    RoutingWorld world = new RoutingWorld(8, 2).settled();
    world.simulation.cut(world.host(0).peer, world.host(1).peer);
    Seen call = world.host(0).callPeer(world.host(1), 5 * SECOND, true);
    world.run(6_000);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.NO_ROUTE);
    world.check();
  }

  @Test
  void aPeerThatIsNotYetPartOfTheRingMakesCallersWaitAndSaysSoAtTheDeadline() {
    RoutingWorld world = new RoutingWorld(9, 3).settled();
    Host joiner = world.add("joiner", RouterConfig.DEFAULT);
    // The others know it already; it does not own anything by its own pointers yet.
    world.hosts.forEach(host -> host.see(host == joiner ? List.of() : world.hosts));
    world.run(600);
    Seen patient = world.host(0).callKey(world.keyOf(joiner), 10 * SECOND, true);
    Seen hasty = world.host(1).callKey(world.keyOf(joiner), SECOND, true);
    world.run(2_000);
    assertThat(hasty.failure().code()).isEqualTo(ErrorCode.NOT_READY);
    assertThat(patient.outcome).isNull();
    joiner.see(world.hosts);
    world.run(1_000);
    assertThat(patient.outcome).isInstanceOf(Outcome.Replied.class);
    world.check();
  }

  @Test
  void aHostThatIsNotReadyIsAskedAgain() {
    RoutingWorld world = new RoutingWorld(10, 3).settled();
    world.host(1).notReady = true;
    Seen call = world.host(0).callPeer(world.host(1), 10 * SECOND, true);
    Seen own = world.host(1).callPeer(world.host(1), 10 * SECOND, true);
    world.run(1_000);
    world.host(1).notReady = false;
    world.run(1_000);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(own.outcome).isInstanceOf(Outcome.Replied.class);
    world.check();
  }

  @Test
  void theNextProcessOfAnOwnerDoesNotGetWhatThePreviousMayHaveProcessed() {
    RoutingWorld world = new RoutingWorld(11, 3).settled();
    Host owner = world.host(1);
    owner.silent = true;
    Seen call = world.host(0).callPeer(owner, 20 * SECOND, true);
    world.run(200);
    owner.die();
    owner.restart(RouterConfig.DEFAULT);
    owner.silent = false;
    owner.see(world.hosts);
    world.run(5_000);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    world.everybodySees(world.hosts);
    world.run(100);
    Seen next = world.host(0).callPeer(owner, 20 * SECOND, true);
    world.run(2_000);
    assertThat(next.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(call.processed).isZero();
    world.check();
  }

  @Test
  void aProcessThatComesBackByItselfDoesNotGetWhatThePreviousMayHaveProcessed() {
    RoutingWorld world = new RoutingWorld(18, 3).settled();
    Host owner = world.host(1);
    owner.silent = true;
    Seen call = world.host(0).callPeer(owner, 20 * SECOND, true);
    world.run(200);
    owner.die();
    owner.restart(RouterConfig.DEFAULT);
    owner.silent = false;
    owner.see(world.hosts);
    world.run(1);
    // Its own call opens the link before the caller's dial could be refused.
    Seen back = owner.callPeer(world.host(0), 20 * SECOND, true);
    world.run(5_000);
    assertThat(back.outcome).isInstanceOf(Outcome.Replied.class);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(call.processed).isZero();
    world.check();
  }

  @Test
  void whatIsRememberedShrinksToNothingWhenItIsQuiet() {
    RoutingWorld world = new RoutingWorld(12, 3).settled();
    for (int i = 0; i < 500; i++) {
      world.host(0).callPeer(world.host(1), 5 * SECOND, true);
    }
    // One long call must not keep the memory of all that came after it.
    Host slow = world.host(2);
    slow.silent = true;
    Seen stuck = world.host(0).callPeer(slow, 60 * SECOND, true);
    for (int i = 0; i < 500; i++) {
      world.host(0).callPeer(world.host(1), 5 * SECOND, true);
    }
    world.run(10_000);
    assertThat(stuck.outcome).isNull();
    assertThat(world.host(1).router.statistics().remembered()).isZero();
    assertThat(world.host(2).router.statistics().remembered()).isEqualTo(1);
    world.run(90_000);
    assertThat(world.host(2).router.statistics().remembered()).isZero();
    assertThat(world.host(0).router.statistics().open()).isZero();
    world.check();
  }

  @Test
  void withoutRoomToRememberMessagesAreRefusedAndNoneIsProcessedTwice() {
    RouterConfig small = RouterConfig.DEFAULT.withMemory(20, 1 << 20, 16);
    RoutingWorld world = new RoutingWorld(13, 2, small);
    world.simulation.conditions(NetworkConditions.DEFAULT.withDuplication(0.5));
    world.settled();
    world.host(1).workMicros = 50_000;
    List<Seen> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(world.host(0).open(true, Key.of(i), 20 * SECOND, true, 4));
    }
    calls.removeIf(call -> call.outcome != null);
    world.run(20_000);
    assertThat(calls)
        .anySatisfy(call -> assertThat(call.failure().code()).isEqualTo(ErrorCode.BUSY));
    world.check();
  }

  @Test
  void everyTableOfTheCallerHasABound() {
    RouterConfig small = RouterConfig.DEFAULT.withOpen(10, 1_000, 5);
    RoutingWorld world = new RoutingWorld(14, 3, small).settled();
    Host caller = world.host(0);
    world.host(1).silent = true;
    world.host(2).silent = true;
    List<Seen> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(caller.callPeer(world.host(1 + i % 2), 2 * SECOND, true));
    }
    assertThat(calls.get(11).failure().code()).isEqualTo(ErrorCode.BUSY);
    world.run(3_000);
    Seen large = caller.open(false, world.host(1).peer.id().position(), SECOND, false, 1_001);
    assertThat(large.failure().code()).isEqualTo(ErrorCode.BUSY);
    Seen tooLarge = caller.open(false, world.host(1).peer.id().position(), SECOND, false, 1 << 20);
    assertThat(tooLarge.failure().code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    List<Seen> owed = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      owed.add(caller.callPeer(world.host(1), SECOND, true));
    }
    world.run(100);
    assertThat(owed.get(5).failure().code()).isEqualTo(ErrorCode.BUSY);
    world.run(2_000);
    world.check();
  }

  @Test
  void thereIsABoundOnTheBytesThatOnePeerMayOweAnAnswer() {
    RouterConfig small = RouterConfig.DEFAULT.withUnansweredBytes(10_000);
    RoutingWorld world = new RoutingWorld(20, 3, small).settled();
    Host caller = world.host(0);
    Key slow = world.host(1).peer.id().position();
    world.host(1).silent = true;
    Seen first = caller.open(false, slow, 2 * SECOND, false, 20_000);
    Seen second = caller.open(false, slow, 2 * SECOND, false, 100);
    Key other = world.host(2).peer.id().position();
    Seen elsewhere = caller.open(false, other, 2 * SECOND, false, 9_000);
    world.run(100);
    assertThat(first.outcome).isNull();
    assertThat(second.failure().code()).isEqualTo(ErrorCode.BUSY);
    assertThat(elsewhere.outcome).isInstanceOf(Outcome.Acknowledged.class);
    world.run(3_000);
    Seen later = caller.open(false, slow, SECOND, false, 9_000);
    assertThat(later.outcome).isNull();
    world.run(2_000);
    world.check();
  }

  @Test
  void cancellingAndClosingEndCallsWithTheirCodes() {
    RoutingWorld world = new RoutingWorld(15, 2).settled();
    world.host(1).silent = true;
    Host caller = world.host(0);
    Seen left = caller.callPeer(world.host(1), 20 * SECOND, true);
    Seen other = caller.callPeer(world.host(1), 20 * SECOND, true);
    world.run(200);
    long id = (caller.ref().incarnation() << 20) + 1;
    caller.peer.run(now -> caller.router.cancel(now, id));
    assertThat(left.failure().code()).isEqualTo(ErrorCode.CANCELLED);
    caller.peer.run(now -> caller.router.close(now));
    assertThat(other.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    Seen late = caller.callPeer(world.host(1), 20 * SECOND, true);
    assertThat(late.failure().code()).isEqualTo(ErrorCode.CLOSED);
    world.check();
  }

  @Test
  void aReplyThatCameByAnotherWayEndsTheCallAndTheSecondIsIgnored() {
    RoutingWorld world = new RoutingWorld(16, 2).settled();
    Host caller = world.host(0);
    world.host(1).silent = true;
    Seen call = caller.callPeer(world.host(1), 20 * SECOND, true);
    world.run(200);
    long id = (caller.ref().incarnation() << 20) + 1;
    PeerId third = world.host(1).peer.id();
    List<Boolean> taken = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      caller.peer.run(
          now ->
              taken.add(caller.router.reply(now, id, new Outcome.Replied(third, new byte[0], 0))));
    }
    assertThat(taken).containsExactly(true, false);
    assertThat(call.outcome).isInstanceOf(Outcome.Replied.class);
  }

  @Test
  void anRpcWhoseTurnEndedWithoutAReplySaysSoAtTheDeadline() {
    RoutingWorld world = new RoutingWorld(17, 2).settled();
    world.host(1).replies = false;
    Seen call = world.host(0).callPeer(world.host(1), SECOND, true);
    world.run(2_000);
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(call.failure().detail()).contains("processed");
    assertThat(call.processed).isEqualTo(1);
    world.check();
  }
}
