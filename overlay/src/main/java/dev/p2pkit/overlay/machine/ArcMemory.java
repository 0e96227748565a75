// What a peer remembers of the messages for an arc, when the arc goes to another peer.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.Key;
import java.util.List;
import java.util.Optional;

/**
 * The memory of an arc, opaque to the ring: which messages were taken and what became of them. When
 * an arc is handed over in order (a newcomer is admitted, a peer leaves), the memory goes with it,
 * and the heir counts as one that has held the arc since the giver did; see {@link
 * Holding.Tenure#since}. After a death there is nothing to hand over, and the heir holds the arc
 * since then only.
 *
 * <p>What is large goes ahead in parts while the giver still serves; with the arc itself goes only
 * what has come since. Each part is true for itself whatever follows: an heir may take parts and
 * never get the arc.
 *
 * <p>Called on the thread of the ring: be quick, and do not call the ring.
 */
public interface ArcMemory {
  /** Nothing is remembered and nothing expected: the heir never counts as holding since earlier. */
  ArcMemory NONE =
      new ArcMemory() {
        @Override
        public Optional<Copy> copy(Key after, Key upTo, long since, int most) {
          return Optional.empty();
        }

        @Override
        public Optional<byte[]> give(Key after, Key upTo, long since, int most) {
          return Optional.empty();
        }

        @Override
        public boolean take(Key after, Key upTo, byte[] memory) {
          return false;
        }
      };

  /**
   * A copy of a memory.
   *
   * @param parts each to be taken for itself, in any order; none if nothing is remembered
   * @param mark for a later call, which then tells only what has come after this one
   */
  record Copy(List<byte[]> parts, long mark) {
    public Copy {
      parts = List.copyOf(parts);
    }

    /** How many bytes all parts have together. */
    public long bytes() {
      return parts.stream().mapToLong(part -> part.length).sum();
    }
  }

  /**
   * The memory of the arc behind {@code after} up to and with {@code upTo}, which this peer goes on
   * to serve.
   *
   * @param since only what has come after the copy with this mark; 0 for everything
   * @param most how many bytes a part may have; at least 4,096
   * @return empty if it cannot be told
   */
  Optional<Copy> copy(Key after, Key upTo, long since, int most);

  /**
   * The same in one piece, of an arc that this peer has stopped to serve: what was accepted before
   * is to be part of it, or of the copy with the mark.
   *
   * @param most how many bytes it may take
   * @return empty if it does not fit or cannot be told
   */
  Optional<byte[]> give(Key after, Key upTo, long since, int most);

  /**
   * A part of the memory of an arc, or what comes with the arc before this peer begins to serve it.
   *
   * @return whether it was understood and taken whole; if not, this peer counts as holding the arc
   *     since it gets it
   */
  boolean take(Key after, Key upTo, byte[] memory);
}
