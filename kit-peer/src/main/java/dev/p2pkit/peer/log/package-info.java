/** How much a peer says, adjustable while it runs. */
@NullMarked
package dev.p2pkit.peer.log;

import org.jspecify.annotations.NullMarked;
