/**
 * The access points of a peer: who gets a message that arrived, be it a subscriber of a stream, a
 * handler of the program or the processors of a service.
 */
@NullMarked
package dev.p2pkit.peer.access;

import org.jspecify.annotations.NullMarked;
