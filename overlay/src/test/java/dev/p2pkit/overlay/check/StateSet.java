// The states that a search has seen.
package dev.p2pkit.overlay.check;

import java.util.Arrays;

/** A map from digests to what it took to get there; open addressing, no objects. */
final class StateSet {
  private long[] keys = new long[1 << 12];
  private long[] values = new long[1 << 12];
  private int size;

  int size() {
    return size;
  }

  /** What is noted for a state; -1 if it is new. */
  long get(long digest) {
    int mask = keys.length - 1;
    long key = digest == 0 ? 1 : digest;
    for (int at = (int) mix(key) & mask; keys[at] != 0; at = (at + 1) & mask) {
      if (keys[at] == key) {
        return values[at];
      }
    }
    return -1;
  }

  void put(long digest, long value) {
    if (size * 2 > keys.length) {
      grow();
    }
    long key = digest == 0 ? 1 : digest;
    if (insert(key, value)) {
      size++;
    }
  }

  private boolean insert(long key, long value) {
    int mask = keys.length - 1;
    int at = (int) mix(key) & mask;
    while (keys[at] != 0 && keys[at] != key) {
      at = (at + 1) & mask;
    }
    boolean isNew = keys[at] == 0;
    keys[at] = key;
    values[at] = value;
    return isNew;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new long[keys.length];
    Arrays.fill(values, -1);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        insert(oldKeys[i], oldValues[i]);
      }
    }
  }

  private static long mix(long key) {
    return ((key ^ (key >>> 32)) * 0x9e3779b97f4a7c15L) >>> 20;
  }
}
