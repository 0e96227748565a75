// Whom this peer has links to.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The peers to which there is a link, whoever has opened it. Telling one of them something costs no
 * handshake.
 */
final class LinkedPeers {
  private static final PeerId[] NOBODY = {};

  /** In the order of their positions; never changes, another one follows it. */
  private PeerId[] ids = NOBODY;

  private int changes;

  void onLink(PeerId peer, LinkEvent event) {
    int at = Arrays.binarySearch(ids, peer);
    boolean up = event == LinkEvent.UP;
    if (up == at < 0) {
      int place = up ? -(at + 1) : at;
      PeerId[] next = new PeerId[ids.length + (up ? 1 : -1)];
      System.arraycopy(ids, 0, next, 0, place);
      if (up) {
        next[place] = peer;
        System.arraycopy(ids, place, next, place + 1, ids.length - place);
      } else {
        System.arraycopy(ids, place + 1, next, place, next.length - place);
      }
      ids = next;
      changes++;
    }
  }

  /** In the order of their positions. */
  List<PeerId> ids() {
    return Collections.unmodifiableList(Arrays.asList(ids));
  }

  /** Grows with each change. */
  int changes() {
    return changes;
  }
}
