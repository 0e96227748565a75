/**
 * Who a peer is and how two of them talk: the identity of a peer, proof that it belongs to the
 * network, and one encrypted link per pair of peers, divided into channels with priorities and
 * bounds.
 */
@NullMarked
package dev.p2pkit.overlay.transport;

import org.jspecify.annotations.NullMarked;
