// Sees whom a broadcast has missed or reached twice, and what its origin is told of that.
package dev.p2pkit.overlay.simulator.oracle;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Sees whom a broadcast has missed or reached twice, whether those of one origin keep their order,
 * and whether an origin is told the truth. Peers are numbers from 0, as the simulation counts them;
 * a peer that dies, leaves or starts again has not been there throughout and need not be reached.
 * Nor need anybody once all that had it are gone, its origin among them.
 */
public final class CoverageOracle {
  /** When no report is awaited. */
  private static final long NEVER = Long.MAX_VALUE;

  private static final class Broadcast {
    final int origin;
    final long number;
    final BitSet expected;
    final BitSet reached = new BitSet();

    /** Who has ever got it, those among them who are gone. */
    final BitSet ever = new BitSet();

    final long reportDueAt;
    boolean reported;
    long lastAt;

    Broadcast(int origin, long number, BitSet expected, long reportDueAt) {
      this.origin = origin;
      this.number = number;
      this.expected = expected;
      this.reportDueAt = reportDueAt;
    }

    @Override
    public String toString() {
      return "broadcast " + number + " of peer " + origin;
    }
  }

  /**
   * What the origin of a broadcast was told.
   *
   * @param tree whom the report names as reached by the tree
   * @param all whether these are all whom it counts
   * @param count how many it counts
   * @param repaired whom it names as reached by repair
   * @param excepted whom it does not call reached, by number: who stands in an arc that it calls
   *     missed, or is named as having refused
   */
  public record Told(BitSet tree, boolean all, long count, BitSet repaired, IntPredicate excepted) {
    /** Copies the sets. */
    public Told {
      tree = (BitSet) tree.clone();
      repaired = (BitSet) repaired.clone();
    }
  }

  private record Lane(int origin, int receiver) {}

  private final Findings findings;
  private final List<Broadcast> open = new ArrayList<>();
  private final Map<Long, Broadcast> byTicket = new HashMap<>();
  private final Map<Lane, Long> latest = new HashMap<>();
  private long tickets;

  /** Watches a run from its beginning. */
  public CoverageOracle(Findings findings) {
    this.findings = findings;
  }

  /**
   * A broadcast begins; returns its ticket.
   *
   * @param origin who sends it
   * @param number its place among those of the origin; grows
   * @param members who is in the ring now
   */
  public long began(int origin, long number, BitSet members) {
    return began(origin, number, members, NEVER);
  }

  /**
   * As {@link #began(int, long, BitSet)}, of one whose origin waits for the report.
   *
   * @param reportDueAt when it has to be there, what pauses and coarse timers explain included
   */
  public long began(int origin, long number, BitSet members, long reportDueAt) {
    Broadcast broadcast = new Broadcast(origin, number, (BitSet) members.clone(), reportDueAt);
    open.add(broadcast);
    byTicket.put(++tickets, broadcast);
    return tickets;
  }

  /** It did not begin after all: its origin was told so. */
  public void refused(long ticket) {
    Broadcast broadcast = byTicket.remove(ticket);
    if (broadcast != null) {
      open.remove(broadcast);
    }
  }

  /** A peer has got the payload. */
  public void reached(long ticket, int peer, long now) {
    Broadcast broadcast = byTicket.get(ticket);
    if (broadcast == null) {
      return;
    }
    if (broadcast.reached.get(peer)) {
      findings.add(Promise.BROADCAST_WHOLE, now, broadcast + " reached " + peer + " twice");
    }
    broadcast.reached.set(peer);
    broadcast.ever.set(peer);
    broadcast.lastAt = now;
    Long before = latest.put(new Lane(broadcast.origin, peer), broadcast.number);
    if (before != null && before > broadcast.number) {
      findings.add(
          Promise.BROADCAST_WHOLE, now, broadcast + " reached " + peer + " after number " + before);
    }
  }

  /** A peer has died, left or started again: nothing that is under way need reach it. */
  public void gone(int peer) {
    for (Broadcast broadcast : open) {
      broadcast.expected.clear(peer);
      // Its next process remembers nothing and may get it again.
      broadcast.reached.clear(peer);
      if (broadcast.reached.isEmpty()) {
        // It died with its origin, or with all that had it: nobody is left to get it from.
        broadcast.expected.clear();
      }
    }
    latest.keySet().removeIf(lane -> lane.origin() == peer || lane.receiver() == peer);
  }

  /**
   * The origin has got its report.
   *
   * @param known who was in the ring for everybody there, from the beginning until now. The tree is
   *     walked among those whom its peers know: somebody whom one of them takes for dead may be
   *     left out unnoticed
   */
  public void reported(long ticket, Told told, IntPredicate known, long now) {
    Broadcast broadcast = byTicket.get(ticket);
    if (broadcast == null) {
      return;
    }
    if (broadcast.reported) {
      untrue(broadcast, now, "was made twice");
    }
    broadcast.reported = true;
    if (now > broadcast.reportDueAt) {
      untrue(broadcast, now, "came " + (now - broadcast.reportDueAt) + " µs late");
    }
    BitSet invented = (BitSet) told.tree.clone();
    invented.or(told.repaired);
    invented.andNot(broadcast.ever);
    if (!invented.isEmpty()) {
      untrue(broadcast, now, "names " + invented + " as reached, who have not got it");
    }
    if (told.count > broadcast.ever.cardinality()) {
      int most = broadcast.ever.cardinality();
      untrue(broadcast, now, "counts " + told.count + " as reached where " + most + " have got it");
    } else if (told.all && told.count != told.tree.cardinality()) {
      untrue(broadcast, now, "counts " + told.count + " as reached and names " + told.tree);
    }
    BitSet kept = missed(broadcast);
    kept.stream()
        .filter(peer -> known.test(peer) && !told.excepted.test(peer))
        .forEach(peer -> untrue(broadcast, now, "does not say that it has missed " + peer));
  }

  private void untrue(Broadcast broadcast, long now, String what) {
    findings.add(Promise.REPORTS_TRUE, now, "the report of " + broadcast + " " + what);
  }

  /** Whether everybody who was there throughout has got it. */
  public boolean whole(long ticket) {
    Broadcast broadcast = byTicket.get(ticket);
    return broadcast == null || missed(broadcast).isEmpty();
  }

  /** When the latest peer got it; 0 if none has. */
  public long lastAt(long ticket) {
    Broadcast broadcast = byTicket.get(ticket);
    return broadcast == null ? 0 : broadcast.lastAt;
  }

  /**
   * Time is over for a broadcast: notes whom it has missed, and whether an origin that lives waits
   * for its report in vain; returns how many were missed of how many.
   */
  public long[] finish(long ticket, long now) {
    Broadcast broadcast = byTicket.remove(ticket);
    if (broadcast == null) {
      return new long[] {0, 0};
    }
    open.remove(broadcast);
    BitSet missed = missed(broadcast);
    if (!missed.isEmpty()) {
      findings.add(
          Promise.BROADCAST_WHOLE,
          now,
          broadcast + " has missed " + missed + " and reached " + broadcast.reached);
    }
    boolean awaited = broadcast.expected.get(broadcast.origin) && now > broadcast.reportDueAt;
    if (awaited && !broadcast.reported) {
      untrue(broadcast, now, "never came");
    }
    return new long[] {missed.cardinality(), broadcast.expected.cardinality()};
  }

  private static BitSet missed(Broadcast broadcast) {
    BitSet missed = (BitSet) broadcast.expected.clone();
    missed.andNot(broadcast.reached);
    return missed;
  }
}
