// What the oracles of a run have found.
package dev.p2pkit.overlay.simulator.oracle;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the oracles of one run have found: a count for each promise, and the first ones in words.
 * Not for use by several threads.
 */
public final class Findings {
  private static final int MOST_TEXTS = 20;

  /**
   * A broken promise.
   *
   * @param promise which
   * @param at virtual time in microseconds
   * @param text who, what and where
   */
  public record Finding(Promise promise, long at, String text) {
    @Override
    public String toString() {
      return at + " µs: " + promise + ": " + text;
    }
  }

  private final Map<Promise, Long> counts = new EnumMap<>(Promise.class);
  private final List<Finding> first = new ArrayList<>();

  /** Notes that a promise was broken. */
  public void add(Promise promise, long at, String text) {
    if (counts.merge(promise, 1L, Long::sum) <= MOST_TEXTS) {
      first.add(new Finding(promise, at, text));
    }
  }

  /** How often a promise was broken. */
  public long count(Promise promise) {
    return counts.getOrDefault(promise, 0L);
  }

  /** How often any was broken, but for what a partition explains. */
  public long broken() {
    long sum = 0;
    for (Map.Entry<Promise, Long> entry : counts.entrySet()) {
      if (!entry.getKey().explained()) {
        sum += entry.getValue();
      }
    }
    return sum;
  }

  /** The first {@value #MOST_TEXTS} of each promise, in the order in which they were found. */
  public List<Finding> first() {
    return List.copyOf(first);
  }

  @Override
  public String toString() {
    return counts + " " + first;
  }
}
