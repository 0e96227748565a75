// The part of the ring behind a peer that is left to it when news travel.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.EventLanes.Direction;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;

/**
 * A stretch of the ring from a peer, itself not included, to an end. It is told by its end and not
 * by the number of peers in it: whoever gets it may know others there than the one that gave it,
 * and each newcomer is known at least to the peer before it.
 *
 * <p>Of an end there are the upper 32 bits. Clockwise these are the first that lie no more in the
 * stretch, counter-clockwise the last that do. So the peer where the next stretch begins is in no
 * case told twice; two peers that differ in none of these bits may be passed over, and are found by
 * {@link TableComparison}.
 */
final class Stretch {
  private Stretch() {}

  /** The end of a stretch that reaches up to a peer, which is not part of it. */
  static int endBefore(PeerId peer, Direction direction) {
    return prefix(peer.position()) + (direction == Direction.CLOCKWISE ? 0 : 1);
  }

  /** The end of a stretch that reaches as far as somebody's table does. */
  static int endOf(Coverage coverage, Direction direction) {
    return prefix(direction == Direction.CLOCKWISE ? coverage.end() : coverage.start());
  }

  /** Whether a peer lies in the stretch from another one. */
  static boolean contains(PeerId from, int end, PeerId peer, Direction direction) {
    int here = prefix(from.position());
    int there = prefix(peer.position());
    int away = direction == Direction.CLOCKWISE ? there - here : here - there;
    return Integer.compareUnsigned(away, length(here, end, direction)) < 0;
  }

  /** How many of some peers lie in the stretch from one of them. */
  static int count(SortedPeers peers, PeerId from, int end, Direction direction) {
    if (length(prefix(from.position()), end, direction) == 0) {
      return 0;
    }
    int here = peers.indexAtOrAfter(from.position());
    int there = peers.indexAtOrAfter(new Key((long) end << Integer.SIZE, 0));
    return Math.floorMod(
        direction == Direction.CLOCKWISE ? there - here - 1 : here - there, peers.size());
  }

  private static int length(int here, int end, Direction direction) {
    return direction == Direction.CLOCKWISE ? end - here : here - end + 1;
  }

  private static int prefix(Key position) {
    return (int) (position.high() >>> Integer.SIZE);
  }
}
