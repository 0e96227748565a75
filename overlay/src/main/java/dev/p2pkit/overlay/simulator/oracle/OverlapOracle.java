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

  private final Sides sides;
  private final Findings findings;
  private final TreeMap<Holder, ServingArc> claims = new TreeMap<>();
  private final Map<Pair, Long> seen = new HashMap<>();

  /** Watches a run from its beginning. */
  public OverlapOracle(Sides sides, Findings findings) {
    this.sides = sides;
    this.findings = findings;
  }

  /** What a peer may serve from now on, until it says something else or its time is over. */
  public void serves(long now, ServingArc arc) {
    Holder holder = Holder.of(arc.holder());
    if (arc.until() <= now) {
      claims.remove(holder);
      return;
    }
    claims.put(holder, arc);
    if (claims.size() > 1) {
      lookBack(now, holder, arc);
      lookAhead(now, holder, arc);
    }
  }

  /** A peer serves nothing now, or is no more. */
  public void servesNothing(PeerRef ref) {
    claims.remove(Holder.of(ref));
  }

  /** How many serve something now. */
  public int serving(long now) {
    claims.values().removeIf(arc -> arc.until() <= now);
    return claims.size();
  }

  /** Everybody who stands inside of the arc and serves anything serves a key of it. */
  private void lookBack(long now, Holder holder, ServingArc arc) {
    Map.@Nullable Entry<Holder, ServingArc> at = before(holder);
    while (at != null && !at.getKey().equals(holder) && arc.contains(at.getKey().position())) {
      if (at.getValue().until() <= now) {
        claims.remove(at.getKey());
      } else {
        overlap(now, arc, at.getValue());
      }
      at = before(at.getKey());
    }
  }

  /**
   * The next that serves may reach back over this one. Whoever stands further ahead and reaches
   * here overlaps with the next as well, and was seen then.
   */
  private void lookAhead(long now, Holder holder, ServingArc arc) {
    Map.@Nullable Entry<Holder, ServingArc> at = after(holder);
    while (at != null && !at.getKey().equals(holder)) {
      ServingArc other = at.getValue();
      if (other.until() <= now) {
        claims.remove(at.getKey());
      } else {
        if (other.contains(arc.to())) {
          overlap(now, arc, other);
        }
        if (!sides.apart(now, arc.holder().id(), other.holder().id())) {
          return;
        }
      }
      at = after(at.getKey());
    }
  }

  private Map.@Nullable Entry<Holder, ServingArc> before(Holder holder) {
    Map.Entry<Holder, ServingArc> entry = claims.lowerEntry(holder);
    return entry == null ? claims.lastEntry() : entry;
  }

  private Map.@Nullable Entry<Holder, ServingArc> after(Holder holder) {
    Map.Entry<Holder, ServingArc> entry = claims.higherEntry(holder);
    return entry == null ? claims.firstEntry() : entry;
  }

  private void overlap(long now, ServingArc one, ServingArc other) {
    Holder first = Holder.of(one.holder());
    Holder second = Holder.of(other.holder());
    Pair pair = first.compareTo(second) < 0 ? new Pair(first, second) : new Pair(second, first);
    Long before = seen.put(pair, now);
    if (before == null || now - before > ONE_AND_THE_SAME) {
      boolean apart = sides.apart(now, one.holder().id(), other.holder().id());
      findings.add(
          apart ? Promise.ONE_SERVER_ACROSS_A_CUT : Promise.ONE_SERVER,
          now,
          one + " and " + other + " serve the same keys");
    }
  }
}
