// Which peers a partition keeps apart.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.sdk.PeerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which peers a partition keeps apart, or has kept apart until shortly ago: two sides that meet
 * again need a while to become one ring. Times in microseconds.
 */
public final class Sides {
  private final long settling;
  private final Map<PeerId, Integer> sides = new HashMap<>();
  private boolean divided;
  private long unitedAt = Long.MIN_VALUE / 2;

  /**
   * Nobody is apart.
   *
   * @param settling how long after a partition its sides still count as apart
   */
  public Sides(long settling) {
    this.settling = settling;
  }

  /** Divides the network; those in no group form one more. Replaces an earlier partition. */
  public void divide(List<? extends Collection<PeerId>> groups) {
    sides.clear();
    int side = 0;
    for (Collection<PeerId> group : groups) {
      side++;
      for (PeerId peer : group) {
        sides.put(peer, side);
      }
    }
    divided = true;
  }

  /** Ends the partition. */
  public void unite(long now) {
    if (divided) {
      divided = false;
      unitedAt = now;
    }
  }

  /** Whether a partition is, or was until shortly ago, between the two. */
  public boolean apart(long now, PeerId one, PeerId other) {
    if (!divided && now - unitedAt >= settling) {
      return false;
    }
    return !sides.getOrDefault(one, 0).equals(sides.getOrDefault(other, 0));
  }
}
