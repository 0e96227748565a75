// A heap of occurrences by time, then by the order of scheduling.
package dev.p2pkit.overlay.simulator;

import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A heap with four children a node and the times in an array of their own: one comparison seldom
 * touches more than one line of the cache.
 */
final class OccurrenceHeap {
  private static final int CHILDREN = 4;
  private static final int SMALLEST = 64;

  private long[] times = new long[SMALLEST];
  private @Nullable Occurrence[] items = new Occurrence[SMALLEST];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** The time of the first; the heap must not be empty. */
  long nextTime() {
    return times[0];
  }

  void add(Occurrence item) {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      items = Arrays.copyOf(items, size * 2);
    }
    long time = item.time;
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) / CHILDREN;
      if (before(parent, time, item)) {
        break;
      }
      times[at] = times[parent];
      items[at] = items[parent];
      at = parent;
    }
    times[at] = time;
    items[at] = item;
  }

  Occurrence remove() {
    Occurrence first = items[0];
    if (size == 0 || first == null) {
      throw new NoSuchElementException("nothing is scheduled");
    }
    size--;
    long time = times[size];
    Occurrence item = items[size];
    items[size] = null;
    if (size > 0 && item != null) {
      sink(time, item);
    }
    return first;
  }

  private void sink(long time, Occurrence item) {
    int at = 0;
    while (true) {
      int child = at * CHILDREN + 1;
      if (child >= size) {
        break;
      }
      int least = child;
      int end = Math.min(child + CHILDREN, size);
      for (int other = child + 1; other < end; other++) {
        if (before(other, times[least], items[least])) {
          least = other;
        }
      }
      if (!before(least, time, item)) {
        break;
      }
      times[at] = times[least];
      items[at] = items[least];
      at = least;
    }
    times[at] = time;
    items[at] = item;
  }

  private boolean before(int at, long time, @Nullable Occurrence item) {
    if (times[at] != time) {
      return times[at] < time;
    }
    Occurrence here = items[at];
    return here != null && item != null && here.order < item.order;
  }
}
