// What a ring is like when nothing goes on.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Compares the members with a ring in which nothing goes on. */
final class Ideal {
  /** Of longer tables only about so many places are compared. */
  private static final int WHOLE_TABLES = 500;

  private Ideal() {}

  /** What is not right yet; empty if everything is. */
  static Optional<String> deviation(
      List<Node> inOrder, RingConfig config, OwnershipMode mode, boolean tables) {
    int size = inOrder.size();
    List<PeerRef> members = inOrder.stream().map(node -> node.process.ref()).toList();
    for (int place = 0; place < size; place++) {
      Node node = inOrder.get(place);
      RingView view = node.ring().view();
      if (!view.joined()) {
        return Optional.of(node + " is outside");
      }
      Optional<String> wrong =
          list(inOrder, place, 1, config.successors(), view.successors(), "after");
      if (wrong.isEmpty()) {
        wrong = list(inOrder, place, -1, config.predecessors(), view.predecessors(), "before");
      }
      if (wrong.isPresent()) {
        return wrong;
      }
      if (tables && view.complete() && view.size() != size) {
        return Optional.of(node + " knows " + view.size() + " peers where there are " + size);
      }
      if (tables) {
        wrong =
            view.complete()
                ? stranger(members, place, view)
                : partial(members, place, view, node.ring()::isInArc);
        if (wrong.isPresent()) {
          return wrong;
        }
      }
      wrong = arc(inOrder, place, mode);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  /** The same of next neighbours and arcs alone: without the rest of the lists, and tables. */
  static Optional<String> deviationOfRing(List<Node> inOrder, OwnershipMode mode) {
    for (int place = 0; place < inOrder.size(); place++) {
      RingView view = inOrder.get(place).ring().view();
      Optional<String> wrong = next(inOrder, place, 1, view.successors(), "after");
      if (wrong.isEmpty()) {
        wrong = next(inOrder, place, -1, view.predecessors(), "before");
      }
      if (wrong.isEmpty()) {
        wrong = arc(inOrder, place, mode);
      }
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> next(
      List<Node> inOrder, int place, int step, List<PeerRef> list, String where) {
    return list(inOrder, place, step, 1, list.subList(0, Math.min(1, list.size())), where);
  }

  private static Optional<String> arc(List<Node> inOrder, int place, OwnershipMode mode) {
    Node node = inOrder.get(place);
    Node before = inOrder.get(Math.floorMod(place - 1, inOrder.size()));
    Holding.Tenure tenure = node.tenure(mode);
    if (tenure.until() <= node.process.now()) {
      return Optional.of(node + " serves nothing");
    }
    if (!tenure.after().equals(before.id().position())) {
      return Optional.of(node + " does not serve its whole arc, or more");
    }
    return Optional.empty();
  }

  /**
   * A table of the right length that holds others than the members, or processes that were before
   * theirs. Of large ones each peer shows other places: two tables that differ in one member differ
   * at all places between the two.
   */
  static Optional<String> stranger(List<PeerRef> inOrder, int place, RingView view) {
    int step = Math.max(1, inOrder.size() / WHOLE_TABLES);
    for (int at = place % step; at < inOrder.size(); at += step) {
      PeerRef known = view.member(at);
      PeerRef there = inOrder.get(at);
      if (!isSameProcess(known, there)) {
        return Optional.of(
            inOrder.get(place).id().shortText()
                + " knows "
                + text(known)
                + " where "
                + text(there)
                + " stands");
      }
    }
    return Optional.empty();
  }

  /**
   * Who is known outside of an arc and is no member: a contact that is dead and has not been asked
   * since, or the hint of one. Empty if nobody is, and where tables hold everybody.
   */
  static Optional<String> deadContact(List<Node> inOrder) {
    List<PeerRef> members = inOrder.stream().map(node -> node.process.ref()).toList();
    for (Node node : inOrder) {
      RingView view = node.ring().view();
      if (!view.complete()) {
        Optional<String> dead = deadContact(members, view, node.ring()::isInArc);
        if (dead.isPresent()) {
          return dead;
        }
      }
    }
    return Optional.empty();
  }

  /** The same of one table of an arc. */
  static Optional<String> deadContact(List<PeerRef> inOrder, RingView view, Predicate<Key> arc) {
    return view.members().stream()
        .filter(ref -> !arc.test(ref.id().position()) && find(inOrder, ref) < 0)
        .findFirst()
        .map(ref -> view.self().id().shortText() + " knows " + text(ref) + ", who is no member");
  }

  private static int find(List<PeerRef> inOrder, PeerRef ref) {
    return Collections.binarySearch(inOrder, ref, Comparator.comparing(PeerRef::id));
  }

  /**
   * A table of an arc that does not hold exactly the members there: what is sent to keys there
   * would go to nobody, or to another than the owner.
   *
   * @param inOrder the members in the order of their positions
   * @param arc of which positions this peer has to know everybody; its own among them
   */
  static Optional<String> partial(
      List<PeerRef> inOrder, int place, RingView view, Predicate<Key> arc) {
    String self = view.self().id().shortText();
    int known = 0;
    for (PeerRef ref : view.members()) {
      if (arc.test(ref.id().position())) {
        int at = find(inOrder, ref);
        if (at < 0 || !isSameProcess(ref, inOrder.get(at))) {
          return Optional.of(self + " knows " + text(ref) + ", which is gone");
        }
        known++;
      }
    }
    int there = 1 + reach(inOrder, place, 1, inOrder.size() - 1, arc);
    there += reach(inOrder, place, -1, inOrder.size() - there, arc);
    return known == there
        ? Optional.empty()
        : Optional.of(self + " knows " + known + " peers in its arc where there are " + there);
  }

  private static boolean isSameProcess(PeerRef one, PeerRef other) {
    return one.id().equals(other.id()) && one.incarnation() == other.incarnation();
  }

  private static String text(PeerRef process) {
    return process.id().shortText() + " (process " + process.incarnation() + ")";
  }

  /** How many members stand in the arc on one side of a peer. */
  private static int reach(
      List<PeerRef> inOrder, int place, int step, int most, Predicate<Key> arc) {
    int count = 0;
    while (count < most) {
      int next = Math.floorMod(place + step * (count + 1), inOrder.size());
      if (!arc.test(inOrder.get(next).id().position())) {
        break;
      }
      count++;
    }
    return count;
  }

  private static Optional<String> list(
      List<Node> inOrder, int place, int step, int most, List<PeerRef> list, String where) {
    int size = inOrder.size();
    int length = Math.min(size - 1, most);
    if (list.size() != length) {
      return Optional.of(
          inOrder.get(place) + " has " + list.size() + " peers " + where + " it, not " + length);
    }
    for (int i = 0; i < length; i++) {
      Node there = inOrder.get(Math.floorMod(place + step * (i + 1), size));
      if (!list.get(i).id().equals(there.id())) {
        return Optional.of(
            inOrder.get(place)
                + " has "
                + list.get(i).id().shortText()
                + " "
                + where
                + " it where "
                + there
                + " stands");
      }
    }
    return Optional.empty();
  }
}
