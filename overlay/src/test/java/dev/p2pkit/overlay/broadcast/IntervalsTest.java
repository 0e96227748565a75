// The arithmetic of intervals, on every ring of few places.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalsTest {
  private static PeerRef peer(int place, int places) {
    long spread = Long.divideUnsigned(-1L, places);
    return new PeerRef(new PeerId(new Key(place * spread, place)), new Endpoint("h", 1), 1);
  }

  private static List<PeerRef> ring(int places, int present) {
    List<PeerRef> ring = new ArrayList<>();
    for (int place = 0; place < places; place++) {
      if ((present >> place & 1) == 1) {
        ring.add(peer(place, places));
      }
    }
    return ring;
  }

  /** What a peer knows: everybody, or its two neighbours and whom the mask shows. */
  private static RingView view(List<PeerRef> ring, PeerRef self, boolean partial, int mask) {
    int here = ring.indexOf(self);
    int size = ring.size();
    List<PeerRef> before = size == 1 ? List.of() : List.of(ring.get((here + size - 1) % size));
    List<PeerRef> after = size == 1 ? List.of() : List.of(ring.get((here + 1) % size));
    if (!partial) {
      return RingView.ofSorted(self, true, 1, before, after, SortedPeers.of(ring));
    }
    List<PeerRef> known = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      PeerRef peer = ring.get(i);
      if (peer.equals(self)
          || before.contains(peer)
          || after.contains(peer)
          || (mask >> i & 1) == 1) {
        known.add(peer);
      }
    }
    Key from = size == 1 ? self.id().position() : before.get(0).id().position();
    Key to = size == 1 ? self.id().position() : after.get(0).id().position();
    return RingView.partial(self, true, 1, before, after, SortedPeers.of(known), from, to);
  }

  private static void coversOnce(RingView view, Arc arc, int fanOut, List<PeerRef> everybody) {
    List<Arc> parts = Intervals.divide(view, arc, fanOut);
    PeerId self = view.self().id();
    assertThat(parts.size()).isLessThanOrEqualTo(fanOut + 2);
    for (Arc part : parts) {
      assertThat(Intervals.count(view, part)).isPositive();
      assertThat(Intervals.contains(part, self.position())).isFalse();
    }
    for (PeerRef peer : everybody) {
      Key place = peer.id().position();
      long holders = parts.stream().filter(part -> Intervals.contains(part, place)).count();
      boolean wanted = Intervals.contains(arc, place) && !peer.id().equals(self);
      assertThat(holders)
          .as("%s in %s of %s by %s", place, parts, arc, self)
          .isEqualTo(wanted ? 1 : 0);
    }
  }

  @Test
  void onEveryRingOfSixteenPlacesThePartsOfTheWholeRingCoverEverybodyElseOnce() {
    for (int present = 1; present < 1 << 16; present++) {
      List<PeerRef> ring = ring(16, present);
      PeerRef self = ring.get(present % ring.size());
      RingView view = view(ring, self, false, 0);
      coversOnce(view, Intervals.allBut(self.id().position()), 2 + present % 3, ring);
    }
  }

  @Test
  void onEveryRingOfSevenPlacesThePartsOfEveryIntervalCoverItOnce() {
    for (int present = 1; present < 1 << 7; present++) {
      List<PeerRef> ring = ring(7, present);
      for (PeerRef self : ring) {
        for (int after = 0; after < 7; after++) {
          for (int upTo = 0; upTo < 7; upTo++) {
            Arc arc = new Arc(peer(after, 7).id().position(), peer(upTo, 7).id().position());
            if (Intervals.contains(arc, self.id().position())) {
              coversOnce(view(ring, self, false, 0), arc, 2, ring);
              coversOnce(view(ring, self, false, 0), arc, 16, ring);
            }
          }
        }
      }
    }
  }

  @Test
  void peersThatKnowTheirNeighboursOnlyStillReachEverybodyOnce() {
    for (int present = 1; present < 1 << 10; present++) {
      List<PeerRef> ring = ring(10, present);
      int[] reached = new int[ring.size()];
      PeerRef origin = ring.get(present % ring.size());
      Deque<Object[]> tasks = new ArrayDeque<>();
      tasks.add(new Object[] {origin, Intervals.allBut(origin.id().position())});
      while (!tasks.isEmpty()) {
        Object[] task = tasks.remove();
        PeerRef self = (PeerRef) task[0];
        Arc arc = (Arc) task[1];
        reached[ring.indexOf(self)]++;
        RingView view = view(ring, self, true, present * 31);
        for (Arc part : Intervals.divide(view, arc, 2)) {
          tasks.add(new Object[] {view.member(Intervals.first(view, part)), part});
        }
      }
      assertThat(reached).as("ring %s", Integer.toBinaryString(present)).containsOnly(1);
    }
  }

  @Test
  void theTreeIsAsFlatAsTheFanOutAllowsAndFewStandInItsMiddle() {
    for (int size : new int[] {16, 17, 100, 273, 274, 1_000, 4_369}) {
      List<PeerRef> ring = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        ring.add(peer(i, size));
      }
      int[] inner = new int[1];
      int depth = depth(SortedPeers.of(ring), 0, size, inner);
      double flattest = 0;
      for (double full = 1; full < size; full = 1 + 16 * full) {
        flattest++;
      }
      assertThat((double) depth).as("depth of %d", size).isLessThanOrEqualTo(flattest);
      assertThat(inner[0]).as("inner peers of %d", size).isLessThanOrEqualTo(3 + size / 8);
    }
  }

  /**
   * The depth of the tree over so many peers after one, whose delegates are the first of a part.
   */
  private static int depth(SortedPeers ring, int self, int count, int[] inner) {
    if (count <= 1) {
      return 0;
    }
    inner[0]++;
    PeerRef here = ring.get(self);
    RingView view =
        RingView.ofSorted(
            here,
            true,
            1,
            List.of(ring.get((self + ring.size() - 1) % ring.size())),
            List.of(ring.get((self + 1) % ring.size())),
            ring);
    Key last = ring.get((self + count - 1) % ring.size()).id().position();
    Arc arc = new Arc(Intervals.only(here.id().position()).after(), last);
    int deepest = 0;
    for (Arc part : Intervals.divide(view, arc, 16)) {
      int first = Intervals.first(view, part);
      deepest = Math.max(deepest, depth(ring, first, Intervals.count(view, part), inner));
    }
    return 1 + deepest;
  }
}
