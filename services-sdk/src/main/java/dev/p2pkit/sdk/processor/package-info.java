/**
 * Runs in the compiler of a service's author: writes the archive's descriptor and the shape of its
 * state from {@link dev.p2pkit.sdk.KitService}, and refuses makers that could not be loaded.
 */
@NullMarked
package dev.p2pkit.sdk.processor;

import org.jspecify.annotations.NullMarked;
