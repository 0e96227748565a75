// How many news one neighbour may tell.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds what one link may tell of others: twice what this peer measures of the whole network, and
 * always enough for a burst. News are hints; a liar may not drown the truth in them.
 */
final class IntakeLimit {
  private static final long WINDOW = 10_000_000;
  private static final int ALWAYS = 1_024;
  private static final double TIMES_THE_CHURN = 2;

  private Map<PeerId, Integer> counts = new HashMap<>();
  private long until = Long.MIN_VALUE;

  /** Whether one more piece of news from a peer is taken. */
  boolean take(long now, PeerId from, double changesPerSecond) {
    if (now >= until) {
      until = now + WINDOW;
      counts = new HashMap<>();
    }
    int count = counts.merge(from, 1, Integer::sum);
    return count <= Math.max(ALWAYS, TIMES_THE_CHURN * changesPerSecond * WINDOW / 1_000_000);
  }
}
