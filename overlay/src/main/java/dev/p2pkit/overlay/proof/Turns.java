// How often each peer has had something done for it in the present second.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.sdk.PeerId;
import java.util.HashMap;
import java.util.Map;

/** Counts by peer and in all, in windows of a second. A table that is full gives no more turns. */
final class Turns {
  private static final long WINDOW = 1_000_000;
  private static final int MOST_PEERS = 1_024;

  private final int mostOfOne;
  private final int mostInAll;

  // For look-ups only: nothing depends on the order of a HashMap.
  private final Map<PeerId, Integer> taken = new HashMap<>();
  private int inAll;
  private long since;

  Turns(int mostOfOne, int mostInAll) {
    this.mostOfOne = mostOfOne;
    this.mostInAll = mostInAll;
  }

  /** Takes a turn for a peer; false if there is none left in this second. */
  boolean take(long now, PeerId peer) {
    if (now - since >= WINDOW) {
      taken.clear();
      inAll = 0;
      since = now;
    }
    int had = taken.getOrDefault(peer, 0);
    if (had >= mostOfOne || inAll >= mostInAll || (had == 0 && taken.size() >= MOST_PEERS)) {
      return false;
    }
    taken.put(peer, had + 1);
    inAll++;
    return true;
  }
}
