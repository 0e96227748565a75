/** Placeholder. */
@NullMarked
package dev.p2pkit.samples;

import org.jspecify.annotations.NullMarked;
