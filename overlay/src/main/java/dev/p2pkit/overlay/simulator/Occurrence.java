// Something that happens at one moment of virtual time.
package dev.p2pkit.overlay.simulator;

/** Something that happens at one moment of virtual time. */
abstract class Occurrence {
  /** Breaks ties: what was scheduled first happens first. */
  long order;

  /** Whether it is left out when its time comes. */
  boolean cancelled;

  abstract void happen();
}
