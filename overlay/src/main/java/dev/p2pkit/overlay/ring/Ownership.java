// Who decides whether this peer may serve its keys.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.lease.Renewal;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.PeerRef;

/**
 * Decides whether this peer may serve the keys between its predecessor and itself. The pointers say
 * who should; an implementation with arc leases, which the successor grants with its answers, says
 * who may.
 */
interface Ownership {
  /** The successor has answered and takes this peer for its predecessor. */
  void confirmed(long now);

  /** Others may have taken this peer for dead, or it has slept: what it knows may be old. */
  void doubted(long now);

  /** There is nobody else. */
  void alone(long now);

  /** Whether this peer may serve now. */
  boolean mayServe(long now);

  /** What to ask of the successor. */
  Renewal renewal(long now);

  /** What to say to a peer that takes this one for its successor. */
  RenewalAnswer asked(long now, PeerRef from, Renewal renewal);
}
