// What earlier processes of this peer have broadcast, as far as its neighbours have kept it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What earlier processes of this peer have broadcast, as far as its neighbours have kept it. This
 * process gets it from them, as proof that there is such a thing and for others that lack it, and
 * names it in what it begins: a peer that was out of reach delivers both in order.
 */
final class Earlier {
  private final PeerRef self;
  private final BroadcastConfig config;

  /** When this process got them, by their numbers. */
  private final NavigableMap<Long, Long> gotAt = new TreeMap<>();

  Earlier(PeerRef self, BroadcastConfig config) {
    this.self = self;
    this.config = config;
  }

  /** Whether an earlier process has sent this one, and it has not been added. */
  boolean lacks(BroadcastId id) {
    return id.origin().equals(self.id())
        && !id.isPlain()
        && id.sequence() <= Content.base(self)
        && !gotAt.containsKey(id.sequence());
  }

  /** It is there; of more than are listed at once, those with the highest numbers are kept. */
  void add(long now, BroadcastId id) {
    gotAt.put(id.sequence(), now);
    if (gotAt.size() > BroadcastConfig.MAX_LISTED) {
      gotAt.pollFirstEntry();
    }
  }

  /** The highest number that can still be had; 0 if there is none. */
  long last(long now) {
    Iterator<Long> each = gotAt.values().iterator();
    while (each.hasNext()) {
      if (each.next() <= now - config.retention()) {
        each.remove();
      }
    }
    return gotAt.isEmpty() ? 0 : gotAt.lastKey();
  }

  /** The lowest number of the same process that can still be had; only if there is a highest. */
  long lowest() {
    long before = Gap.process(gotAt.lastKey()) << BroadcastConfig.BITS_PER_MILLISECOND;
    return gotAt.higherKey(before);
  }
}
