/**
 * The shape of everything that decides: single-threaded state machines without I/O, clock, threads
 * or randomness of their own. A driver (sockets or simulator) gives them messages, link events,
 * timers and views of the ring, and carries out their effects.
 */
@NullMarked
package dev.p2pkit.overlay.machine;

import org.jspecify.annotations.NullMarked;
