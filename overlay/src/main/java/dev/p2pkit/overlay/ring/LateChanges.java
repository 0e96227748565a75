// Which blocks of a table have changed a moment ago, so that comparing them would say little.
package dev.p2pkit.overlay.ring;

import java.util.BitSet;

/**
 * Which blocks of a table have changed lately: news of it may still be on their way to others, so a
 * difference there is no reason to fetch anything. A change counts for {@link #TURN}, or up to
 * twice as long.
 */
final class LateChanges {
  /** In microseconds. */
  private static final long TURN = 2_000_000;

  /** The places that have changed in this turn, and in the one before. */
  private BitSet recent = new BitSet();

  private BitSet before = new BitSet();
  private long turnedAt = Long.MIN_VALUE;

  void changed(int place) {
    recent.set(place);
  }

  boolean has(int place) {
    return recent.get(place) || before.get(place);
  }

  /** Forgets all of them. */
  void clear() {
    recent.clear();
    before.clear();
  }

  /** Time has passed. */
  void tick(long time) {
    if (turnedAt == Long.MIN_VALUE || time - turnedAt >= TURN) {
      BitSet oldest = before;
      before = recent;
      oldest.clear();
      recent = oldest;
      turnedAt = time;
    }
  }
}
