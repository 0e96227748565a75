// An arc that a peer may serve, as that peer believes.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;

/**
 * The arc {@code (after, holder]} that a peer may serve; the whole ring if both are the same.
 *
 * @param holder who serves
 * @param after the first position that does not belong to it, counter-clockwise
 * @param epoch of the arc
 * @param until when it stops by itself, in microseconds of the simulation's clock (not of the
 *     holder's, which may run faster or slower); {@link Long#MAX_VALUE} if never
 */
public record ServingArc(PeerRef holder, Key after, long epoch, long until) {
  Key to() {
    return holder.id().position();
  }

  boolean contains(Key key) {
    return key.isIn(after, to());
  }

  @Override
  public String toString() {
    return holder.id().shortText()
        + " ("
        + after.toString().substring(0, 8)
        + ", it] epoch "
        + epoch;
  }
}
