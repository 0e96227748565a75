// What tables of an arc should hold, computed from outside.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares tables of arcs with the members that there are. */
final class ArcOracle {
  private ArcOracle() {}

  /**
   * What is wrong with the tables: somebody within an arc who is not known, or is known too much.
   */
  static Optional<String> deviation(List<RingPeer> members) {
    Map<PeerId, PeerRef> there = new TreeMap<>();
    members.forEach(peer -> there.put(peer.id(), peer.ref()));
    for (RingPeer peer : members) {
      MemberTable table = peer.ring.table();
      Coverage exact = peer.ring.ladder().exact();
      for (PeerRef ref : there.values()) {
        if (exact.covers(ref.id().position()) && table.find(ref.id()).isEmpty()) {
          return Optional.of(peer + " does not know " + ref);
        }
      }
      for (PeerRef ref : table.peers().asList()) {
        if (exact.covers(ref.id().position()) && !there.containsKey(ref.id())) {
          return Optional.of(peer + " still knows " + ref);
        }
      }
    }
    return Optional.empty();
  }
}
