/** How the registry's machines wait: for a time, and for an answer from outside. */
@NullMarked
package dev.p2pkit.peer.registry.timing;

import org.jspecify.annotations.NullMarked;
