// Which broadcasts this peer has seen, for as long as they may come again.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which broadcasts this peer has seen. Each task says which broadcasts of its origin are still
 * open; what lies below is forgotten at once and known to be over, so the memory follows what is
 * open and not how much was sent.
 */
final class BroadcastMemory {
  private final Map<PeerId, Origin> origins = new LinkedHashMap<>();
  private int size;

  private static final class Origin {
    private final NavigableMap<Long, Remembered> bySequence = new TreeMap<>();
    private long lowestOpen = Long.MIN_VALUE;
  }

  int size() {
    return size;
  }

  /** Whether the origin has said that this one is over. */
  boolean isOver(BroadcastId id) {
    Origin origin = origins.get(id.origin());
    return origin != null && id.sequence() < origin.lowestOpen;
  }

  @Nullable Remembered find(BroadcastId id) {
    Origin origin = origins.get(id.origin());
    return origin == null ? null : origin.bySequence.get(id.sequence());
  }

  /** What the origin has said last: all below is over. Never above the broadcast itself. */
  long lowestOpen(BroadcastId id) {
    Origin origin = origins.get(id.origin());
    return origin == null ? id.sequence() : Math.min(origin.lowestOpen, id.sequence());
  }

  void add(Remembered broadcast) {
    Origin origin = origins.computeIfAbsent(broadcast.id.origin(), absent -> new Origin());
    if (origin.bySequence.put(broadcast.id.sequence(), broadcast) == null) {
      size++;
    }
  }

  /** The origin says that all its broadcasts below this number are over. */
  void over(PeerId peer, long lowestOpen) {
    Origin origin = origins.get(peer);
    if (origin == null || lowestOpen <= origin.lowestOpen) {
      return;
    }
    origin.lowestOpen = lowestOpen;
    List<Remembered> below = new ArrayList<>(origin.bySequence.headMap(lowestOpen, false).values());
    for (Remembered broadcast : below) {
      if (!broadcast.isOpen()) {
        origin.bySequence.remove(broadcast.id.sequence());
        broadcast.duties.clear();
        size--;
      }
    }
  }

  void forget(Remembered broadcast) {
    Origin origin = origins.get(broadcast.id.origin());
    if (origin == null) {
      return;
    }
    if (origin.bySequence.remove(broadcast.id.sequence()) != null) {
      size--;
    }
    if (origin.bySequence.isEmpty()) {
      origins.remove(broadcast.id.origin());
    }
  }
}
