/**
 * Broadcast over an interval tree: a peer hands parts of the ring to delegates, hears from each
 * that it works or is done, hands a part to the next peer in it when a delegate falls silent, and
 * tells its own parent whom it reached.
 */
@NullMarked
package dev.p2pkit.overlay.broadcast;

import org.jspecify.annotations.NullMarked;
