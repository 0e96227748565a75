/**
 * A full peer: member of the ring, host of services, proxy for clients. {@link
 * dev.p2pkit.peer.Peer} puts the parts together.
 */
@NullMarked
package dev.p2pkit.peer;

import org.jspecify.annotations.NullMarked;
