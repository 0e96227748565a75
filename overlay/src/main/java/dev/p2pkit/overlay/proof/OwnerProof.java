// A proof that has been checked.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;

/**
 * A proof, checked by this peer, that a peer owns an arc.
 *
 * @param owner who owns it
 * @param from where the arc begins; the owner itself for the whole ring
 * @param epoch of the arc
 * @param grantor who has attested it; the owner itself for the whole ring, or where the grantor's
 *     word was not wanted
 * @param until until when, by this peer's machine time, it holds
 */
public record OwnerProof(PeerRef owner, PeerId from, long epoch, PeerId grantor, long until) {
  /** Whether another peer than the owner has attested it. */
  public boolean isGranted() {
    return !grantor.equals(owner.id());
  }

  /** Whether it says who owns the key, and holds still. */
  public boolean covers(Key key, long now) {
    return now < until && key.isIn(from.position(), owner.id().position());
  }
}
