/**
 * Archives: how they are kept on a peer's disk and how they travel from peer to peer, in chunks
 * that are verified one by one.
 */
@NullMarked
package dev.p2pkit.peer.registry.archive;

import org.jspecify.annotations.NullMarked;
