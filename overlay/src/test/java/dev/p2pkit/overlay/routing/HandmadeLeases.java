// Leases of a routing scenario: disjoint at every moment, whatever the hosts see of the ring.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.routing.RoutingWorld.Host;
import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Hands arcs over as leases do: to the next peer some time after a death, without memory; in order,
 * with the memory of the giver, when a peer comes or leaves.
 */
final class HandmadeLeases {
  private static final int MOST = 1 << 20;

  private final RoutingWorld world;
  private final TreeMap<Key, Host> lessees = new TreeMap<>();

  HandmadeLeases(RoutingWorld world) {
    this.world = world;
    for (Host host : world.hosts) {
      lessees.put(host.peer.id().position(), host);
    }
    lessees.forEach((position, host) -> host.holding.see(before(position), 0));
  }

  private Key before(Key position) {
    Key lower = lessees.lowerKey(position);
    return lower == null ? lessees.lastKey() : lower;
  }

  private Host after(Key position) {
    Key higher = lessees.higherKey(position);
    return lessees.get(higher == null ? lessees.firstKey() : higher);
  }

  /** A process has died; its keys go to the next peer after a while. */
  void died(Host host, int millis) {
    int life = host.life;
    world.simulation.after(
        Duration.ofMillis(millis),
        () -> {
          if (host.life == life && !host.peer.alive()) {
            buried(host);
          }
        });
  }

  private void buried(Host host) {
    Key position = host.peer.id().position();
    if (lessees.remove(position) != null) {
      after(position)
          .holding
          .see(before(after(position).peer.id().position()), world.simulation.now());
    }
  }

  /** A new process of a host gets the keys before it. */
  void comes(Host host) {
    buried(host);
    Key position = host.peer.id().position();
    Host giver = after(position);
    if (!giver.peer.alive() || giver.holding.isEmpty()) {
      int life = host.life;
      world.simulation.after(
          Duration.ofMillis(50),
          () -> {
            if (host.life == life && host.peer.alive()) {
              comes(host);
            }
          });
      return;
    }
    Key from = giver.holding.after();
    long now = world.simulation.now();
    long since = giver.holding.since(from, position);
    giver.holding.see(position, now);
    handOver(giver, host, from, position, since);
    lessees.put(position, host);
  }

  /** A host stops to serve, and the next peer goes on with what it knows. */
  void leaves(Host host) {
    Key position = host.peer.id().position();
    if (lessees.get(position) != host || host.holding.isEmpty() || lessees.size() == 1) {
      return;
    }
    Key from = host.holding.after();
    long since = host.holding.since(from, position);
    host.holding.lose();
    lessees.remove(position);
    handOver(host, after(position), from, position, since);
  }

  private void handOver(Host giver, Host taker, Key from, Key position, long since) {
    Optional<byte[]> memory =
        giver.router.arcMemory(world.simulation.now()).give(from, position, 0, MOST);
    int life = taker.life;
    world.simulation.after(
        Duration.ofMillis(2),
        () -> {
          if (!taker.peer.alive() || taker.life != life) {
            return;
          }
          long now = world.simulation.now();
          boolean known =
              memory.isPresent() && taker.router.arcMemory(now).take(from, position, memory.get());
          taker.holding.see(from, now);
          if (known) {
            taker.holding.inherit(from, position, since);
          }
        });
  }
}
