// What is promised in a world of lease rules.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.sdk.Key;
import java.util.Optional;

/**
 * No key has two servers among peers that are connected, the epoch of a key grows with each new
 * server, and where all is well each key has one.
 */
final class LeaseRulesPromise {
  private final LeaseRulesWorld world;
  private final LeaseRulesPeer[] peers;
  private final Servers servers;
  private int overlapping = -1;
  private String falling = "";

  LeaseRulesPromise(LeaseRulesWorld world) {
    this.world = world;
    peers = world.peers;
    servers = new Servers(peers.length);
  }

  /** Looks at who serves: what counts are the keys at which arcs can begin or end. */
  void watch() {
    overlapping = -1;
    falling = "";
    for (int key = 0; key < peers.length; key++) {
      Key position = peers[key].ref.id().position();
      int server = -1;
      for (LeaseRulesPeer peer : peers) {
        if (peer.alive && peer.lease.serves(position, peer.local())) {
          if (server >= 0 && world.connected(server, peer.index)) {
            overlapping = key;
          }
          server = peer.index;
        }
      }
      if (server >= 0 && world.whole()) {
        Tenure tenure = peers[server].lease.tenure(peers[server].local());
        String wrong = servers.served(key, server, tenure.epoch(), peers[server].name());
        falling = wrong.isEmpty() ? falling : wrong;
      }
    }
  }

  /** As {@link World#broken}. */
  Optional<String> broken() {
    if (overlapping >= 0) {
      return Optional.of("two serve key " + overlapping);
    }
    return falling.isEmpty() ? Optional.empty() : Optional.of(falling);
  }

  /** As {@link World#missing}: what each that lives can reach has to be served. */
  String missing() {
    for (LeaseRulesPeer witness : peers) {
      if (!witness.alive) {
        continue;
      }
      if (witness.pausedUntil > 0) {
        return witness.name() + " is stopped";
      }
      for (LeaseRulesPeer at : peers) {
        boolean served = false;
        for (LeaseRulesPeer peer : peers) {
          served |=
              peer.runs()
                  && !world.apart(peer.index, witness.index)
                  && peer.lease.serves(at.ref.id().position(), peer.local());
        }
        if (!served) {
          return "key " + at.index + " is served by nobody";
        }
      }
    }
    return "";
  }

  /** What it remembers of the past and judges by. */
  void addTo(StateDigest digest) {
    servers.addTo(digest);
  }
}
