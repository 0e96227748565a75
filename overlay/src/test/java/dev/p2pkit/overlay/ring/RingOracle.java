// What a right ring looks like, computed from outside.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

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
    return members.stream().filter(member -> member.ring.view().owns(key)).count();
  }

  /**
   * Zave's invariant: lists are in the order of the ring and without duplicates, every member has a
   * live successor, and the best successors form one ring on which all others hang.
   */
  static Optional<String> brokenInvariant(List<RingPeer> members) {
    Map<PeerId, RingPeer> live = new TreeMap<>();
    members.forEach(member -> live.put(member.id(), member));
    for (RingPeer member : members) {
      RingView view = member.ring.view();
      if (!ordered(member.id(), view.successors(), true)) {
        return Optional.of(member + " has disordered successors " + view.successors());
      }
      if (!ordered(member.id(), view.predecessors(), false)) {
        return Optional.of(member + " has disordered predecessors " + view.predecessors());
      }
      if (members.size() > 1 && best(member, live).isEmpty()) {
        return Optional.of(member + " has no live successor in " + view.successors());
      }
    }
    if (members.size() > 1) {
      Set<PeerId> onRing = cycleFrom(members.get(0), live);
      for (RingPeer member : members) {
        if (!cycleFrom(member, live).equals(onRing)) {
          return Optional.of("there is more than one ring");
        }
      }
    }
    return Optional.empty();
  }

  private static Set<PeerId> cycleFrom(RingPeer start, Map<PeerId, RingPeer> live) {
    Set<PeerId> walked = new HashSet<>();
    PeerId at = start.id();
    while (walked.add(at)) {
      at = best(live.get(at), live).orElseThrow();
    }
    Set<PeerId> cycle = new HashSet<>();
    while (cycle.add(at)) {
      at = best(live.get(at), live).orElseThrow();
    }
    return cycle;
  }

  private static Optional<PeerId> best(RingPeer member, Map<PeerId, RingPeer> live) {
    return member.ring.view().successors().stream()
        .map(PeerRef::id)
        .filter(live::containsKey)
        .findFirst();
  }

  private static boolean ordered(PeerId self, List<PeerRef> list, boolean clockwise) {
    Key reached = Key.ZERO;
    for (PeerRef ref : list) {
      Key distance =
          clockwise
              ? self.position().distanceTo(ref.id().position())
              : ref.id().position().distanceTo(self.position());
      if (distance.compareTo(reached) <= 0) {
        return false;
      }
      reached = distance;
    }
    return true;
  }

  private static List<PeerId> ids(List<PeerRef> refs) {
    return refs.stream().map(PeerRef::id).toList();
  }
}
