/** JSON outside, TREE inside: how the command line and clients in other languages write values. */
@NullMarked
package dev.p2pkit.peer.json;

import org.jspecify.annotations.NullMarked;
