/**
 * Judges of a run: each watches one promise of the overlay from outside, with knowledge that no
 * peer has, and notes in {@link dev.p2pkit.overlay.simulator.oracle.Findings} when it is broken.
 * They are told what happens and read nothing else, so that tests, the simulator and the explicit
 * search share them.
 */
@NullMarked
package dev.p2pkit.overlay.simulator.oracle;

import org.jspecify.annotations.NullMarked;
