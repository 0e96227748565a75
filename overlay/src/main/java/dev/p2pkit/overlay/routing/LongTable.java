// A hash table from ids to objects without boxing.
package dev.p2pkit.overlay.routing;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A map from non-zero longs to objects: open addressing, linear probing, removal by shifting back,
 * so that ids which come in sequence cost no allocation. It gives its memory back when it is empty.
 */
final class LongTable<V> {
  private static final int SMALLEST = 16;
  private static final int KEPT_WHEN_EMPTY = 1_024;

  private long[] keys = new long[SMALLEST];
  private @Nullable Object[] values = new @Nullable Object[SMALLEST];
  private int size;

  int size() {
    return size;
  }

  private int home(long key) {
    // Fibonacci hashing: sequential ids spread over the table.
    return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (keys.length - 1);
  }

  private int find(long key) {
    int mask = keys.length - 1;
    int at = home(key);
    while (keys[at] != 0 && keys[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }

  @SuppressWarnings("unchecked") // only put() writes, and it takes a V
  @Nullable V get(long key) {
    return (V) values[find(key)];
  }

  /** Sets a value and returns the one before. */
  @SuppressWarnings("unchecked") // only put() writes, and it takes a V
  @Nullable V put(long key, V value) {
    if (key == 0) {
      throw new IllegalArgumentException("0 is no id");
    }
    int at = find(key);
    V before = (V) values[at];
    if (keys[at] == 0) {
      if (2 * (size + 1) > keys.length) {
        resize(2 * keys.length);
        at = find(key);
      }
      keys[at] = key;
      size++;
    }
    values[at] = value;
    return before;
  }

  /** Takes a key out and returns its value. */
  @SuppressWarnings("unchecked") // only put() writes, and it takes a V
  @Nullable V remove(long key) {
    int hole = find(key);
    if (keys[hole] == 0) {
      return null;
    }
    V removed = (V) values[hole];
    int mask = keys.length - 1;
    int at = hole;
    while (true) {
      at = (at + 1) & mask;
      if (keys[at] == 0) {
        break;
      }
      // An entry may move into the hole unless its home lies behind the hole.
      if (((at - home(keys[at])) & mask) >= ((at - hole) & mask)) {
        keys[hole] = keys[at];
        values[hole] = values[at];
        hole = at;
      }
    }
    keys[hole] = 0;
    values[hole] = null;
    size--;
    if (size == 0 && keys.length > KEPT_WHEN_EMPTY) {
      keys = new long[SMALLEST];
      values = new @Nullable Object[SMALLEST];
    }
    return removed;
  }

  /** Every key; the table may change meanwhile. The order depends on nothing but past calls. */
  void forEachKey(LongConsumer action) {
    long[] present = new long[size];
    int count = 0;
    for (long key : keys) {
      if (key != 0) {
        present[count++] = key;
      }
    }
    for (long key : present) {
      action.accept(key);
    }
  }

  private void resize(int capacity) {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[capacity];
    values = new @Nullable Object[capacity];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int at = find(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
