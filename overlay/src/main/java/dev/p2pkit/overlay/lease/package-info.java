/**
 * Leased ownership: who may serve a key, decided between neighbours, so that no key is ever served
 * by two.
 */
@NullMarked
package dev.p2pkit.overlay.lease;

import org.jspecify.annotations.NullMarked;
