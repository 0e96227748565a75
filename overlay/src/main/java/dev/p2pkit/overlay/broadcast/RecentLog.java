// The broadcasts of the last minute, for neighbours that missed one.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Seen;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broadcasts that this peer has seen in the last minute, bounded by number and by bytes: beyond
 * the bytes the oldest lose their payload, beyond the number the oldest are forgotten early.
 */
final class RecentLog {
  /** Earlier digests of this peer: who still has one of them is a moment behind, not wrong. */
  private static final int MOST_DIGESTS = 256;

  private record Past(BroadcastDigest digest, long until) {}

  private final BroadcastConfig config;
  private final Map<BroadcastId, Kept> kept = new LinkedHashMap<>();
  private final Deque<Kept> withPayload = new ArrayDeque<>(1);
  private final Deque<Past> past = new ArrayDeque<>(1);
  private BroadcastDigest digest = BroadcastDigest.NONE;
  private long bytes;

  RecentLog(BroadcastConfig config) {
    this.config = config;
  }

  int size() {
    return kept.size();
  }

  @Nullable Kept find(BroadcastId id) {
    return kept.get(id);
  }

  /** Adds one that is not there yet. */
  Kept add(long now, Kept entry) {
    expire(now);
    kept.put(entry.id, entry);
    change(now, digest.with(entry.id));
    Content content = entry.content;
    if (content != null) {
      withPayload.add(entry);
      bytes += content.payload.length;
    }
    while (bytes > config.keptBytes() || kept.size() > config.kept()) {
      if (kept.size() > config.kept()) {
        removeFirst(now);
      } else {
        drop(withPayload.remove());
      }
    }
    return entry;
  }

  private void drop(Kept entry) {
    Content content = entry.content;
    if (content != null) {
      bytes -= content.payload.length;
      entry.content = null;
    }
  }

  /** Forgets what is too old. */
  void expire(long now) {
    Iterator<Kept> oldest = kept.values().iterator();
    while (oldest.hasNext() && oldest.next().at <= now - config.retention()) {
      removeFirst(now);
      oldest = kept.values().iterator();
    }
    while (!past.isEmpty() && past.peek().until() < now - config.behind()) {
      past.remove();
    }
  }

  private void removeFirst(long now) {
    Iterator<Kept> oldest = kept.values().iterator();
    Kept entry = oldest.next();
    oldest.remove();
    drop(entry);
    while (!withPayload.isEmpty() && withPayload.peek().content == null) {
      withPayload.remove();
    }
    change(now, digest.without(entry.id));
  }

  private void change(long now, BroadcastDigest next) {
    past.add(new Past(digest, now));
    if (past.size() > MOST_DIGESTS) {
      past.remove();
    }
    digest = next;
  }

  BroadcastDigest digest(long now) {
    expire(now);
    return digest;
  }

  /** Whether this peer's digest is this one, or was a moment ago. */
  boolean knows(long now, BroadcastDigest other) {
    expire(now);
    return digest.equals(other) || past.stream().anyMatch(each -> each.digest().equals(other));
  }

  /** The newest, the oldest of them first. */
  List<Seen> newest(long now) {
    expire(now);
    int skipped = Math.max(0, kept.size() - BroadcastConfig.MAX_LISTED);
    List<Seen> list = new ArrayList<>(kept.size() - skipped);
    for (Kept entry : kept.values()) {
      if (skipped > 0) {
        skipped--;
      } else {
        list.add(new Seen(entry.id, now - entry.at));
      }
    }
    return list;
  }
}
