// The name of one broadcast in the whole network.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.PeerId;

/**
 * A broadcast in the whole network.
 *
 * @param origin the peer that began it
 * @param sequence the origin's number for it; grows with each broadcast, also over a restart
 */
public record BroadcastId(PeerId origin, long sequence) {}
