/** Placeholder. */
@NullMarked
package dev.p2pkit.client;

import org.jspecify.annotations.NullMarked;
