// A table on its way to cover more of the ring.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ladder.Rungs;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.MembershipMessage.BlockHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.sdk.Key;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fetches the members of what a table is to cover beyond what it covers, from peers that cover it,
 * bit by bit. Until all is there the table counts as covering what it did before.
 */
final class Widening {
  enum Progress {
    GOING_ON,
    DONE,
    GIVEN_UP
  }

  /** A peer covers at least so many blocks around itself. */
  private static final int BLOCKS_AT_ONCE = 8;

  private static final int QUESTIONS_AT_ONCE = 8;
  private static final int CANDIDATES = 5;
  private static final int MOST_BITS = 18;
  private static final long LIMIT = 600_000_000;

  private final RingCore core;
  private final Rungs target;
  private final Coverage before;
  private final Coverage after;
  private final long until;
  private final BitSet missing = new BitSet();
  private int next;
  private int questions;

  Widening(RingCore core, Rungs target, Coverage before, Coverage after, long now) {
    this.core = core;
    this.target = target;
    this.before = before;
    this.after = after;
    until = now + LIMIT;
    if (before.bits() <= MOST_BITS) {
      for (int block = 0; block < 1 << before.bits(); block++) {
        if (before.placeOfBlock(block) < 0
            && after.covers(Coverage.startOf(block, before.bits()))) {
          missing.set(block);
        }
      }
    }
  }

  Rungs target() {
    return target;
  }

  Coverage before() {
    return before;
  }

  Progress tick(long now) {
    if (before.bits() > MOST_BITS || now >= until) {
      return Progress.GIVEN_UP;
    }
    if (missing.isEmpty()) {
      return Progress.DONE;
    }
    int most = core.ladder.purse.poor(now) ? 1 : QUESTIONS_AT_ONCE;
    for (int i = 0; i < most; i++) {
      int block = missing.nextSetBit(next);
      if (block < 0) {
        next = 0;
        break;
      }
      ask(block & -BLOCKS_AT_ONCE);
      next = (block & -BLOCKS_AT_ONCE) + BLOCKS_AT_ONCE;
    }
    return Progress.GOING_ON;
  }

  private void ask(int first) {
    Key from = Coverage.startOf(first, before.bits());
    SortedPeers known = core.known.all();
    // Whoever stands in the middle of these blocks covers them all, if its arc is as wide as ours.
    Key middle = Coverage.startOf(first + BLOCKS_AT_ONCE / 2, before.bits());
    Map<Key, PeerRef> nearest = new TreeMap<>();
    int at = known.indexAtOrAfter(from);
    for (int i = 0; i < Math.min(known.size(), 2 * BLOCKS_AT_ONCE); i++) {
      PeerRef ref = known.get(Math.floorMod(at + i - BLOCKS_AT_ONCE, known.size()));
      Key there = ref.id().position();
      Key ahead = middle.distanceTo(there);
      Key behind = there.distanceTo(middle);
      if (!core.isSelf(ref.id())) {
        nearest.put(ahead.compareTo(behind) < 0 ? ahead : behind, ref);
      }
    }
    if (nearest.isEmpty()) {
      return;
    }
    // The nearest may have gone without this peer's knowing: another one is asked the next time.
    List<PeerRef> inOrder = List.copyOf(nearest.values());
    PeerRef best = inOrder.get(questions++ % Math.min(inOrder.size(), CANDIDATES));
    BitSet asked = new BitSet(BLOCKS_AT_ONCE);
    asked.set(0, BLOCKS_AT_ONCE);
    int[] hashes = new int[BLOCKS_AT_ONCE];
    for (int i = 0; i < hashes.length; i++) {
      // What is missing gets a hash that nobody has, so that it is told even if it is empty.
      int mine = BlockHashes.folded(core.table.hashOf(before.bits(), first + i).orElse(0));
      hashes[i] = missing.get(first + i) ? ~mine : mine;
    }
    core.effects.send(best, new BlockHashes(before.bits(), first, asked, hashes, false));
  }

  /** Somebody has told all the members of some blocks. */
  void received(Records records) {
    if (records.bits() == before.bits()) {
      for (int place = records.complete().nextSetBit(0);
          place >= 0;
          place = records.complete().nextSetBit(place + 1)) {
        missing.clear(records.block(place));
      }
    }
  }

  Coverage after() {
    return after;
  }
}
