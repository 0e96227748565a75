// How an interval of the ring is divided among the peers that are known in it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The arithmetic of the interval tree (after El-Ansary et al.: "Efficient broadcast in structured
 * P2P networks", 2003). A part begins with the peer that is to serve it, so what lies between two
 * known peers is served by the one before, who knows its own successors: that everybody is reached
 * depends on ring pointers only, not on complete tables.
 */
final class Intervals {
  private static final Key ONE = Key.of(1);
  private static final Key MINUS_ONE = new Key(-1, -1);

  private Intervals() {}

  /** The whole ring without one place on it. */
  static Arc allBut(Key place) {
    return new Arc(place, place.plus(MINUS_ONE));
  }

  /** How many peers are known in an arc. */
  static int count(RingView view, Arc arc) {
    int first = first(view, arc);
    if (!contains(arc, view.member(first).id().position())) {
      return 0;
    }
    int behind = view.indexAtOrAfter(arc.upTo().plus(ONE));
    int count = Math.floorMod(behind - first, view.size());
    return count == 0 ? view.size() : count;
  }

  private static int first(RingView view, Arc arc) {
    return view.indexAtOrAfter(arc.after().plus(ONE));
  }

  static boolean contains(Arc arc, Key place) {
    return place.isIn(arc.after(), arc.upTo());
  }

  /** The first known peer of an arc that is not excluded. */
  static Optional<PeerRef> candidate(RingView view, Arc arc, Set<PeerId> excluded) {
    int first = first(view, arc);
    int count = count(view, arc);
    for (int i = 0; i < count; i++) {
      PeerRef peer = view.member((first + i) % view.size());
      if (!excluded.contains(peer.id())) {
        return Optional.of(peer);
      }
    }
    return Optional.empty();
  }

  /** What is left of an arc without one place in it: what lies before, then what lies behind. */
  static List<Arc> without(Arc arc, Key place) {
    List<Arc> rest = new ArrayList<>(2);
    if (!contains(arc, place)) {
      rest.add(arc);
      return rest;
    }
    Key before = place.plus(MINUS_ONE);
    if (!arc.after().equals(before)) {
      rest.add(new Arc(arc.after(), before));
    }
    if (!arc.upTo().equals(place)) {
      rest.add(new Arc(place, arc.upTo()));
    }
    return rest;
  }

  /**
   * Divides what is left of an arc without this peer into at most {@code most} parts of as many
   * known peers each. Parts in which nobody is known are left out: there is nobody.
   */
  static List<Arc> divide(RingView view, Arc arc, int most) {
    List<Arc> rest = without(arc, view.self().id().position());
    int total = 0;
    for (Arc piece : rest) {
      total += count(view, piece);
    }
    List<Arc> parts = new ArrayList<>();
    for (Arc piece : rest) {
      int known = count(view, piece);
      if (known > 0) {
        int share = Math.max(1, (int) ((long) most * known / total));
        cut(view, piece, known, Math.min(share, known), parts);
      }
    }
    return parts;
  }

  private static void cut(RingView view, Arc piece, int known, int groups, List<Arc> parts) {
    int first = first(view, piece);
    Key after = piece.after();
    for (int group = 0; group < groups; group++) {
      boolean last = group == groups - 1;
      int next = first + (int) ((long) known * (group + 1) / groups);
      Key upTo =
          last ? piece.upTo() : view.member(next % view.size()).id().position().plus(MINUS_ONE);
      parts.add(new Arc(after, upTo));
      after = upTo;
    }
  }
}
