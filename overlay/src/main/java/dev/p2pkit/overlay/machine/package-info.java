/** Placeholder. */
@NullMarked
package dev.p2pkit.overlay.machine;

import org.jspecify.annotations.NullMarked;
