// Which keys came and which went when what a peer owns has changed.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Arc;
import java.util.List;
import java.util.Optional;

/**
 * Compares two arcs of the same peer: both end at its position, so the later is the earlier with a
 * part more or less at its beginning, or they have nothing to do with each other.
 */
final class Arcs {
  private Arcs() {}

  /** What a service is told. An arc whose epoch alone has changed is gained anew. */
  static List<ArcNotice> changes(Optional<Arc> before, Optional<Arc> now, long epoch) {
    if (before.isEmpty() || now.isEmpty()) {
      return before
          .or(() -> now)
          .map(arc -> List.of(new ArcNotice(now.isPresent(), arc, epoch)))
          .orElse(List.of());
    }
    Arc earlier = before.get();
    Arc later = now.get();
    if (earlier.equals(later)) {
      return List.of(new ArcNotice(true, later, epoch));
    }
    boolean all = earlier.after().equals(earlier.upTo());
    boolean shrunk =
        all || (!later.after().equals(later.upTo()) && earlier.contains(later.after()));
    return shrunk
        ? List.of(new ArcNotice(false, new Arc(earlier.after(), later.after()), epoch))
        : List.of(new ArcNotice(true, new Arc(later.after(), earlier.after()), epoch));
  }
}
