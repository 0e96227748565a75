// Whom a member of the ring takes for its neighbours.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.PeerId;
import java.util.List;

/**
 * Whom a live member of the ring takes for its neighbours.
 *
 * @param self the member
 * @param successors those after it, nearest first
 * @param predecessors those before it, nearest first
 */
public record Neighbours(PeerId self, List<PeerRef> successors, List<PeerRef> predecessors) {
  /** As a view says. */
  public static Neighbours of(RingView view) {
    return new Neighbours(view.self().id(), view.successors(), view.predecessors());
  }
}
