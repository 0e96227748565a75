// An arc that a peer may serve, and by whose grant.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.sdk.PeerId;

/**
 * The arc behind {@code from} up to and with {@code holder}.
 *
 * @param from where it begins; the holder itself for the whole ring
 * @param epoch as the grantor has registered it
 * @param until when, by the holder's clock, it may not be served any more
 * @param grantor who has granted it; the holder itself for the whole ring
 */
public record HeldArc(PeerId from, PeerId holder, long epoch, long until, PeerId grantor) {}
