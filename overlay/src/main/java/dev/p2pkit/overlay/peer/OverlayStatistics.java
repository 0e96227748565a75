// What an overlay has done so far, in numbers.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.proof.ProofStatistics;
import dev.p2pkit.overlay.ring.RingStatistics;
import dev.p2pkit.overlay.routing.RouterStatistics;
import dev.p2pkit.overlay.transport.LinkStatistics;

/**
 * Counters since the start of a peer.
 *
 * @param data the router's counters
 * @param controlReceived messages for the ring, the registry and other machines that came in
 * @param controlSent such messages that went out
 * @param controlDropped such messages that no link took
 * @param links the transport's counters
 * @param ring the ring's counters
 * @param proofs what was asked and proved about owners
 */
public record OverlayStatistics(
    RouterStatistics data,
    long controlReceived,
    long controlSent,
    long controlDropped,
    LinkStatistics links,
    RingStatistics ring,
    ProofStatistics proofs) {
  /** Messages that were accepted by this peer. */
  public long deliveredHere() {
    return data.delivered();
  }

  /** Messages that left for other peers or were passed on for others. */
  public long sentElsewhere() {
    return data.sentRemote() + data.forwarded();
  }
}
