/**
 * Proofs, on demand, that a peer owns a key: signed by the peer and by the one that has granted it
 * its arc.
 *
 * <p>{@link dev.p2pkit.overlay.proof.LyingProofs} exists for the simulator only, which plays
 * attacks with it. No peer hosts it. It is public because the simulator is in another package, and
 * it is kept here because it speaks with messages that nobody outside of this package can make.
 */
@NullMarked
package dev.p2pkit.overlay.proof;

import org.jspecify.annotations.NullMarked;
