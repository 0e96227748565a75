/**
 * Ordered streams of messages from one peer to another, which hand back what was not acknowledged.
 */
@NullMarked
package dev.p2pkit.peer.connection;

import org.jspecify.annotations.NullMarked;
