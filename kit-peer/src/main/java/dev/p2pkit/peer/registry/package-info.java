/**
 * Which services the network runs: the signed records, how every peer comes to the same ones, how
 * an install or upgrade is carried through on all peers, and whose code is let in.
 */
@NullMarked
package dev.p2pkit.peer.registry;

import org.jspecify.annotations.NullMarked;
