/** Placeholder. */
@NullMarked
package dev.p2pkit.peer;

import org.jspecify.annotations.NullMarked;
