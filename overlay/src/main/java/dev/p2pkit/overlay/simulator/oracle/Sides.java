// Which peers a partition keeps apart.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which peers a partition keeps apart. Sides that meet again need a while to become one ring, and
 * then arcs of one side are handed to peers of another: for that while two that serve what comes
 * from different sides do not count as connected. At the cut a peer is of the side where it stands.
 * One that takes an arc from another (because it has come since, or had lost its own) is of that
 * one's side from then on; who has come since and was given nothing is of none. Times in
 * microseconds.
 */
public final class Sides {
  /** What keeps two peers apart. */
  public enum Between {
    /** They can reach each other, and have for long enough to be of one ring. */
    NOTHING,
    /** A partition that lasts. */
    CUT,
    /** Their sides can reach each other again, and are perhaps not one ring yet. */
    MEETING
  }

  private final long settling;

  /** The partitions of which the sides are not one ring yet, the latest last. */
  private final List<Partition> partitions = new ArrayList<>();

  /** On which sides those were who have handed over an arc. */
  private final Map<Handed, Stand> handed = new HashMap<>();

  /** With which epoch each has served last. */
  private final Map<PeerId, Long> served = new HashMap<>();

  private boolean everApart;

  /** A partition: who was on which side, and until when they count as apart. */
  private static final class Partition {
    private static final int UNKNOWN = -1;

    private final Map<PeerId, Integer> sides = new HashMap<>();
    private long until = Long.MAX_VALUE;

    /** Of those that are in no group, and have not come since. */
    private int rest;

    private int side(PeerId peer) {
      return sides.getOrDefault(peer, rest);
    }
  }

  /** An arc under way to another peer. */
  private record Handed(PeerId to, long epoch) {}

  /**
   * On which sides a peer was at some moment.
   *
   * @param peer the peer
   * @param sides of the partitions that stood then
   */
  record Stand(PeerId peer, Map<Partition, Integer> sides) {
    private int in(Partition partition) {
      Integer then = sides.get(partition);
      return then == null ? partition.side(peer) : then;
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
    partitions.get(partitions.size() - 1).rest = Partition.UNKNOWN;
    unite(now);
  }

  /** A process has come that may join any of the rings. */
  public void came(PeerId peer) {
    served.remove(peer);
    partitions.forEach(partition -> partition.sides.put(peer, Partition.UNKNOWN));
  }

  /** A peer hands over an arc, which the other may serve with that epoch if it takes it. */
  public void handedOver(PeerId by, PeerId to, long epoch) {
    // Told again what it has taken already, it takes nothing.
    if (!partitions.isEmpty() && epoch > served.getOrDefault(to, 0L)) {
      handed.put(new Handed(to, epoch), stand(by));
    }
  }

  /** A peer serves with another epoch than before: perhaps what was handed over to it. */
  public void serves(PeerId holder, long epoch) {
    served.put(holder, epoch);
    Stand giver = handed.remove(new Handed(holder, epoch));
    if (giver != null) {
      // A partition that has come since leaves each where it stands.
      giver.sides().forEach((partition, side) -> partition.sides.put(holder, side));
    }
  }

  /** Whether there was ever a partition. */
  boolean everApart() {
    return everApart;
  }

  /** Whether a partition is between the two, or was until shortly ago. */
  public Between between(long now, PeerId one, PeerId other) {
    return partitions.isEmpty() ? Between.NOTHING : between(now, stand(one), stand(other));
  }

  /** On which sides a peer is now. */
  Stand stand(PeerId peer) {
    if (partitions.isEmpty()) {
      return new Stand(peer, Map.of());
    }
    Map<Partition, Integer> sides = new HashMap<>();
    partitions.forEach(partition -> sides.put(partition, partition.side(peer)));
    return new Stand(peer, sides);
  }

  /** As {@link #between(long, PeerId, PeerId)}, of peers that may have changed sides since. */
  Between between(long now, Stand one, Stand other) {
    partitions.removeIf(partition -> partition.until <= now);
    if (partitions.isEmpty()) {
      handed.clear();
    }
    Between between = Between.NOTHING;
    for (Partition partition : partitions) {
      int side = one.in(partition);
      if (side == Partition.UNKNOWN || side != other.in(partition)) {
        if (partition.until == Long.MAX_VALUE) {
          return Between.CUT;
        }
        between = Between.MEETING;
      }
    }
    return between;
  }
}
