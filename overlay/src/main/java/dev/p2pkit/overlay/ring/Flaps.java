// Peers that die and come back again and again.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;

/**
 * Who was found dead how often of late. A peer that dies and comes back again and again keeps its
 * place on the ring, which its id gives it, but nobody should lean on it: it is kept out of long
 * links, and asked for no testimony, until it has been quiet for ten minutes.
 *
 * <p>Kept are the last thousand deaths of anybody, in the order of time. Most peers die once, and
 * when half of a large network is cut off all that remain keep that many: so they are no objects.
 */
final class Flaps {
  /** The span in which deaths are counted, and for which a peer is kept out. */
  static final long WINDOW = 600_000_000L;

  /** How many deaths are kept; a power of two. */
  static final int MOST = 1_024;

  private static final int LEAST_ROOM = 8;

  private final int most;
  private PeerId[] dead = new PeerId[LEAST_ROOM];
  private long[] times = new long[LEAST_ROOM];

  /** How many deaths there were; the last of them are kept. */
  private int count;

  Flaps(int most) {
    this.most = most;
  }

  /** A peer was found dead. */
  void died(PeerId id, long now) {
    if (count == dead.length && count < MOST) {
      dead = Arrays.copyOf(dead, 2 * count);
      times = Arrays.copyOf(times, 2 * count);
    }
    int place = count & (dead.length - 1);
    dead[place] = id;
    times[place] = now;
    // Both mean that all places are taken and that the first is the next one.
    count = count + 1 == 2 * MOST ? MOST : count + 1;
  }

  /** Whether a peer has died too often of late to be leant on. */
  boolean damped(PeerId id, long now) {
    long last = 0;
    int found = 0;
    for (int i = count - 1; i >= Math.max(0, count - dead.length); i--) {
      int place = i & (dead.length - 1);
      if (now - times[place] >= 2 * WINDOW) {
        return false;
      }
      if (dead[place].equals(id)) {
        found++;
        last = found == 1 ? times[place] : last;
        if (found == most) {
          return last - times[place] < WINDOW && now - last < WINDOW;
        }
      }
    }
    return false;
  }

  void clear() {
    dead = new PeerId[LEAST_ROOM];
    times = new long[LEAST_ROOM];
    count = 0;
  }
}
