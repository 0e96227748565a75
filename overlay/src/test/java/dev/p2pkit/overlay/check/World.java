// A small world that can be run by choices, and run again.
package dev.p2pkit.overlay.check;

import java.util.Optional;

/**
 * A world whose every step is a choice among those enabled. The same choices from the beginning
 * lead to the same state: that is how a search goes back, as machines cannot be copied.
 */
interface World {
  /**
   * Writes what may happen next and returns how many there are; the first is what happens where
   * nothing goes wrong. None if nothing can happen any more.
   */
  int choices(int[] into);

  /** Whether a choice is possible now. */
  default boolean enabled(int choice) {
    int[] all = new int[Search.MOST_CHOICES];
    int count = choices(all);
    for (int i = 0; i < count; i++) {
      if (all[i] == choice) {
        return true;
      }
    }
    return false;
  }

  /** Lets it happen. */
  void take(int choice);

  /** What tells this state from others, but for what its future does not depend on. */
  long digest();

  /** The promise that is broken in this state. */
  Optional<String> broken();

  /** Whether all is as it should be when nothing goes wrong any more. */
  boolean calm();

  /** What is missing for {@link #calm}. */
  String missing();

  /** Time in microseconds. */
  long now();

  /** A choice in words, before it is taken. */
  String describe(int choice);

  /** What matters of the state, in words: one line. */
  String picture();
}
