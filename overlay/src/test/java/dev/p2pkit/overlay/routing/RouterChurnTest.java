// Many random runs with loss, broken links, deaths and stale views, under one oracle.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.Key;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RouterChurnTest {
  private static final int KEYS = 40;

  @Test
  void everyPromiseHoldsUnderLossAndChurn() {
    long acknowledged = 0;
    for (int seed = 1; seed <= 40; seed++) {
      acknowledged += run(seed, seed % 2 == 0);
    }
    assertThat(acknowledged).isGreaterThan(20_000);
  }

  @Test
  @Tag("long")
  void everyPromiseHoldsUnderLossAndChurnInManyRuns() {
    for (int seed = 1_000; seed < 3_000; seed++) {
      run(seed, seed % 2 == 0);
    }
  }

  @Test
  void aRunRepeatsItselfFromItsSeed() {
    assertThat(trace(77)).isEqualTo(trace(77)).isNotEqualTo(trace(78));
  }

  private static long trace(long seed) {
    RoutingWorld world = scenario(seed, true);
    return world.simulation.traceHash();
  }

  private static long run(long seed, boolean lossy) {
    RoutingWorld world = scenario(seed, lossy);
    world.check();
    for (Host host : world.hosts) {
      if (host.peer.alive()) {
        RouterStatistics statistics = host.router.statistics();
        assertThat(statistics.open()).as("open, seed " + seed).isZero();
        assertThat(statistics.remembered()).as("remembered, seed " + seed).isZero();
      }
    }
    return world.calls.values().stream()
        .filter(call -> !(call.outcome instanceof Outcome.Failed))
        .count();
  }

  private static RoutingWorld scenario(long seed, boolean lossy) {
    RoutingWorld world = new RoutingWorld(seed, 8);
    SplittableRandom random = world.simulation.random();
    if (lossy) {
      world.simulation.conditions(
          NetworkConditions.DEFAULT
              .withLoss(0.03)
              .withLinkLoss(0.005)
              .withDuplication(0.03)
              .withReordering(0.03));
    } else {
      world.simulation.conditions(NetworkConditions.DEFAULT.withLinkLoss(0.01));
    }
    for (Host host : world.hosts) {
      host.workMicros = random.nextInt(3) * 5_000L;
    }
    world.settled();
    for (int step = 0; step < 150; step++) {
      churn(world, random, step);
      for (int i = random.nextInt(12); i > 0; i--) {
        Host caller = world.host(random.nextInt(world.hosts.size()));
        if (caller.peer.alive()) {
          long life = 200_000 + random.nextLong(8_000_000);
          if (random.nextInt(4) == 0) {
            caller.callPeer(
                world.host(random.nextInt(world.hosts.size())), life, random.nextBoolean());
          } else {
            Key key = Key.hash(random.nextInt(KEYS));
            caller.callKey(key, life, random.nextBoolean());
          }
        }
      }
      world.run(random.nextInt(200));
    }
    world.simulation.conditions(NetworkConditions.DEFAULT);
    // The last news must not be overtaken by older ones.
    world.run(500);
    world.everybodySees(world.hosts.stream().filter(Host::inRing).toList());
    world.run(120_000);
    return world;
  }

  private static void churn(RoutingWorld world, SplittableRandom random, int step) {
    if (step % 10 != 9) {
      return;
    }
    Host host = world.host(random.nextInt(world.hosts.size()));
    long alive = world.hosts.stream().filter(Host::inRing).count();
    if (host.peer.alive() && alive > 4) {
      if (random.nextInt(3) == 0) {
        world.simulation.breakLink(host.peer, world.host(random.nextInt(world.hosts.size())).peer);
      } else {
        host.die();
        if (random.nextInt(3) == 0) {
          // So fast that others meet the next process before they miss the last.
          host.restart(RouterConfig.DEFAULT);
        }
      }
    } else if (!host.peer.alive()) {
      host.restart(RouterConfig.DEFAULT);
    }
    world.news(random, 400);
  }
}
