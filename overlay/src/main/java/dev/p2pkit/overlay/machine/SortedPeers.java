// Many peers in the order of their positions, in segments that several lists may share.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * Peers in the order of their positions, without a second of the same id. Immutable. It consists of
 * segments; a list that differs in one place shares all other segments with the one before, so a
 * view of ten thousand peers costs a few hundred references and not ten thousand.
 */
public final class SortedPeers {
  private final PeerRef[][] segments;
  private final int[] starts;

  private SortedPeers(PeerRef[][] segments, int[] starts) {
    this.segments = segments;
    this.starts = starts;
  }

  /** Sorts these peers, which are not two of the same id. */
  public static SortedPeers of(Collection<PeerRef> peers) {
    PeerRef[] all = peers.toArray(new PeerRef[0]);
    Arrays.sort(all, (one, other) -> one.id().compareTo(other.id()));
    return ofSegments(List.<PeerRef[]>of(all));
  }

  /**
   * Joins arrays that are sorted, each and one after the other. They are not copied: nobody changes
   * them any more.
   */
  public static SortedPeers ofSegments(List<PeerRef[]> sorted) {
    int filled = 0;
    for (PeerRef[] segment : sorted) {
      if (segment.length > 0) {
        filled++;
      }
    }
    PeerRef[][] segments = new PeerRef[filled][];
    int[] starts = new int[filled + 1];
    int next = 0;
    for (PeerRef[] segment : sorted) {
      if (segment.length > 0) {
        segments[next] = segment;
        starts[next + 1] = starts[next] + segment.length;
        next++;
      }
    }
    return new SortedPeers(segments, starts);
  }

  /** How many there are. */
  public int size() {
    return starts[segments.length];
  }

  /**
   * The peer at a place.
   *
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public PeerRef get(int index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException("place " + index + " of " + size() + " peers");
    }
    int found = Arrays.binarySearch(starts, index);
    int segment = found >= 0 ? found : -found - 2;
    return segments[segment][index - starts[segment]];
  }

  /** The place of the first peer at or after a position; {@link #size} if all are before it. */
  public int indexAtOrAfter(Key position) {
    int low = 0;
    int high = segments.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      PeerRef[] segment = segments[middle];
      if (segment[segment.length - 1].id().position().compareTo(position) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == segments.length ? size() : starts[low] + atOrAfter(segments[low], position);
  }

  private static int atOrAfter(PeerRef[] segment, Key position) {
    int low = 0;
    int high = segment.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segment[middle].id().position().compareTo(position) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The peer with this id. */
  public Optional<PeerRef> find(PeerId id) {
    int at = indexAtOrAfter(id.position());
    if (at == size()) {
      return Optional.empty();
    }
    PeerRef candidate = get(at);
    return candidate.id().equals(id) ? Optional.of(candidate) : Optional.empty();
  }

  /** All of them, a view that costs nothing. */
  public List<PeerRef> asList() {
    return new Listed();
  }

  private final class Listed extends AbstractList<PeerRef> implements RandomAccess {
    @Override
    public PeerRef get(int index) {
      return SortedPeers.this.get(index);
    }

    @Override
    public int size() {
      return SortedPeers.this.size();
    }
  }
}
