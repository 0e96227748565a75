// Which peers of a test network cannot reach each other.
package dev.p2pkit.peer.testing;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Pairs of peers between which nothing passes. Not thread-safe. */
final class Cuts {
  private record Pair(PeerId one, PeerId other) {}

  private final Set<Pair> pairs = new HashSet<>();

  /** Cuts each of these from each of those; nobody from itself. */
  void cut(Collection<PeerId> these, Collection<PeerId> those) {
    for (PeerId one : these) {
      for (PeerId other : those) {
        if (!one.equals(other)) {
          pairs.add(new Pair(one, other));
          pairs.add(new Pair(other, one));
        }
      }
    }
  }

  void heal() {
    pairs.clear();
  }

  boolean passes(PeerId one, PeerId other) {
    return !pairs.contains(new Pair(one, other));
  }

  /** Whom a peer cannot reach directly. */
  Set<PeerId> from(PeerId one, Collection<PeerId> all) {
    Set<PeerId> cut = new TreeSet<>();
    for (PeerId other : all) {
      if (!passes(one, other)) {
        cut.add(other);
      }
    }
    return cut;
  }

  /** Who is on one side with a peer, itself included: whom it reaches by way of others, too. */
  Set<PeerId> side(PeerId one, Collection<PeerId> all) {
    Set<PeerId> reached = new TreeSet<>(Set.of(one));
    ArrayDeque<PeerId> next = new ArrayDeque<>(reached);
    while (!next.isEmpty()) {
      PeerId here = next.remove();
      for (PeerId other : all) {
        if (passes(here, other) && reached.add(other)) {
          next.add(other);
        }
      }
    }
    return reached;
  }
}
