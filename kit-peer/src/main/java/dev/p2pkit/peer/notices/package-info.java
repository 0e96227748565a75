/** Signed notices of the network's root at a running peer: where they are kept, how they spread. */
@NullMarked
package dev.p2pkit.peer.notices;

import org.jspecify.annotations.NullMarked;
