// Messages while the routing table of a whole network changes its level, and changes back.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ring.LadderConfig;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.routing.RoutingWorld.Seen;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.Key;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LevelChangeTest {
  private static final int KEYS = 200;

  /** A ring whose tables have room for 128 entries, and so for everybody; then others join. */
  private static RoutingWorld growing(long seed) {
    RoutingWorld world = new RoutingWorld(seed, 110);
    world.simulation.conditions(
        NetworkConditions.DEFAULT.withLatency(5_000, 20_000).withRetransmission(0.005));
    world.ringConfig =
        RingConfig.DEFAULT.withLadder(LadderConfig.DEFAULT.withBudget(4_096, 128 * 96));
    world.formRing();
    assertThat(knowAll(world)).isEqualTo(110);
    for (int i = 0; i < 40; i++) {
      world.add("joiner " + i, RouterConfig.DEFAULT).joinRing(world.host(2 * i));
      send(world, 1);
    }
    assertThat(members(world)).hasSize(150);
    for (int waited = 0; waited < 60 && knowAll(world) > 0; waited += 5) {
      send(world, 5);
    }
    assertThat(knowAll(world)).isZero();
    return world;
  }

  private static void nothingFailed(RoutingWorld world) {
    world.run(11_000);
    assertThat(world.calls.values().stream().filter(LevelChangeTest::callerLives))
        .allSatisfy(
            call -> assertThat(call.outcome).isNotNull().isNotInstanceOf(Outcome.Failed.class));
    assertThat(hops(world, 1)).isPositive();
    assertThat(hops(world, 2)).isPositive();
    world.check();
  }

  private static boolean callerLives(Seen call) {
    return call.caller != null && call.caller.life == call.callerLife;
  }

  @Test
  void noMessageFailsWhileTheNetworkGoesFromOneHopToTwo() {
    RoutingWorld world = growing(5);
    send(world, 5);
    nothingFailed(world);
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 6, 12})
  @Tag("long")
  void noMessageFailsWhileTheNetworkOutgrowsItsBudgetAndShrinksAgain(long seed) {
    RoutingWorld world = growing(seed);
    for (int i = 0; i < 100; i++) {
      world.host(i).leaveRing();
      if (i % 2 == 0) {
        send(world, 1);
      }
    }
    for (int waited = 0; waited < 600 && knowAll(world) < 50; waited += 10) {
      send(world, 10);
    }
    assertThat(members(world)).hasSize(50);
    assertThat(knowAll(world)).isEqualTo(50);
    send(world, 5);
    nothingFailed(world);
  }

  /** Messages by key for so many seconds, some of them right behind each other. */
  private static void send(RoutingWorld world, int seconds) {
    SplittableRandom random = world.simulation.random();
    for (int i = 0; i < 5 * seconds; i++) {
      List<Host> members = members(world);
      Host caller = members.get(random.nextInt(members.size()));
      Key key = Key.hash(random.nextInt(KEYS));
      for (int count = 1 + random.nextInt(3); count > 0; count--) {
        caller.callKey(key, 10_000_000, random.nextBoolean());
      }
      world.run(200);
    }
  }

  private static List<Host> members(RoutingWorld world) {
    return world.hosts.stream().filter(host -> host.joined() && !host.leaving).toList();
  }

  /** How many have a table that holds everybody. */
  private static long knowAll(RoutingWorld world) {
    return members(world).stream().filter(Host::knowsAll).count();
  }

  private static long hops(RoutingWorld world, int hops) {
    return members(world).stream()
        .mapToLong(host -> host.router.statistics().hops().get(hops))
        .sum();
  }
}
