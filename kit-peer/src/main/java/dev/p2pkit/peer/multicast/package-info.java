/**
 * One message for many peers and keys: handed on in groups along the ring, so that each target gets
 * it once and each peer sends it few times.
 */
@NullMarked
package dev.p2pkit.peer.multicast;

import org.jspecify.annotations.NullMarked;
