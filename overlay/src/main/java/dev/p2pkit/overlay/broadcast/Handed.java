// A part of the ring in the hands of one delegate.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import org.jspecify.annotations.Nullable;

/** One delegate and what was heard from it. */
final class Handed {
  final Delegation delegation;
  final PeerRef to;

  /** How many tasks were sent to it. */
  int sent;

  /** When the last of them was. */
  long sentAt;

  /** Whether it has answered that it works. */
  boolean answered;

  /** When it last gave a sign. */
  long heardAt;

  /** Whether a task for it could not be sent yet. */
  boolean waits;

  /** Looks after it. */
  Agenda.@Nullable Entry timer;

  Handed(Delegation delegation, PeerRef to) {
    this.delegation = delegation;
    this.to = to;
  }

  void forgetTimer() {
    Agenda.cancel(timer);
    timer = null;
  }
}
