// Counts what the parts of a router do.
package dev.p2pkit.overlay.routing;

import java.util.SortedMap;
import java.util.TreeMap;

/** The counters behind {@link RouterStatistics}. */
final class Counters {
  long delivered;
  long sentRemote;
  long forwarded;

  /** Links that were asked for. */
  long dials;

  /** Messages of this peer that went through a connected peer for want of a link. */
  long relayed;

  /** Answered calls by the hops of their message; the last counts all that took more. */
  final long[] hops = new long[RoutedFrame.MOST_HOPS + 1];

  private final SortedMap<String, Long> dropped = new TreeMap<>();

  /** A call was answered whose message has come so many hops. */
  void answered(int count) {
    hops[Math.min(count, hops.length - 1)]++;
  }

  /** Counts something that was given up. */
  void drop(String reason) {
    dropped.merge(reason, 1L, Long::sum);
  }

  SortedMap<String, Long> dropped() {
    return new TreeMap<>(dropped);
  }
}
