// Which keys came and which went when what a peer owns has changed.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.Key;
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
          .map(
              arc ->
                  List.of(
                      now.isPresent() ? ArcNotice.gained(arc, epoch) : ArcNotice.lost(arc, epoch)))
          .orElse(List.of());
    }
    Arc earlier = before.get();
    Arc later = now.get();
    if (earlier.equals(later)) {
      return List.of(ArcNotice.gained(later, epoch));
    }
    boolean all = earlier.after().equals(earlier.upTo());
    boolean shrunk =
        all || (!later.after().equals(later.upTo()) && earlier.contains(later.after()));
    return shrunk
        ? List.of(ArcNotice.lost(new Arc(earlier.after(), later.after()), epoch))
        : List.of(ArcNotice.gained(new Arc(later.after(), earlier.after()), epoch));
  }

  /** What a peer does not hold any more of an arc that ends at its position. */
  static Optional<Arc> missing(Optional<Arc> held, Arc arc) {
    if (held.isEmpty()) {
      return Optional.of(arc);
    }
    Key after = held.get().after();
    boolean all = after.equals(held.get().upTo()) || after.equals(arc.after());
    return all || !arc.contains(after)
        ? Optional.empty()
        : Optional.of(new Arc(arc.after(), after));
  }
}
