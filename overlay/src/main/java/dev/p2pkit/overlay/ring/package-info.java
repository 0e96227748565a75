/**
 * The ring: who stands before and after this peer, who belongs to the network, who is alive, how a
 * peer joins and leaves. One machine, {@link dev.p2pkit.overlay.ring.RingMachine}, made of small
 * parts with one idea each.
 */
@NullMarked
package dev.p2pkit.overlay.ring;

import org.jspecify.annotations.NullMarked;
