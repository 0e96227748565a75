// Of which peers a process has ended lately.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Of which peers a process has ended lately, or is said to have. Bounded, since anybody may say it
 * of peers that never were: when so many have ended that some had to be forgotten, everybody counts
 * as one of them for as long.
 */
final class Successions {
  /** So many die at once only where half of a network of thousands does. */
  static final int MOST = 16_384;

  private final long lately;

  /** When, oldest first. */
  private final Map<PeerId, Long> ended = new LinkedHashMap<>();

  private long forgotten = Long.MIN_VALUE / 2;

  /**
   * Of nobody yet.
   *
   * @param lately for how long it matters, in microseconds
   */
  Successions(long lately) {
    this.lately = lately;
  }

  /** A process has ended, or another one of the same peer has come. */
  void ended(long now, PeerId peer) {
    Iterator<Long> oldest = ended.values().iterator();
    while (oldest.hasNext() && now - oldest.next() > lately) {
      oldest.remove();
    }
    ended.remove(peer);
    ended.put(peer, now);
    if (ended.size() > MOST) {
      PeerId first = ended.keySet().iterator().next();
      forgotten = Math.max(forgotten, ended.getOrDefault(first, now));
      ended.remove(first);
    }
  }

  /** Whether a process of this peer may have ended lately. */
  boolean mayHaveEnded(long now, PeerId peer) {
    return now - Math.max(forgotten, ended.getOrDefault(peer, forgotten)) <= lately;
  }

  int size() {
    return ended.size();
  }
}
