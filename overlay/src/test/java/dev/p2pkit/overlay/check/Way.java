// A way through a checked world.
package dev.p2pkit.overlay.check;

import org.jspecify.annotations.Nullable;

/**
 * A way to a state: its last choice and the way before.
 *
 * @param deviations how many of its choices were not the first
 */
record Way(@Nullable Way before, int choice, int length, int deviations) {
  static final Way BEGINNING = new Way(null, -1, 0, 0);

  /** One step further by the first choice. */
  Way on(int first) {
    return new Way(this, first, length + 1, deviations);
  }

  /** One step further by another choice, which counts so much. */
  Way aside(int other, int deviation) {
    return new Way(this, other, length + 1, deviations + deviation);
  }

  int[] choices() {
    int[] choices = new int[length];
    Way way = this;
    for (int i = length - 1; i >= 0 && way != null; i--) {
      choices[i] = way.choice;
      way = way.before;
    }
    return choices;
  }

  /** A new world that has gone this way. */
  World taken(World from) {
    for (int choice : choices()) {
      from.take(choice);
    }
    return from;
  }
}
