// A ring that is there from the beginning, for simulations too large to be joined one by one.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.SortedRun;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

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
  /** More parts than members of the largest networks are of no use. */
  private static final int MOST_BITS = 22;

  final SharedBlocks shared = new SharedBlocks();
  private final SortedPeers peers;
  private final PeerRef[] sorted;

  /** Where the peers of each of 2^bits equal parts of the ring begin. */
  private final int[] starts;

  private final int bits;

  /** By the part of the ring that is covered, for look-ups only: all have the same shape. */
  private final Map<Coverage, FormedTable> tables = new HashMap<>();

  private FormedRing(PeerRef[] sorted) {
    this.sorted = sorted;
    peers = SortedPeers.ofSegments(List.of(SortedRun.of(sorted)));
    bits =
        Math.min(
            MOST_BITS, Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(sorted.length)));
    starts = new int[1 << bits];
    int at = 0;
    for (int part = 0; part < starts.length; part++) {
      while (at < sorted.length && partOf(sorted[at].id().position()) < part) {
        at++;
      }
      starts[part] = at;
    }
  }

  private int partOf(Key position) {
    return (int) (position.high() >>> (Long.SIZE - bits));
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

  PeerRef get(int index) {
    return sorted[index];
  }

  /** The place of the first member at or after a position; the size if all are before it. */
  int indexAtOrAfter(Key position) {
    int at = starts[partOf(position)];
    while (at < sorted.length && sorted[at].id().position().compareTo(position) < 0) {
      at++;
    }
    return at;
  }

  /** The place of the first member behind the one of 2^width equal parts that begins there. */
  int indexAtOrAfter(Key start, int width) {
    Key end = width == 0 ? Key.ZERO : start.plus(new Key(1L << (Long.SIZE - width), 0));
    return end.equals(Key.ZERO) ? sorted.length : indexAtOrAfter(end);
  }

  /** The table of the peers that cover a part of the ring; drawn for the first that asks. */
  FormedTable table(Coverage coverage, Supplier<FormedTable> draw) {
    return tables.computeIfAbsent(coverage, part -> draw.get());
  }

  /** The blocks of a part of the ring. */
  Block[] blocks(Coverage coverage) {
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
    return block == 1 << bits ? sorted.length : indexAtOrAfter(Coverage.startOf(block, bits));
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
    int at = indexAtOrAfter(position);
    int count = Math.min(most, sorted.length - 1);
    PeerRef[] found = new PeerRef[count];
    for (int i = 0; i < count; i++) {
      found[i] = sorted[Math.floorMod(at + step * (i + 1), sorted.length)];
    }
    return List.of(found);
  }
}
