// Counts what the parts of a router do.
package dev.p2pkit.overlay.routing;

import java.util.SortedMap;
import java.util.TreeMap;

/** The counters behind {@link RouterStatistics}. */
final class Counters {
  long delivered;
  long sentRemote;
  long forwarded;
  private final SortedMap<String, Long> dropped = new TreeMap<>();

  /** Counts something that was given up. */
  void drop(String reason) {
    dropped.merge(reason, 1L, Long::sum);
  }

  SortedMap<String, Long> dropped() {
    return new TreeMap<>(dropped);
  }
}
