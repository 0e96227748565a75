// What a right ring looks like, computed from outside.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.oracle.Neighbours;
import dev.p2pkit.overlay.simulator.oracle.RingShape;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Compares a ring with the ideal one, and with Zave's invariant. */
final class RingOracle {
  private RingOracle() {}

  /** What is not as it should be when nothing is going on; empty if all is. */
  static Optional<String> deviation(List<RingPeer> members, RingConfig config) {
    List<RingPeer> sorted = members.stream().sorted(Comparator.comparing(RingPeer::id)).toList();
    int size = sorted.size();
    for (int i = 0; i < size; i++) {
      RingView view = sorted.get(i).ring.view();
      if (!view.joined()) {
        return Optional.of(sorted.get(i) + " has no place");
      }
      if (view.size() != size) {
        return Optional.of(
            sorted.get(i) + " knows " + view.size() + " peers where there are " + size);
      }
      for (int k = 0; k < size; k++) {
        if (!view.member(k).id().equals(sorted.get(k).id())) {
          return Optional.of(sorted.get(i) + " knows " + view.member(k));
        }
      }
    }
    return listsDeviation(sorted, config);
  }

  /** What is wrong with the lists of neighbours of members in the order of the ring. */
  static Optional<String> listsDeviation(List<RingPeer> sorted, RingConfig config) {
    for (int i = 0; i < sorted.size(); i++) {
      RingView view = sorted.get(i).ring.view();
      List<PeerId> after = around(sorted, i, 1, config.successors());
      if (!ids(view.successors()).equals(after)) {
        return Optional.of(
            sorted.get(i) + " has successors " + view.successors() + " instead of " + after);
      }
      List<PeerId> before = around(sorted, i, -1, config.predecessors());
      if (!ids(view.predecessors()).equals(before)) {
        return Optional.of(
            sorted.get(i) + " has predecessors " + view.predecessors() + " instead of " + before);
      }
    }
    return Optional.empty();
  }

  private static List<PeerId> around(List<RingPeer> sorted, int place, int step, int most) {
    List<PeerId> ids = new ArrayList<>();
    for (int k = 1; k <= Math.min(sorted.size() - 1, most); k++) {
      ids.add(sorted.get(Math.floorMod(place + step * k, sorted.size())).id());
    }
    return ids;
  }

  /** How many members believe that they own a key. */
  static long owners(List<RingPeer> members, Key key) {
    return members.stream().filter(member -> member.owns(key)).count();
  }

  /**
   * Zave's invariant but for the number of principals: lists are in the order of the ring and
   * without duplicates, every member has a live successor, and the best successors form one ring on
   * which all others hang.
   */
  static Optional<String> brokenInvariant(List<RingPeer> members) {
    RingShape shape =
        new RingShape(members.stream().map(member -> Neighbours.of(member.ring.view())).toList());
    return shape.disorder().or(shape::abandoned).or(shape::notOneRing);
  }

  private static List<PeerId> ids(List<PeerRef> refs) {
    return refs.stream().map(PeerRef::id).toList();
  }
}
