// Peers that die and come back again and again.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who was found dead how often of late. A peer that dies and comes back again and again keeps its
 * place on the ring, which its id gives it, but nobody should lean on it: it is kept out of long
 * links, and asked for no testimony, until it has been quiet for ten minutes.
 */
final class Flaps {
  /** The span in which deaths are counted, and for which a peer is kept out. */
  static final long WINDOW = 600_000_000L;

  private static final int MOST = 1_024;
  private static final long[] NEVER = {};

  private final int most;

  /** Of each the times of its last deaths, oldest first. */
  private final Map<PeerId, long[]> deaths = new LinkedHashMap<>();

  Flaps(int most) {
    this.most = most;
  }

  /** A peer was found dead. */
  void died(PeerId id, long now) {
    long[] before = deaths.getOrDefault(id, NEVER);
    int kept = Math.min(before.length, most - 1);
    long[] times = Arrays.copyOfRange(before, before.length - kept, before.length + 1);
    times[kept] = now;
    deaths.put(id, times);
    if (deaths.size() > MOST) {
      deaths.remove(deaths.keySet().iterator().next());
    }
  }

  /** Whether a peer has died too often of late to be leant on. */
  boolean damped(PeerId id, long now) {
    long[] times = deaths.getOrDefault(id, NEVER);
    return times.length >= most
        && times[most - 1] - times[0] < WINDOW
        && now - times[most - 1] < WINDOW;
  }

  void clear() {
    deaths.clear();
  }
}
