/**
 * The arithmetic of the routing table: its shapes, what they cost, and which one to choose. Pure:
 * numbers in, numbers out.
 */
@NullMarked
package dev.p2pkit.overlay.ladder;

import org.jspecify.annotations.NullMarked;
