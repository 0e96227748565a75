// Something that happens at one moment of virtual time.
package dev.p2pkit.overlay.simulator;

import org.jspecify.annotations.Nullable;

/** Something that happens at one moment of virtual time; it is in the queue at most once. */
abstract class Occurrence {
  /** When it is due. */
  long time;

  /** Breaks ties: what was scheduled first happens first. */
  long order;

  /** The next one of the same slot of the {@link OccurrenceQueue}. */
  @Nullable Occurrence next;

  /** Whether it is left out when its time comes. */
  boolean cancelled;

  abstract void happen();

  final boolean before(Occurrence other) {
    return time != other.time ? time < other.time : order < other.order;
  }
}
