// Router and ring together in the simulator: real views, real joins, real take-overs.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.routing.RoutingWorld.Seen;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RouterOnRingTest {
  private static final int PEERS = 30;

  @Test
  void callsKeepTheirPromisesWhilePeersJoinDieAndLeave() {
    for (int seed = 1; seed <= 6; seed++) {
      run(seed);
    }
  }

  private static void run(int seed) {
    RoutingWorld world = new RoutingWorld(seed, PEERS);
    world.simulation.conditions(
        NetworkConditions.DEFAULT.withLatency(500, 2_000).withLinkLoss(0.0005));
    SplittableRandom random = world.simulation.random();
    world.host(0).joinRing(null);
    for (int i = 1; i < PEERS; i++) {
      world.host(i).joinRing(world.host(random.nextInt(i)));
      Host joiner = world.host(i);
      assertThat(world.simulation.runUntil(joiner::joined, Duration.ofSeconds(30))).isTrue();
    }
    world.run(10_000);
    for (int step = 0; step < 300; step++) {
      if (step % 30 == 15) {
        churn(world, random);
      }
      for (int i = random.nextInt(20); i > 0; i--) {
        Host caller = world.host(random.nextInt(PEERS));
        if (caller.joined()) {
          caller.callKey(Key.hash(random.nextInt(500)), 10_000_000, random.nextBoolean());
        }
      }
      world.run(100);
    }
    world.run(60_000);
    world.check();
    List<Seen> failed =
        world.calls.values().stream()
            .filter(call -> call.outcome instanceof Outcome.Failed)
            .filter(call -> call.caller != null && call.caller.life == call.callerLife)
            .toList();
    // Only what was at a peer when it died, and that is little.
    assertThat(failed)
        .allSatisfy(
            call -> assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN));
    assertThat(failed.size()).isLessThan(world.calls.size() / 50);
    assertThat(world.hosts)
        .allSatisfy(
            host -> {
              if (host.peer.alive()) {
                assertThat(host.router.statistics().open()).isZero();
                assertThat(host.router.statistics().remembered()).isZero();
              }
            });
  }

  private static void churn(RoutingWorld world, SplittableRandom random) {
    Host host = world.host(1 + random.nextInt(PEERS - 1));
    if (host.joined()) {
      host.die();
    } else if (!host.peer.alive()) {
      host.restart(RouterConfig.DEFAULT);
      host.joinRing(world.host(0));
    }
  }
}
