/**
 * Whole networks in the simulator: what happens to them is told by a {@link
 * dev.p2pkit.overlay.simulator.scenario.Scenario}, a {@link
 * dev.p2pkit.overlay.simulator.scenario.World} lives it with the very machines that run on sockets
 * while oracles watch, and a {@link dev.p2pkit.overlay.simulator.scenario.Report} says how it went.
 */
@NullMarked
package dev.p2pkit.overlay.simulator.scenario;

import org.jspecify.annotations.NullMarked;
