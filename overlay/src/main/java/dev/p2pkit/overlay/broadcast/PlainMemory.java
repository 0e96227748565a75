// Which plain broadcasts this peer has seen.
package dev.p2pkit.overlay.broadcast;

import java.util.HashSet;
import java.util.Set;

/**
 * Which plain broadcasts this peer has seen in the last seconds: two sets that take turns, so that
 * forgetting costs nothing. One that comes again later does no harm: news refute each other.
 */
final class PlainMemory {
  /** Longer than a plain broadcast lives. */
  private static final long TURN = 10_000_000;

  private static final int MOST = 65_536;

  private Set<BroadcastId> present = new HashSet<>();
  private Set<BroadcastId> before = new HashSet<>();
  private long turnAt;

  boolean contains(BroadcastId id) {
    return present.contains(id) || before.contains(id);
  }

  void add(long now, BroadcastId id) {
    if (now >= turnAt || present.size() >= MOST) {
      before = present;
      present = new HashSet<>();
      turnAt = now + TURN;
    }
    present.add(id);
  }
}
