/** What was done to services on this peer, by whose right, and what was refused. */
@NullMarked
package dev.p2pkit.peer.audit;

import org.jspecify.annotations.NullMarked;
