// How an interval of the ring is divided among the peers that are known in it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * The arithmetic of the interval tree (after El-Ansary et al.: "Efficient broadcast in structured
 * P2P networks", 2003). The parts of an interval and the peer that divides it cover the interval,
 * each place once. Who gets a part stands in it, divides what lies before and behind it, and so on
 * down to neighbours: that everybody is reached depends on ring pointers only, not on complete
 * tables.
 *
 * <p>There are as few parts as keep the tree as flat as it can be, so that few peers stand in the
 * middle of it, and each of these has its hands full.
 */
final class Intervals {
  private static final Key ONE = Key.of(1);
  private static final Key MINUS_ONE = new Key(-1, -1);
  private static final double WHOLE_RING = 0x1p128;

  private Intervals() {}

  /** The whole ring without one place on it. */
  static Arc allBut(Key place) {
    return new Arc(place, place.plus(MINUS_ONE));
  }

  /** One place on the ring. */
  static Arc only(Key place) {
    return new Arc(place.plus(MINUS_ONE), place);
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

  /** The index of the first known peer of an arc, if there is one. */
  static int first(RingView view, Arc arc) {
    return view.indexAtOrAfter(arc.after().plus(ONE));
  }

  static boolean contains(Arc arc, Key place) {
    return place.isIn(arc.after(), arc.upTo());
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
   * Divides what is left of an arc without this peer. Parts in which nobody is known are left out:
   * a peer knows its neighbours, so there is nobody.
   */
  static List<Arc> divide(RingView view, Arc arc, int fanOut) {
    List<Arc> pieces = without(arc, view.self().id().position());
    pieces.removeIf(piece -> count(view, piece) == 0);
    double spacing = view.complete() ? 0 : spacing(view);
    double total = 0;
    for (Arc piece : pieces) {
      total += expected(view, piece, spacing);
    }
    double each = subtree(total, fanOut);
    List<Arc> parts = new ArrayList<>();
    for (Arc piece : pieces) {
      int wanted = (int) Math.ceil(expected(view, piece, spacing) / each);
      if (view.complete()) {
        byNumber(view, piece, Math.max(total > fanOut ? 2 : 1, wanted), parts);
      } else {
        byLength(view, piece, wanted, parts);
      }
    }
    return parts;
  }

  /** The smallest full subtree of which so many as the fan-out hold that many peers. */
  private static double subtree(double peers, int fanOut) {
    double size = 1;
    while (size * fanOut < peers) {
      size = 1 + fanOut * size;
    }
    return size;
  }

  /** How many peers probably are in an arc. */
  private static double expected(RingView view, Arc arc, double spacing) {
    int known = count(view, arc);
    return view.complete() || spacing == 0 ? known : Math.max(known, length(arc) / spacing);
  }

  /** The mean distance of neighbours, as this peer's own lists show it. */
  private static double spacing(RingView view) {
    List<PeerRef> before = view.predecessors();
    List<PeerRef> after = view.successors();
    if (before.isEmpty() || after.isEmpty()) {
      return 0;
    }
    Key from = before.get(before.size() - 1).id().position();
    Key to = after.get(after.size() - 1).id().position();
    return length(new Arc(from, to)) / (before.size() + after.size());
  }

  /** The share of the ring, where the whole is 2 to the 128. */
  private static double length(Arc arc) {
    Key distance = arc.after().distanceTo(arc.upTo());
    double length = unsigned(distance.high()) * 0x1p64 + unsigned(distance.low());
    return length == 0 ? WHOLE_RING : length;
  }

  private static double unsigned(long value) {
    return (value >>> 1) * 2.0 + (value & 1);
  }

  /** Into parts with as many known peers each. */
  private static void byNumber(RingView view, Arc piece, int wanted, List<Arc> parts) {
    int known = count(view, piece);
    int groups = Math.min(wanted, known);
    int first = first(view, piece);
    Key after = piece.after();
    for (int group = 1; group <= groups; group++) {
      int next = first + (int) ((long) known * group / groups);
      Key upTo = group == groups ? piece.upTo() : before(view, next);
      parts.add(new Arc(after, upTo));
      after = upTo;
    }
  }

  /** Into parts of about the same length, each with a known peer. */
  private static void byLength(RingView view, Arc piece, int wanted, List<Arc> parts) {
    int known = count(view, piece);
    int first = first(view, piece);
    double share = length(piece) / Math.max(1, wanted);
    Key after = piece.after();
    for (int i = 1; i < known; i++) {
      Key upTo = before(view, first + i);
      if (length(new Arc(piece.after(), upTo)) >= share * (1 + cut(parts, piece))) {
        parts.add(new Arc(after, upTo));
        after = upTo;
      }
    }
    parts.add(new Arc(after, piece.upTo()));
  }

  /** How many of the parts lie in a piece; those of another piece come first. */
  private static int cut(List<Arc> parts, Arc piece) {
    int cut = 0;
    for (int i = parts.size() - 1; i >= 0 && contains(piece, parts.get(i).upTo()); i--) {
      cut++;
    }
    return cut;
  }

  private static Key before(RingView view, int index) {
    return view.member(index % view.size()).id().position().plus(MINUS_ONE);
  }
}
