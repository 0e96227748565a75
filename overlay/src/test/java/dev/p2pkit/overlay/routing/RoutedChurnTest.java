// Many random runs in which senders know few peers, leases move, and peers come, leave and die.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RoutedChurnTest {
  private static final int KEYS = 40;
  private static final int PEERS = 14;

  @Test
  void everyPromiseHoldsForMessagesWithoutAPinUnderLossAndChurn() {
    long acknowledged = 0;
    long calls = 0;
    for (int seed = 1; seed <= 30; seed++) {
      RoutingWorld world = run(seed);
      calls += world.calls.size();
      acknowledged +=
          world.calls.values().stream()
              .filter(call -> !(call.outcome instanceof Outcome.Failed))
              .count();
    }
    assertThat(acknowledged).isGreaterThan(calls * 8 / 10);
  }

  @Test
  @Tag("long")
  void everyPromiseHoldsForMessagesWithoutAPinInManyRuns() {
    for (int seed = 1_000; seed < 3_000; seed++) {
      RoutingWorld unused = run(seed);
    }
  }

  private static RoutingWorld run(long seed) {
    RoutingWorld world = scenario(seed);
    world.check();
    for (Host host : world.hosts) {
      if (host.peer.alive()) {
        RouterStatistics statistics = host.router.statistics();
        assertThat(statistics.open()).as("open, seed " + seed).isZero();
        assertThat(statistics.remembered()).as("remembered, seed " + seed).isZero();
      }
    }
    return world;
  }

  private static RoutingWorld scenario(long seed) {
    RoutingWorld world = new RoutingWorld(seed, PEERS);
    world.near = 1 + (int) (seed % 3);
    SplittableRandom random = world.simulation.random();
    world.simulation.conditions(
        seed % 2 == 0
            ? NetworkConditions.DEFAULT
                .withLoss(0.03)
                .withLinkLoss(0.005)
                .withDuplication(0.03)
                .withReordering(0.03)
            : NetworkConditions.DEFAULT.withLinkLoss(0.01));
    for (Host host : world.hosts) {
      host.workMicros = random.nextInt(3) * 5_000L;
    }
    world.leases = new HandmadeLeases(world);
    world.settled();
    for (int step = 0; step < 120; step++) {
      if (step % 8 == 7) {
        churn(world, random);
      }
      for (int i = random.nextInt(12); i > 0; i--) {
        Host caller = world.host(random.nextInt(PEERS));
        if (caller.inRing()) {
          long life = 200_000 + random.nextLong(8_000_000);
          if (random.nextInt(4) == 0) {
            caller.callPeer(world.host(random.nextInt(PEERS)), life, random.nextBoolean());
          } else {
            caller.callKey(Key.hash(random.nextInt(KEYS)), life, random.nextBoolean());
          }
        }
      }
      Host eager = world.host(random.nextInt(PEERS));
      if (step % 5 == 0 && eager.inRing()) {
        Key key = Key.hash(random.nextInt(KEYS));
        for (int i = random.nextInt(20); i > 0; i--) {
          eager.callKey(key, 8_000_000, random.nextBoolean());
        }
      }
      world.run(random.nextInt(200));
    }
    world.simulation.conditions(NetworkConditions.DEFAULT);
    world.run(600);
    world.everybodySees(world.hosts.stream().filter(Host::inRing).toList());
    world.run(120_000);
    return world;
  }

  private static void churn(RoutingWorld world, SplittableRandom random) {
    HandmadeLeases leases = world.leases;
    if (leases == null) {
      return;
    }
    Host host = world.host(random.nextInt(PEERS));
    long inRing = world.hosts.stream().filter(Host::inRing).count();
    if (host.inRing() && inRing > 8) {
      int what = random.nextInt(4);
      if (what == 0) {
        world.simulation.breakLink(host.peer, world.host(random.nextInt(PEERS)).peer);
      } else if (what == 1) {
        leave(world, leases, host);
      } else {
        host.die();
        leases.died(host, 50 + random.nextInt(500));
        if (random.nextInt(3) == 0) {
          host.restart(RouterConfig.DEFAULT);
          leases.comes(host);
        }
      }
    } else if (!host.peer.alive()) {
      host.restart(RouterConfig.DEFAULT);
      leases.comes(host);
    }
    world.news(random, 400);
  }

  private static void leave(RoutingWorld world, HandmadeLeases leases, Host host) {
    leases.leaves(host);
    host.inRing = false;
    host.peer.run(host.router::refuseMessages);
    int life = host.life;
    world.simulation.after(
        Duration.ofSeconds(1),
        () -> {
          if (host.life == life) {
            host.die();
          }
        });
  }
}
