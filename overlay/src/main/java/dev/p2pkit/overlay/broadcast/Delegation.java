// A part of the ring that this peer has handed to another one.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of a duty, and the peers it was handed to, one after the other. */
final class Delegation {
  final Duty duty;
  final Arc interval;

  /** Whom it was handed to; a late answer of any of them counts. */
  final Set<PeerId> tried = new LinkedHashSet<>();

  /** Whom it was handed to in the present round. */
  final Set<PeerId> round = new LinkedHashSet<>();

  /** How often all known peers in it have been tried. */
  int rounds;

  /** Who has it now. */
  @Nullable PeerRef delegate;

  /** Grows with each task that was sent, so that a timer knows whether it is still meant. */
  int attempt;

  /** How many tasks were sent to the present delegate. */
  int sent;

  /** Whether the present delegate has answered that it works. */
  boolean answered;

  /** When it last did. */
  long heardAt;

  /** What came of it; null while it is open. */
  @Nullable Tally result;

  Delegation(Duty duty, Arc interval) {
    this.duty = duty;
    this.interval = interval;
  }

  boolean isOpen() {
    return result == null && !duty.isDone();
  }

  boolean isWith(PeerId peer) {
    return delegate != null && delegate.id().equals(peer);
  }
}
