/** Placeholder. */
@NullMarked
package dev.p2pkit.sdk;

import org.jspecify.annotations.NullMarked;
