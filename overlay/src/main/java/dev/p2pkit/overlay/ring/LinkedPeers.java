// Whom this peer has links to.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The peers to which there is a link, whoever has opened it. Telling one of them something costs no
 * handshake.
 */
final class LinkedPeers {
  private final SortedSet<PeerId> ids = new TreeSet<>();
  private int changes;

  void onLink(PeerId peer, LinkEvent event) {
    if (event == LinkEvent.UP ? ids.add(peer) : ids.remove(peer)) {
      changes++;
    }
  }

  Iterable<PeerId> ids() {
    return ids;
  }

  /** Grows with each change. */
  int changes() {
    return changes;
  }
}
