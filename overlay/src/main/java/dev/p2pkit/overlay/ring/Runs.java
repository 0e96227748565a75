// Peers that die together stand together: who takes over, who is asked too, and who is asked first.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the places of suspects on the ring say about them: neighbours often die together, and the
 * one behind a run of the dead takes all their arcs over.
 */
final class Runs {
  /** How far, in either direction, those stand who are asked with a neighbour of long silence. */
  private static final int NEXT = 32;

  private final RingCore core;
  private final Predicate<PeerId> suspected;

  Runs(RingCore core, Predicate<PeerId> suspected) {
    this.core = core;
    this.suspected = suspected;
  }

  /** The first peer after another that is not suspected itself: it takes over. */
  PeerRef heirOf(PeerId id) {
    PeerRef next = core.table.after(id.position());
    while (!core.isSelf(next.id()) && !next.id().equals(id) && suspected.test(next.id())) {
      next = core.table.after(next.id().position());
    }
    return next;
  }

  boolean isHeirOf(PeerId id) {
    return core.isSelf(heirOf(id).id());
  }

  /**
   * Whether a suspect is asked whatever that costs: the two neighbours, and those of the run of
   * suspects before this peer whose arcs fall to it. The others wait when nothing is left for them:
   * their own neighbours ask them first.
   */
  boolean comesFirst(PeerRef suspect) {
    return isFirst(core.pointers.successor(), suspect)
        || isFirst(core.pointers.predecessor(), suspect)
        || (core.pointers.contain(suspect.id()) && isHeirOf(suspect.id()));
  }

  static boolean isFirst(Optional<PeerRef> neighbour, PeerRef ref) {
    return neighbour.isPresent() && neighbour.get().id().equals(ref.id());
  }

  /**
   * The neighbour's neighbours may have died with it: they are asked at the same time, or a run of
   * deaths would be found one by one.
   */
  List<PeerRef> behind(PeerRef suspect) {
    List<PeerRef> predecessors = core.pointers.predecessors();
    return isFirst(core.pointers.predecessor(), suspect)
        ? List.copyOf(predecessors.subList(1, predecessors.size()))
        : List.of();
  }

  /**
   * All neighbours, and those who become neighbours when these are gone. The last of a few hundred
   * would take half an hour to find the others dead one after the other, and let nobody in
   * meanwhile.
   */
  List<PeerRef> allAround() {
    List<PeerRef> around = new ArrayList<>(core.pointers.predecessors());
    around.addAll(core.pointers.successors());
    SortedPeers all = core.known.all();
    int here = all.indexAtOrAfter(core.self.id().position());
    for (int away = 1; away <= Math.min(NEXT, all.size() / 2); away++) {
      around.add(all.get(Math.floorMod(here + away, all.size())));
      around.add(all.get(Math.floorMod(here - away, all.size())));
    }
    return around;
  }
}
