// A checked world of whole ring machines whose promise is that no key has two servers.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A world of whole ring machines: never two servers of a key, and all keys served in the end. */
final class LeaseRingWorld extends RingWorld {
  private final Servers servers;

  LeaseRingWorld(Rules rules) {
    super(rules);
    servers = new Servers(rules.peers());
  }

  /** What counts are the keys at which arcs can begin or end. */
  private static Key key(CheckedPeer peer) {
    return peer.ref.id().position();
  }

  private static Tenure tenure(CheckedPeer peer) {
    return peer.ring.view().holding().tenure(OwnershipMode.STRICT);
  }

  private static boolean serves(CheckedPeer peer, Key key) {
    return peer.alive && tenure(peer).covers(key, peer.local());
  }

  @Override
  public Optional<String> broken() {
    for (CheckedPeer at : peers) {
      int server = -1;
      for (CheckedPeer peer : peers) {
        if (serves(peer, key(at))) {
          if (server >= 0 && connected(server, peer.index)) {
            return Optional.of(
                "both " + peers[server].name() + " and " + peer.name() + " serve key " + at.name());
          }
          server = peer.index;
        }
      }
      if (server >= 0 && connected(server, (server + 1) % peers.length)) {
        long epoch = tenure(peers[server]).epoch();
        String wrong = servers.served(at.index, server, epoch, peers[server].name());
        if (!wrong.isEmpty()) {
          return Optional.of(wrong);
        }
      }
    }
    return Optional.empty();
  }

  @Override
  void digestMore(StateDigest more) {
    servers.addTo(more);
  }

  @Override
  public boolean calm() {
    return missing().isEmpty();
  }

  @Override
  public String missing() {
    for (CheckedPeer peer : peers) {
      if (peer.alive && (peer.joining || peer.paused())) {
        return peer.name() + (peer.joining ? " is joining" : " is stopped");
      }
    }
    for (CheckedPeer at : peers) {
      boolean served = false;
      for (CheckedPeer peer : peers) {
        served |= serves(peer, key(at));
      }
      if (!served) {
        return "nobody serves key " + at.name();
      }
    }
    return "";
  }

  /** Who serves what, a line for each peer that lives. */
  List<String> serving() {
    List<String> lines = new ArrayList<>();
    for (CheckedPeer peer : peers) {
      StringBuilder keys = new StringBuilder();
      for (CheckedPeer at : peers) {
        keys.append(serves(peer, key(at)) ? at.name() : "");
      }
      lines.add(peer.name() + " serves " + (keys.length() == 0 ? "nothing" : keys));
    }
    return lines;
  }

  @Override
  public String picture() {
    StringBuilder text = new StringBuilder();
    for (CheckedPeer peer : peers) {
      if (peer.alive) {
        StringBuilder keys = new StringBuilder();
        for (CheckedPeer at : peers) {
          keys.append(serves(peer, key(at)) ? at.name() : "");
        }
        text.append(peer.name())
            .append(peer.paused() ? " (stopped)" : "")
            .append(" serves ")
            .append(keys.length() == 0 ? "nothing" : keys)
            .append(", ")
            .append(readable(peer.ring.view().predecessors().toString()))
            .append('>')
            .append(readable(peer.ring.view().successors().toString()))
            .append("\n");
      }
    }
    return text.toString().strip();
  }
}
