// Whom this peer tells news itself, and whom it leaves to each of them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.EventLanes.Direction;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The peers next to this one in one direction, divided among a few of them: each of these is told,
 * and tells those between itself and the next. The first is the very next peer, the others stand
 * about 2, 4, 8 … places away. Between 2^k and 2^(k+1) places a peer with a link is taken, since
 * any of them will do and a link to another costs both sides a handshake; where there is none, the
 * one before takes these places over too, but not twice in a row, so that news never go much
 * farther round than they would with a link to each.
 *
 * <p>Who has spent much of its budget tells two peers only, the next and the farthest. Where a ring
 * grows fast those who came first have most of the links, and would tell everybody everything.
 */
final class Delegation {
  /** 2^31 places are more than any ring has. */
  private static final int MOST = 31;

  private static final int[] NOBODY = {};

  private final RingCore core;
  private final Direction direction;
  private @Nullable SortedPeers divided;
  private int reach = -1;
  private int linkChanges;
  private int[] offsets = NOBODY;

  Delegation(RingCore core, Direction direction) {
    this.core = core;
    this.direction = direction;
  }

  /** A peer that is told, and where the {@link Stretch} ends that is left to it. */
  record Share(PeerRef to, int end) {}

  /** Divides the stretch from here to an end, as far as somebody there is interested. */
  List<Share> divide(long now, int end) {
    update();
    SortedPeers peers = core.table.peers();
    return shares(now, end, Math.min(reach, Stretch.count(peers, core.self.id(), end, direction)));
  }

  /** Divides all who are interested, up to the one that is concerned. */
  List<Share> divideAll(long now, PeerId concerned) {
    update();
    Coverage coverage = core.ladder.exact();
    int end =
        coverage.complete()
            ? Stretch.endBefore(concerned, direction)
            : Stretch.endOf(coverage, direction);
    return shares(now, end, reach);
  }

  private List<Share> shares(long now, int end, int all) {
    int count = 0;
    while (count < offsets.length && offsets[count] <= all) {
      count++;
    }
    boolean thrifty = core.ladder.purse.thrifty(now);
    List<Share> shares = new ArrayList<>();
    int next;
    for (int i = 0; i < count; i = next) {
      next = thrifty && i == 0 && count > 2 ? count - 1 : i + 1;
      shares.add(
          new Share(
              at(offsets[i]),
              next < count ? Stretch.endBefore(at(offsets[next]).id(), direction) : end));
    }
    return shares;
  }

  /** The peer so many places away. */
  private PeerRef at(int away) {
    SortedPeers peers = core.table.peers();
    int here = peers.indexAtOrAfter(core.self.id().position());
    return peers.get(
        Math.floorMod(here + (direction == Direction.CLOCKWISE ? away : -away), peers.size()));
  }

  private void update() {
    SortedPeers peers = core.table.peers();
    int reaching = Dissemination.reach(core.table, core.ladder.exact(), core.self.id(), direction);
    if (peers != divided || reaching != reach || core.linked.changes() != linkChanges) {
      divided = peers;
      reach = reaching;
      linkChanges = core.linked.changes();
      offsets = reach == 0 ? NOBODY : chosen(nearestLinked(peers), reach);
    }
  }

  /**
   * How far away those are who are told.
   *
   * @param linked for each power of two how far the nearest peer with a link is from there on,
   *     before the next power of two; 0 for none
   * @param reach how many peers there are to tell
   */
  static int[] chosen(int[] linked, int reach) {
    int[] chosen = new int[MOST];
    int count = 0;
    boolean skipped = false;
    for (int power = 0; power < MOST && 1 << power <= reach; power++) {
      if (linked[power] > 0) {
        chosen[count++] = linked[power];
        skipped = false;
      } else if (power == 0 || skipped) {
        chosen[count++] = 1 << power;
        skipped = false;
      } else {
        skipped = true;
      }
    }
    return Arrays.copyOf(chosen, count);
  }

  private int[] nearestLinked(SortedPeers peers) {
    int[] nearest = new int[MOST + 1];
    int here = peers.indexAtOrAfter(core.self.id().position());
    for (PeerId id : core.linked.ids()) {
      int there = peers.indexAtOrAfter(id.position());
      if (there < peers.size() && peers.get(there).id().equals(id)) {
        int steps = direction == Direction.CLOCKWISE ? there - here : here - there;
        int away = Math.floorMod(steps, peers.size());
        if (away > 0 && away <= reach) {
          int power = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(away);
          nearest[power] = nearest[power] == 0 ? away : Math.min(nearest[power], away);
        }
      }
    }
    return nearest;
  }
}
