/**
 * Proofs, on demand, that a peer owns a key: signed by the peer and by the one that has granted it
 * its arc.
 */
@NullMarked
package dev.p2pkit.overlay.proof;

import org.jspecify.annotations.NullMarked;
