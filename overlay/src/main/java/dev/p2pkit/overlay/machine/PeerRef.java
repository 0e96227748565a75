// A peer and where to dial it.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.PeerId;

/**
 * A peer as others know it.
 *
 * @param id its identity and place on the ring
 * @param endpoint where it can be dialled
 * @param incarnation grows with each start of the peer's process (milliseconds since 1970 at its
 *     start)
 */
public record PeerRef(PeerId id, Endpoint endpoint, long incarnation) {
  @Override
  public String toString() {
    return id.shortText() + "@" + endpoint;
  }
}
