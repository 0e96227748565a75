/**
 * One peer's overlay on real sockets: drives the machines of ring, routing and whatever else is
 * hosted, over the transport, with real time.
 */
@NullMarked
package dev.p2pkit.overlay.peer;

import org.jspecify.annotations.NullMarked;
