// Some peers in the order of their positions, as one piece of a longer list.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * Peers in the order of their positions, without a second of the same id. Immutable, and one piece
 * of many {@link SortedPeers} at once. It knows the upper halves of the positions: a search among
 * them stays within a line or two of the cache, where one among the peers would miss it at each of
 * them.
 */
public final class SortedRun {
  private final PeerRef[] refs;
  private final long[] highs;

  /**
   * Peers that are sorted. The arrays are not copied: nobody changes them any more.
   *
   * @param highs the upper halves of their positions
   */
  public SortedRun(PeerRef[] refs, long[] highs) {
    this.refs = refs;
    this.highs = highs;
  }

  /** Peers that are sorted. The array is not copied: nobody changes it any more. */
  public static SortedRun of(PeerRef[] refs) {
    long[] highs = new long[refs.length];
    for (int i = 0; i < refs.length; i++) {
      highs[i] = refs[i].id().position().high();
    }
    return new SortedRun(refs, highs);
  }

  /** How many there are. */
  public int size() {
    return highs.length;
  }

  /** The peer at a place, which must be one. */
  public PeerRef get(int at) {
    return refs[at];
  }

  /** The place of the first peer at or after a position; {@link #size} if all are before it. */
  public int atOrAfter(Key position) {
    int low = 0;
    int high = highs.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isBefore(middle, position)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean isBefore(int at, Key position) {
    int order = Long.compareUnsigned(highs[at], position.high());
    return (order == 0 ? refs[at].id().position().compareTo(position) : order) < 0;
  }

  /** Whether all of them are before a position. */
  boolean endsBefore(Key position) {
    return highs.length == 0 || isBefore(highs.length - 1, position);
  }

  /** The peer with this id. */
  Optional<PeerRef> find(PeerId id) {
    int at = atOrAfter(id.position());
    return at < refs.length && refs[at].id().equals(id) ? Optional.of(refs[at]) : Optional.empty();
  }
}
