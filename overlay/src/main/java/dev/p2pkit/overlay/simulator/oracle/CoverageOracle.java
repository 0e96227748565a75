// Sees whom a broadcast has missed or reached twice.
package dev.p2pkit.overlay.simulator.oracle;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sees whom a broadcast has missed or reached twice, and whether those of one origin keep their
 * order. Peers are numbers from 0, as the simulation counts them; a peer that dies, leaves or
 * starts again has not been there throughout and need not be reached. Nor need anybody once all
 * that had it are gone, its origin among them.
 */
public final class CoverageOracle {
  private static final class Broadcast {
    final int origin;
    final long number;
    final BitSet expected;
    final BitSet reached = new BitSet();
    long lastAt;

    Broadcast(int origin, long number, BitSet expected) {
      this.origin = origin;
      this.number = number;
      this.expected = expected;
    }

    @Override
    public String toString() {
      return "broadcast " + number + " of peer " + origin;
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
    Broadcast broadcast = new Broadcast(origin, number, (BitSet) members.clone());
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

  /** Time is over for a broadcast: notes whom it has missed; returns how many of how many. */
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
    return new long[] {missed.cardinality(), broadcast.expected.cardinality()};
  }

  private static BitSet missed(Broadcast broadcast) {
    BitSet missed = (BitSet) broadcast.expected.clone();
    missed.andNot(broadcast.reached);
    return missed;
  }
}
