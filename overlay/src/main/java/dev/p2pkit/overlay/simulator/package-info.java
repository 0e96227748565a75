/**
 * A driver without sockets: virtual time, links that delay, lose, break and heal, peers that pause,
 * die and come back. It runs the very machines that run on real sockets, and a run repeats itself
 * bit for bit from its seed.
 */
@NullMarked
package dev.p2pkit.overlay.simulator;

import org.jspecify.annotations.NullMarked;
