// Sees when the epoch of a key does not grow with its servers.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sees when a key gets a new server whose epoch is not above that of the server before, or when a
 * server's epoch falls: what was fenced off could then come back. Sides of a partition count for
 * themselves.
 */
public final class EpochOracle {
  private static final Key ONE = Key.of(1);
  private static final Key LAST = new Key(-1, -1);

  private record Held(PeerRef holder, long epoch, Sides.Stand stand) {}

  private final Sides sides;
  private final Findings findings;

  /** By the first key of each part of the ring that somebody has served. */
  private final TreeMap<Key, List<Held>> parts = new TreeMap<>();

  private final Map<PeerRef, ServingArc> latest = new HashMap<>();

  /** Watches a run from its beginning. */
  public EpochOracle(Sides sides, Findings findings) {
    this.sides = sides;
    this.findings = findings;
    parts.put(Key.ZERO, List.of());
  }

  /** What a peer may serve from now on; cheap if only its time has changed. */
  public void serves(long now, ServingArc arc) {
    ServingArc before = latest.put(arc.holder(), arc);
    if (before != null && before.after().equals(arc.after()) && before.epoch() == arc.epoch()) {
      return;
    }
    Key first = arc.after().plus(ONE);
    List<String> wrong = new ArrayList<>();
    if (first.compareTo(arc.to()) <= 0) {
      assign(now, first, arc.to(), arc, wrong);
    } else {
      assign(now, first, LAST, arc, wrong);
      assign(now, Key.ZERO, arc.to(), arc, wrong);
    }
    if (!wrong.isEmpty()) {
      findings.add(Promise.EPOCHS_GROW, now, arc + " follows " + String.join(", ", wrong));
    }
  }

  /** A peer serves nothing now; what it takes up later is looked at again. */
  public void servesNothing(PeerRef ref) {
    latest.remove(ref);
  }

  private void assign(long now, Key first, Key last, ServingArc arc, List<String> wrong) {
    split(first);
    if (!last.equals(LAST)) {
      split(last.plus(ONE));
    }
    for (Map.Entry<Key, List<Held>> part : parts.subMap(first, true, last, true).entrySet()) {
      part.setValue(follow(now, part.getValue(), arc, wrong));
    }
  }

  private void split(Key at) {
    Map.Entry<Key, List<Held>> part = parts.floorEntry(at);
    if (part != null && !part.getKey().equals(at)) {
      parts.put(at, part.getValue());
    }
  }

  private List<Held> follow(long now, List<Held> history, ServingArc arc, List<String> wrong) {
    List<Held> kept = new ArrayList<>(2);
    Sides.Stand stand = sides.stand(arc.holder().id());
    for (Held held : history) {
      if (sides.between(now, held.stand(), stand) != Sides.Between.NOTHING) {
        kept.add(held);
      } else {
        boolean same = held.holder().equals(arc.holder());
        if (same ? arc.epoch() < held.epoch() : arc.epoch() <= held.epoch()) {
          wrong.add(held.holder().id().shortText() + " epoch " + held.epoch());
        }
      }
    }
    kept.add(new Held(arc.holder(), arc.epoch(), stand));
    return kept;
  }
}
