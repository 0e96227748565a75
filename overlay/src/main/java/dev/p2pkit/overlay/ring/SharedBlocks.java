// Lets the peers of one process hold equal parts of their tables once.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds blocks by their content, so that a hundred thousand peers in one process hold a table once
 * and not a hundred thousand times. A block that no peer holds any more is forgotten. What a peer
 * does never depends on it. Not thread-safe: for peers that one thread drives.
 */
final class SharedBlocks {
  private static final class Entry extends WeakReference<Block> {
    final long hash;

    Entry(Block block, ReferenceQueue<Block> queue) {
      super(block, queue);
      hash = block.hash;
    }
  }

  private final Map<Long, Entry> entries = new HashMap<>();
  private final ReferenceQueue<Block> dropped = new ReferenceQueue<>();

  /** The block that an insertion would make, if some peer has made it. */
  @Nullable Block inserted(Block from, int at, PeerRef ref, long refutation) {
    Block found = find(from.hash ^ Block.hashOf(ref, refutation), from.size() + 1);
    return found != null && found.refs[at].equals(ref) ? found : null;
  }

  /** The block that a removal would make, if some peer has made it. */
  @Nullable Block removed(Block from, int at) {
    return find(from.hash ^ from.hashAt(at), from.size() - 1);
  }

  private @Nullable Block find(long hash, int size) {
    Entry entry = entries.get(hash);
    Block found = entry == null ? null : entry.get();
    return found != null && found.size() == size ? found : null;
  }

  /** The block of this content that is held already, or this one. */
  Block intern(Block block) {
    for (Reference<? extends Block> gone = dropped.poll(); gone != null; gone = dropped.poll()) {
      if (gone instanceof Entry entry) {
        entries.remove(entry.hash, entry);
      }
    }
    Block found = find(block.hash, block.size());
    if (found != null && found.sameAs(block)) {
      return found;
    }
    entries.put(block.hash, new Entry(block, dropped));
    return block;
  }
}
