/**
 * Observers: peers outside of the ring that are responsible for nothing but their own id, and reach
 * the ring through the peer after them.
 */
@NullMarked
package dev.p2pkit.overlay.observer;

import org.jspecify.annotations.NullMarked;
