// Which peers a partition keeps apart.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.sdk.PeerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which peers a partition keeps apart. Sides that meet again need a while to become one ring, and
 * then arcs of one side are handed to peers of another: for that while nobody counts as connected.
 * Times in microseconds.
 */
public final class Sides {
  private final long settling;
  private final Map<PeerId, Integer> sides = new HashMap<>();
  private boolean divided;
  private long settledAt = Long.MIN_VALUE;

  /**
   * Nobody is apart.
   *
   * @param settling how long after a partition everybody still counts as apart
   */
  public Sides(long settling) {
    this.settling = settling;
  }

  /**
   * Divides the network; those in no group form one more. Replaces an earlier partition, whose
   * sides then meet again where the new one does not keep them apart.
   */
  public void divide(long now, List<? extends Collection<PeerId>> groups) {
    unite(now);
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
      settledAt = now + settling;
    }
  }

  /** Whether there was ever a partition. */
  boolean everApart() {
    return divided || settledAt != Long.MIN_VALUE;
  }

  /** Whether a partition is between the two, or some has ended shortly ago. */
  public boolean apart(long now, PeerId one, PeerId other) {
    return now < settledAt
        || (divided && !sides.getOrDefault(one, 0).equals(sides.getOrDefault(other, 0)));
  }
}
