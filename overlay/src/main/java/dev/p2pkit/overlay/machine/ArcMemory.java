// What a peer remembers of the messages for an arc, when the arc goes to another peer.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.Key;
import java.util.Optional;

/**
 * The memory of an arc, opaque to the ring: which messages were taken and what became of them. When
 * an arc is handed over in order (a newcomer is admitted, a peer leaves), the memory goes with it,
 * and the heir counts as one that has held the arc since the giver did; see {@link
 * Holding.Tenure#since}. After a death there is nothing to hand over, and the heir holds the arc
 * since then only.
 *
 * <p>Called on the thread of the ring: be quick, and do not call the ring.
 */
public interface ArcMemory {
  /** Nothing is remembered and nothing expected: the heir never counts as holding since earlier. */
  ArcMemory NONE =
      new ArcMemory() {
        @Override
        public Optional<byte[]> give(Key after, Key upTo, int most) {
          return Optional.empty();
        }

        @Override
        public boolean take(Key after, Key upTo, byte[] memory) {
          return false;
        }
      };

  /**
   * The memory of the arc behind {@code after} up to and with {@code upTo}. This peer has stopped
   * to serve it already; what was accepted before is to be part of it.
   *
   * @param most how many bytes it may take
   * @return empty if it does not fit or cannot be told
   */
  Optional<byte[]> give(Key after, Key upTo, int most);

  /**
   * The memory that came with an arc, before this peer begins to serve it.
   *
   * @return whether it was understood and taken whole; if not, this peer counts as holding the arc
   *     since now
   */
  boolean take(Key after, Key upTo, byte[] memory);
}
