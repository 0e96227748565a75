// A ring that is there from the beginning, for simulations too large to be joined one by one.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A settled ring: who its members are. Machines made {@link RingMachine#within} it begin as members
 * ({@link RingMachine#form}) with right pointers, tables and ownership, as if they had joined long
 * ago; and all machines made within it, those that join later too, hold equal parts of their tables
 * once, so that a process can have a hundred thousand of them.
 *
 * <pre>{@code
 * FormedRing formed = FormedRing.of(refs);
 * RingMachine ring = peer.host(RingMachine.codecs(), effects -> RingMachine.within(formed, config, effects, listener));
 * peer.run(ring::form);
 * }</pre>
 *
 * <p>For machines that one thread drives: a simulation.
 */
public final class FormedRing {
  final SharedBlocks shared = new SharedBlocks();
  private final SortedPeers peers;
  private final PeerRef[] sorted;
  private final Block[] everything;

  private FormedRing(PeerRef[] sorted) {
    this.sorted = sorted;
    peers = SortedPeers.ofSegments(List.<PeerRef[]>of(sorted));
    everything = cut(Coverage.EVERYTHING);
  }

  /**
   * A ring of these peers, in any order.
   *
   * @throws IllegalArgumentException if there is none, or two have the same id
   */
  public static FormedRing of(Collection<PeerRef> peers) {
    PeerRef[] sorted = peers.toArray(new PeerRef[0]);
    Arrays.sort(sorted, (one, other) -> one.id().compareTo(other.id()));
    if (sorted.length == 0) {
      throw new IllegalArgumentException("a ring has at least one peer");
    }
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i].id().equals(sorted[i - 1].id())) {
        throw new IllegalArgumentException("two peers have the id " + sorted[i].id());
      }
    }
    return new FormedRing(sorted);
  }

  /** The members in the order of their positions. */
  public List<PeerRef> peers() {
    return peers.asList();
  }

  /** The member with this id. */
  public Optional<PeerRef> find(PeerId id) {
    return peers.find(id);
  }

  SortedPeers sorted() {
    return peers;
  }

  /** The blocks of a part of the ring. */
  Block[] blocks(Coverage coverage) {
    return coverage.complete() ? everything : cut(coverage);
  }

  private Block[] cut(Coverage coverage) {
    Block[] blocks = new Block[coverage.count()];
    for (int place = 0; place < blocks.length; place++) {
      int block = coverage.blockAt(place);
      int from = indexOfBlock(block, coverage.bits());
      int to = indexOfBlock(block + 1, coverage.bits());
      blocks[place] = shared.intern(Block.of(Arrays.copyOfRange(sorted, from, to)));
    }
    return blocks;
  }

  private int indexOfBlock(int block, int bits) {
    return block == 1 << bits ? sorted.length : peers.indexAtOrAfter(Coverage.startOf(block, bits));
  }

  /** The peers after a place of the ring, nearest first, at most so many and not that peer. */
  List<PeerRef> after(Key position, int most) {
    return around(position, 1, most);
  }

  /** The peers before a place of the ring, nearest first. */
  List<PeerRef> before(Key position, int most) {
    return around(position, -1, most);
  }

  private List<PeerRef> around(Key position, int step, int most) {
    int at = peers.indexAtOrAfter(position);
    int count = Math.min(most, sorted.length - 1);
    PeerRef[] found = new PeerRef[count];
    for (int i = 0; i < count; i++) {
      found[i] = sorted[Math.floorMod(at + step * (i + 1), sorted.length)];
    }
    return List.of(found);
  }
}
