// A part of the ring that this peer has handed to others.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of a duty, and the peers it was handed to. */
final class Delegation {
  final Duty duty;
  final Arc interval;

  /** Whom it was handed to; a late answer of any of them counts. */
  final Set<PeerId> tried = new LinkedHashSet<>(2);

  /** Whom it was handed to in the present round. */
  final Set<PeerId> round = new LinkedHashSet<>(2);

  /** How often all known peers in it have been tried. */
  int rounds;

  /** Who has it now; two when many fail. */
  final List<Handed> hands = new ArrayList<>(1);

  /** What came of it; null while it is open. */
  @Nullable Tally result;

  Delegation(Duty duty, Arc interval) {
    this.duty = duty;
    this.interval = interval;
  }

  boolean isOpen() {
    return result == null && !duty.isDone();
  }

  @Nullable Handed handedTo(PeerId peer) {
    for (Handed hand : hands) {
      if (hand.to.id().equals(peer)) {
        return hand;
      }
    }
    return null;
  }
}
