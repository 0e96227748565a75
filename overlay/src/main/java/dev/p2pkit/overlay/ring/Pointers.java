// The peers before and after this one on the ring.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The peers before and after this one, nearest first. Both lists are in the order of the ring,
 * without this peer and without a second of the same id, whatever others said.
 */
final class Pointers {
  private final PeerId self;
  private final RingConfig config;
  private List<PeerRef> successors = List.of();
  private List<PeerRef> predecessors = List.of();

  Pointers(PeerId self, RingConfig config) {
    this.self = self;
    this.config = config;
  }

  List<PeerRef> successors() {
    return successors;
  }

  List<PeerRef> predecessors() {
    return predecessors;
  }

  Optional<PeerRef> successor() {
    return successors.isEmpty() ? Optional.empty() : Optional.of(successors.get(0));
  }

  Optional<PeerRef> predecessor() {
    return predecessors.isEmpty() ? Optional.empty() : Optional.of(predecessors.get(0));
  }

  /** Whether a peer would be the successor if it were alive: it lies before the present one. */
  boolean wouldSucceed(PeerId id) {
    return !id.equals(self)
        && (successors.isEmpty() || strictlyBetween(self, id, successors.get(0).id()));
  }

  /** Whether a peer would be the predecessor if it were alive. */
  boolean wouldPrecede(PeerId id) {
    return !id.equals(self)
        && (predecessors.isEmpty() || strictlyBetween(predecessors.get(0).id(), id, self));
  }

  /** Whether going clockwise from one peer the middle one comes before the last. */
  static boolean strictlyBetween(PeerId from, PeerId middle, PeerId to) {
    return !middle.equals(to)
        && !middle.equals(from)
        && middle.position().isIn(from.position(), to.position());
  }

  /** The list of a successor, behind the successor itself: the rule of stabilisation. */
  void follow(PeerRef head, List<PeerRef> tail) {
    successors = kept(successors, inOrder(head, tail, config.successors(), true));
  }

  /** The list of a predecessor, behind the predecessor itself. */
  void precede(PeerRef head, List<PeerRef> tail) {
    predecessors = kept(predecessors, inOrder(head, tail, config.predecessors(), false));
  }

  private List<PeerRef> inOrder(PeerRef head, List<PeerRef> tail, int most, boolean clockwise) {
    List<PeerRef> list = new ArrayList<>(most);
    Key reached = Key.ZERO;
    for (int i = -1; i < tail.size() && list.size() < most; i++) {
      PeerRef next = i < 0 ? head : tail.get(i);
      Key here = self.position();
      Key there = next.id().position();
      Key distance = clockwise ? here.distanceTo(there) : there.distanceTo(here);
      if (distance.compareTo(reached) > 0) {
        list.add(next);
        reached = distance;
      }
    }
    return list;
  }

  /** Who compares with an earlier list, as after each step, sees at once that it is the same. */
  private static List<PeerRef> kept(List<PeerRef> before, List<PeerRef> now) {
    return now.equals(before) ? before : List.copyOf(now);
  }

  /** Up to the full-mesh size the lists are simply what the table says. */
  void compute(MemberTable table) {
    SortedPeers members = table.peers();
    int place = members.indexAtOrAfter(self.position());
    int others = members.size() - 1;
    List<PeerRef> after = new ArrayList<>();
    for (int i = 1; i <= Math.min(others, config.successors()); i++) {
      after.add(members.get((place + i) % members.size()));
    }
    List<PeerRef> before = new ArrayList<>();
    for (int i = 1; i <= Math.min(others, config.predecessors()); i++) {
      before.add(members.get((place - i + members.size()) % members.size()));
    }
    successors = kept(successors, after);
    predecessors = kept(predecessors, before);
  }

  /**
   * Thousands of members have come at once. Who is next on either side is still for them to prove;
   * the rest of the lists is what the table says, or it would take a round of questions for each
   * place of the list until both are right.
   */
  void refill(MemberTable table) {
    if (!successors.isEmpty()) {
      follow(successors.get(0), around(table, successors.get(0), 1, config.successors()));
    }
    if (!predecessors.isEmpty()) {
      precede(predecessors.get(0), around(table, predecessors.get(0), -1, config.predecessors()));
    }
  }

  private static List<PeerRef> around(MemberTable table, PeerRef head, int step, int most) {
    int place = table.peers().indexAtOrAfter(head.id().position());
    List<PeerRef> list = new ArrayList<>(most);
    for (int i = 1; i < Math.min(most, table.size()); i++) {
      list.add(table.get(Math.floorMod(place + step * i, table.size())));
    }
    return list;
  }

  boolean contain(PeerId id) {
    return holds(successors, id) || holds(predecessors, id);
  }

  private static boolean holds(List<PeerRef> list, PeerId id) {
    for (PeerRef ref : list) {
      if (ref.id().equals(id)) {
        return true;
      }
    }
    return false;
  }

  void remove(PeerId id) {
    successors = without(successors, id);
    predecessors = without(predecessors, id);
  }

  private static List<PeerRef> without(List<PeerRef> list, PeerId id) {
    return holds(list, id) ? list.stream().filter(ref -> !ref.id().equals(id)).toList() : list;
  }

  /** The same peer in a new process. */
  void renew(PeerRef ref) {
    successors = renewed(successors, ref);
    predecessors = renewed(predecessors, ref);
  }

  private static List<PeerRef> renewed(List<PeerRef> list, PeerRef renewed) {
    return holds(list, renewed.id())
        ? list.stream().map(ref -> ref.id().equals(renewed.id()) ? renewed : ref).toList()
        : list;
  }

  void clear() {
    successors = List.of();
    predecessors = List.of();
  }

  /** By which two peers see whether they hold the same list; 0 for an empty one. */
  static long digest(List<PeerRef> list) {
    long digest = 0;
    for (PeerRef ref : list) {
      Key position = ref.id().position();
      digest =
          Block.mix(digest * 31 + position.high() ^ Block.mix(position.low() + ref.incarnation()));
    }
    return digest;
  }
}
