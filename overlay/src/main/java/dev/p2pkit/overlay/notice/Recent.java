// Peers to which something has happened a moment ago.
package dev.p2pkit.overlay.notice;

import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;

/** Peers to which something has happened in the last {@link #SPAN}; at most {@link #MOST}. */
final class Recent {
  /** A quarter of the time between two comparisons of neighbours (microseconds). */
  static final long SPAN = 1_250_000;

  /** More than the neighbours of a peer that behave. */
  static final int MOST = 64;

  private final Map<PeerId, Long> since = new LinkedHashMap<>();

  /** Notes a peer; false if it is noted already, or there is no room. */
  boolean add(long now, PeerId peer) {
    forgetOld(now);
    return since.size() < MOST && since.putIfAbsent(peer, now) == null;
  }

  /** Notes a peer in any case; the one that is noted longest makes room. */
  void note(long now, PeerId peer) {
    forgetOld(now);
    if (since.size() >= MOST) {
      since.remove(since.keySet().iterator().next());
    }
    since.putIfAbsent(peer, now);
  }

  /** Whether a peer is noted. */
  boolean holds(long now, PeerId peer) {
    forgetOld(now);
    return since.containsKey(peer);
  }

  private void forgetOld(long now) {
    since.values().removeIf(at -> now - at >= SPAN);
  }
}
