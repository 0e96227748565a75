// The timers of one machine by token, as small as its few timers are.
package dev.p2pkit.overlay.simulator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Timers by token. A machine has a handful, and simulations have a million machines: two short
 * arrays, searched from the front.
 */
final class TimerTable<T> {
  private static final int FIRST = 4;

  private long[] tokens = new long[FIRST];
  private @Nullable Object[] timers = new @Nullable Object[FIRST];
  private int size;

  private int find(long token) {
    int at = 0;
    while (at < size && tokens[at] != token) {
      at++;
    }
    return at;
  }

  @SuppressWarnings("unchecked") // only put() writes, and it takes a T
  @Nullable T get(long token) {
    int at = find(token);
    return at == size ? null : (T) timers[at];
  }

  void put(long token, T timer) {
    int at = find(token);
    if (at == size) {
      if (size == tokens.length) {
        tokens = Arrays.copyOf(tokens, 2 * size);
        timers = Arrays.copyOf(timers, 2 * size);
      }
      tokens[size++] = token;
    }
    timers[at] = timer;
  }

  @SuppressWarnings("unchecked") // only put() writes, and it takes a T
  @Nullable T remove(long token) {
    int at = find(token);
    if (at == size) {
      return null;
    }
    T removed = (T) timers[at];
    size--;
    tokens[at] = tokens[size];
    timers[at] = timers[size];
    timers[size] = null;
    return removed;
  }
}
