// The broadcasts of one origin, in order.
package dev.p2pkit.overlay.broadcast;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The broadcasts of one origin: all up to a number are settled, which is the whole memory of them.
 * What comes too early waits.
 */
final class Stream {
  /** The process that sends now; 0 if nothing of it came yet. */
  long incarnation;

  /** All up to this number were delivered, skipped, or are from before this peer's time. */
  long settled;

  /** What waits for an earlier one. */
  final NavigableMap<Long, Content> waiting = new TreeMap<>();

  /** A payload of which some parts have come. */
  @Nullable Assembly assembly;

  /** Since when the first of those that wait does. */
  long waitingSince;

  /** How often the missing ones were asked for. */
  int asked;

  /** Looks after those that are missing. */
  Agenda.@Nullable Entry chase;

  /** When something of this origin came last. */
  long usedAt;

  final Allowance allowance;

  Stream(long settled, Allowance allowance) {
    this.settled = settled;
    this.allowance = allowance;
  }

  boolean hasSeen(long sequence) {
    return sequence <= settled || waiting.containsKey(sequence);
  }
}
