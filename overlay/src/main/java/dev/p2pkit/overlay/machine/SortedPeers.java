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
  private final SortedRun[] segments;
  private final int[] starts;

  private SortedPeers(SortedRun[] segments, int[] starts) {
    this.segments = segments;
    this.starts = starts;
  }

  /** Sorts these peers, which are not two of the same id. */
  public static SortedPeers of(Collection<PeerRef> peers) {
    PeerRef[] all = peers.toArray(new PeerRef[0]);
    Arrays.sort(all, (one, other) -> one.id().compareTo(other.id()));
    return ofSegments(List.of(SortedRun.of(all)));
  }

  /** Joins pieces, each of which lies behind the one before. */
  public static SortedPeers ofSegments(List<SortedRun> sorted) {
    int filled = 0;
    for (SortedRun segment : sorted) {
      if (segment.size() > 0) {
        filled++;
      }
    }
    SortedRun[] segments = new SortedRun[filled];
    int[] starts = new int[filled + 1];
    int next = 0;
    for (SortedRun segment : sorted) {
      if (segment.size() > 0) {
        segments[next] = segment;
        starts[next + 1] = starts[next] + segment.size();
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
    return segments[segment].get(index - starts[segment]);
  }

  /** The place of the first peer at or after a position; {@link #size} if all are before it. */
  public int indexAtOrAfter(Key position) {
    int segment = segmentOf(position);
    return segment == segments.length
        ? size()
        : starts[segment] + segments[segment].atOrAfter(position);
  }

  /** The first segment that does not end before a position; their number if all do. */
  private int segmentOf(Key position) {
    // Where the segments are equal parts of the ring, as those of whole tables are, it is this one.
    int guess = (int) (((position.high() >>> Integer.SIZE) * segments.length) >>> Integer.SIZE);
    if (guess < segments.length
        && !segments[guess].endsBefore(position)
        && (guess == 0 || segments[guess - 1].endsBefore(position))) {
      return guess;
    }
    int low = 0;
    int high = segments.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segments[middle].endsBefore(position)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The peer with this id. */
  public Optional<PeerRef> find(PeerId id) {
    int segment = segmentOf(id.position());
    return segment == segments.length ? Optional.empty() : segments[segment].find(id);
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
