/** The bans of a running peer: where they are kept, and what they do to its links. */
@NullMarked
package dev.p2pkit.peer.bans;

import org.jspecify.annotations.NullMarked;
