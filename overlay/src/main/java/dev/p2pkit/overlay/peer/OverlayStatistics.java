// What an overlay has done so far, in numbers.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.ring.RingStatistics;
import dev.p2pkit.overlay.transport.LinkStatistics;

/**
 * Counters since the start of a peer.
 *
 * @param deliveredHere messages that were accepted by this peer
 * @param sentElsewhere frames of the data plane that were handed to links: messages, their answers,
 *     and those of others that were passed on
 * @param controlReceived messages for the ring, the registry and other machines that came in
 * @param controlSent such messages that went out
 * @param controlDropped such messages that no link took
 * @param links the transport's counters
 * @param ring the ring's counters
 */
public record OverlayStatistics(
    long deliveredHere,
    long sentElsewhere,
    long controlReceived,
    long controlSent,
    long controlDropped,
    LinkStatistics links,
    RingStatistics ring) {}
