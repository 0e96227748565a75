// Sees when two peers serve the same key.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sees when two peers serve the same key. It is told each time when what a peer may serve has
 * changed or was prolonged, and compares with the neighbours of that arc only: a claim that grows
 * is the only way to an overlap, as claims shrink by themselves. So it can look after every step of
 * a run of 10,000 peers. Claims of a paused peer stay until they run out: it would serve if it woke
 * now.
 */
public final class OverlapOracle {
  /** The same two that overlap again within this time have not stopped to. */
  private static final long ONE_AND_THE_SAME = 1_000_000;

  private record Holder(Key position, long incarnation) implements Comparable<Holder> {
    static Holder of(PeerRef ref) {
      return new Holder(ref.id().position(), ref.incarnation());
    }

    @Override
    public int compareTo(Holder other) {
      int order = position.compareTo(other.position);
      return order != 0 ? order : Long.compare(incarnation, other.incarnation);
    }
  }

  private record Pair(Holder one, Holder other) {}

  /** What a peer may serve, until it shrinks or runs out. */
  public static final class Claim {
    private final ServingArc arc;
    private long until;
    private boolean stands = true;

    private Claim(ServingArc arc) {
      this.arc = arc;
      until = arc.until();
    }
  }

  private final Sides sides;
  private final Findings findings;
  private final TreeMap<Holder, Claim> claims = new TreeMap<>();
  private final Map<Pair, Long> seen = new HashMap<>();

  /** Watches a run from its beginning. */
  public OverlapOracle(Sides sides, Findings findings) {
    this.sides = sides;
    this.findings = findings;
  }

  /**
   * What a peer may serve from now on, until it says something else or its time is over.
   *
   * @return what can be prolonged
   */
  public Claim serves(long now, ServingArc arc) {
    Holder holder = Holder.of(arc.holder());
    Claim claim = new Claim(arc);
    if (arc.until() <= now) {
      remove(holder);
      claim.stands = false;
      return claim;
    }
    Claim before = claims.put(holder, claim);
    if (before != null) {
      before.stands = false;
    }
    if (claims.size() > 1) {
      lookBack(now, holder, arc);
      lookAhead(now, holder, arc);
    }
    return claim;
  }

  /**
   * The same arc in the same epoch goes on: by far the most frequent thing to happen. As long as
   * nobody was ever apart there is nothing to compare, because whoever claimed a part of the arc
   * since was compared with it.
   *
   * @return false if it must be told by {@link #serves}
   */
  public boolean prolonged(long now, Claim claim, long until) {
    if (!claim.stands || claim.until <= now || until < claim.until || sides.everApart()) {
      return false;
    }
    claim.until = until;
    return true;
  }

  /** A peer serves nothing now, or is no more. */
  public void servesNothing(PeerRef ref) {
    remove(Holder.of(ref));
  }

  private void remove(Holder holder) {
    Claim claim = claims.remove(holder);
    if (claim != null) {
      claim.stands = false;
    }
  }

  /** How many serve something now. */
  public int serving(long now) {
    return (int) claims.values().stream().filter(claim -> claim.until > now).count();
  }

  /** Everybody who stands inside of the arc and serves anything serves a key of it. */
  private void lookBack(long now, Holder holder, ServingArc arc) {
    Map.@Nullable Entry<Holder, Claim> at = before(holder);
    while (at != null && !at.getKey().equals(holder) && arc.contains(at.getKey().position())) {
      if (at.getValue().until <= now) {
        remove(at.getKey());
      } else {
        overlap(now, arc, at.getValue().arc);
      }
      at = before(at.getKey());
    }
  }

  /**
   * The next that serves may reach back over this one. Whoever stands further ahead and reaches
   * here overlaps with the next as well, and was seen then.
   */
  private void lookAhead(long now, Holder holder, ServingArc arc) {
    Map.@Nullable Entry<Holder, Claim> at = after(holder);
    while (at != null && !at.getKey().equals(holder)) {
      ServingArc other = at.getValue().arc;
      if (at.getValue().until <= now) {
        remove(at.getKey());
      } else {
        if (other.contains(arc.to())) {
          overlap(now, arc, other);
        }
        if (sides.between(now, arc.holder().id(), other.holder().id()) == Sides.Between.NOTHING) {
          return;
        }
      }
      at = after(at.getKey());
    }
  }

  private Map.@Nullable Entry<Holder, Claim> before(Holder holder) {
    Map.Entry<Holder, Claim> entry = claims.lowerEntry(holder);
    return entry == null ? claims.lastEntry() : entry;
  }

  private Map.@Nullable Entry<Holder, Claim> after(Holder holder) {
    Map.Entry<Holder, Claim> entry = claims.higherEntry(holder);
    return entry == null ? claims.firstEntry() : entry;
  }

  private void overlap(long now, ServingArc one, ServingArc other) {
    Holder first = Holder.of(one.holder());
    Holder second = Holder.of(other.holder());
    Pair pair = first.compareTo(second) < 0 ? new Pair(first, second) : new Pair(second, first);
    Long before = seen.put(pair, now);
    if (before == null || now - before > ONE_AND_THE_SAME) {
      Promise promise =
          switch (sides.between(now, one.holder().id(), other.holder().id())) {
            case NOTHING -> Promise.ONE_SERVER;
            case CUT -> Promise.ONE_SERVER_ACROSS_A_CUT;
            case MEETING -> Promise.ONE_SERVER_AFTER_A_CUT;
          };
      findings.add(promise, now, one + " and " + other + " serve the same keys");
    }
  }
}
