// Which peers a partition keeps apart.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which peers a partition keeps apart. Sides that meet again need a while to become one ring, and
 * then arcs of one side are handed to peers of another: for that while two of different sides do
 * not count as connected, nor does who has come since the partition began, as nobody can tell which
 * ring it came to. Two of the same side were connected all the time. Times in microseconds.
 */
public final class Sides {
  private final long settling;

  /** The partitions of which the sides are not one ring yet, the latest last. */
  private final List<Partition> partitions = new ArrayList<>();

  private boolean everApart;

  /** A partition: who was on which side, and until when they count as apart. */
  private static final class Partition {
    private final Map<PeerId, Integer> sides = new HashMap<>();
    private final Set<PeerId> since = new HashSet<>();

    /** Whether nobody knows the sides. */
    private boolean ofAll;

    private long until = Long.MAX_VALUE;

    private boolean parts(PeerId one, PeerId other) {
      return ofAll
          || !sides.getOrDefault(one, 0).equals(sides.getOrDefault(other, 0))
          || (!since.isEmpty() && (since.contains(one) || since.contains(other)));
    }
  }

  /**
   * Nobody is apart.
   *
   * @param settling how long after a partition its sides still count as apart
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
    Partition partition = new Partition();
    int side = 0;
    for (Collection<PeerId> group : groups) {
      side++;
      for (PeerId peer : group) {
        partition.sides.put(peer, side);
      }
    }
    partitions.add(partition);
    everApart = true;
  }

  /** Ends the partition. */
  public void unite(long now) {
    for (Partition partition : partitions) {
      partition.until = Math.min(partition.until, now + settling);
    }
  }

  /** Two rings are to meet that no partition made: for a while nobody counts as connected. */
  public void meet(long now) {
    divide(now, List.of());
    partitions.get(partitions.size() - 1).ofAll = true;
    unite(now);
  }

  /** A process has come that may join any of the rings. */
  public void came(PeerId peer) {
    partitions.forEach(partition -> partition.since.add(peer));
  }

  /** Whether there was ever a partition. */
  boolean everApart() {
    return everApart;
  }

  /** Whether a partition is between the two, or was until shortly ago. */
  public boolean apart(long now, PeerId one, PeerId other) {
    if (partitions.isEmpty()) {
      return false;
    }
    partitions.removeIf(partition -> partition.until <= now);
    for (Partition partition : partitions) {
      if (partition.parts(one, other)) {
        return true;
      }
    }
    return false;
  }
}
