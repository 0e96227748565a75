/**
 * The ring: who stands before and after this peer, who belongs to the network, who is alive, how a
 * peer joins and leaves. One machine, {@link dev.p2pkit.overlay.ring.RingMachine}, made of small
 * parts with one idea each.
 *
 * <p>{@link dev.p2pkit.overlay.ring.LyingRing} exists for the simulator only, which plays attacks
 * with it. No peer hosts it. It is public because the simulator is in another package, and it is
 * kept here because it speaks with messages that nobody outside of this package can make.
 */
@NullMarked
package dev.p2pkit.overlay.ring;

import org.jspecify.annotations.NullMarked;
