// All links of a simulation in flat arrays.
package dev.p2pkit.overlay.simulator;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * The links between simulated peers, as each of their two ends sees them. There is at most one
 * between two peers, whoever dialled. A link is a number; its end at a peer is twice that number
 * plus 0 or 1. A million peers have tens of millions of links, so nothing here is an object; a link
 * that is down at both ends and has nothing to remember is forgotten.
 */
final class LinkTable {
  static final int NONE = -1;

  static final byte DOWN = 0;
  static final byte DIALLING = 1;
  static final byte UP = 2;

  private static final int SMALLEST = 64;

  /** By end: the peer, by its index. */
  private int[] peers = new int[2 * SMALLEST];

  private byte[] states = new byte[2 * SMALLEST];

  /** By end: whether what the other end sends is cut off from here. */
  private boolean[] deaf = new boolean[2 * SMALLEST];

  /** By end: when the last message in order arrives here. */
  private long[] lastArrivals = new long[2 * SMALLEST];

  /** By end: messages of this opening of the link, and of earlier ones, arrive no more. */
  private int[] closedUpTo = new int[2 * SMALLEST];

  /** By end: the dial that is under way. */
  private int[] dials = new int[2 * SMALLEST];

  /** By end: the ends of the same peer before and after it, in the order of their making. */
  private int[] earlier = new int[2 * SMALLEST];

  private int[] later = new int[2 * SMALLEST];

  /** By link: grows over all links of the simulation, so that a number can be used again. */
  private int[] openings = new int[SMALLEST];

  /** By peer: its first and last end. */
  private int[] firsts = new int[SMALLEST];

  private int[] lasts = new int[SMALLEST];

  /** Open addressing: link + 1 by the two peers, 0 where nothing is. */
  private int[] slots = new int[4 * SMALLEST];

  private int size;
  private int used;
  private int free = NONE;
  private int opened;
  private int dialled;

  /** By end. Of millions of links few wait. For look-ups only, nothing depends on its order. */
  private final Map<Integer, Queue<Parcel>> waiting = new HashMap<>();

  int size() {
    return size;
  }

  /** Makes room for one more peer. */
  void addPeer(int peer) {
    if (peer >= firsts.length) {
      firsts = Arrays.copyOf(firsts, 2 * firsts.length);
      lasts = Arrays.copyOf(lasts, 2 * lasts.length);
    }
    firsts[peer] = NONE;
    lasts[peer] = NONE;
  }

  private static long pair(int one, int other) {
    return ((long) Math.min(one, other) << 32) | Math.max(one, other);
  }

  private int home(long pair) {
    return (int) ((pair * 0x9E3779B97F4A7C15L) >>> 32) & (slots.length - 1);
  }

  private long pairOf(int link) {
    return pair(peers[2 * link], peers[2 * link + 1]);
  }

  private int slotOf(long pair) {
    int mask = slots.length - 1;
    int at = home(pair);
    while (slots[at] != 0 && pairOf(slots[at] - 1) != pair) {
      at = (at + 1) & mask;
    }
    return at;
  }

  /** The link between two peers, or {@link #NONE}. */
  int find(int one, int other) {
    return slots[slotOf(pair(one, other))] - 1;
  }

  /** The end at the first of the two peers; made if there is no link. */
  int endBetween(int one, int other) {
    int slot = slotOf(pair(one, other));
    if (slots[slot] != 0) {
      return endAt(slots[slot] - 1, one);
    }
    if (2 * (size + 1) > slots.length) {
      rehash();
      slot = slotOf(pair(one, other));
    }
    int link = take();
    slots[slot] = link + 1;
    size++;
    prepare(2 * link, one);
    prepare(2 * link + 1, other);
    openings[link] = opened;
    return 2 * link;
  }

  private int take() {
    if (free != NONE) {
      int link = free;
      free = later[2 * link];
      return link;
    }
    if (used == openings.length) {
      int wider = used + (used >> 1);
      openings = Arrays.copyOf(openings, wider);
      peers = Arrays.copyOf(peers, 2 * wider);
      states = Arrays.copyOf(states, 2 * wider);
      deaf = Arrays.copyOf(deaf, 2 * wider);
      lastArrivals = Arrays.copyOf(lastArrivals, 2 * wider);
      closedUpTo = Arrays.copyOf(closedUpTo, 2 * wider);
      dials = Arrays.copyOf(dials, 2 * wider);
      earlier = Arrays.copyOf(earlier, 2 * wider);
      later = Arrays.copyOf(later, 2 * wider);
    }
    return used++;
  }

  private void prepare(int end, int peer) {
    peers[end] = peer;
    states[end] = DOWN;
    deaf[end] = false;
    lastArrivals[end] = 0;
    // Whatever is still on its way belongs to a link that had this number before.
    closedUpTo[end] = opened;
    dials[end] = 0;
    earlier[end] = lasts[peer];
    later[end] = NONE;
    if (lasts[peer] == NONE) {
      firsts[peer] = end;
    } else {
      later[lasts[peer]] = end;
    }
    lasts[peer] = end;
  }

  private void rehash() {
    int[] old = slots;
    slots = new int[2 * old.length];
    for (int entry : old) {
      if (entry != 0) {
        slots[slotOf(pairOf(entry - 1))] = entry;
      }
    }
  }

  /** Forgets a link of which nothing has to be remembered. */
  void forgetIfIdle(int link) {
    int end = 2 * link;
    if (states[end] != DOWN || states[end + 1] != DOWN || deaf[end] || deaf[end + 1]) {
      return;
    }
    removeSlot(slotOf(pairOf(link)));
    unlist(end);
    unlist(end + 1);
    waiting.remove(end);
    waiting.remove(end + 1);
    later[end] = free;
    free = link;
    size--;
  }

  private void removeSlot(int slot) {
    int mask = slots.length - 1;
    int hole = slot;
    int at = hole;
    while (true) {
      at = (at + 1) & mask;
      if (slots[at] == 0) {
        break;
      }
      // An entry may move into the hole unless its home lies behind the hole.
      if (((at - home(pairOf(slots[at] - 1))) & mask) >= ((at - hole) & mask)) {
        slots[hole] = slots[at];
        hole = at;
      }
    }
    slots[hole] = 0;
  }

  private void unlist(int end) {
    int peer = peers[end];
    if (earlier[end] == NONE) {
      firsts[peer] = later[end];
    } else {
      later[earlier[end]] = later[end];
    }
    if (later[end] == NONE) {
      lasts[peer] = earlier[end];
    } else {
      earlier[later[end]] = earlier[end];
    }
  }

  /** The ends of a peer, in the order in which its links were made. */
  int[] endsOf(int peer) {
    int count = 0;
    for (int end = firsts[peer]; end != NONE; end = later[end]) {
      count++;
    }
    int[] ends = new int[count];
    int at = 0;
    for (int end = firsts[peer]; end != NONE; end = later[end]) {
      ends[at++] = end;
    }
    return ends;
  }

  static int link(int end) {
    return end >> 1;
  }

  static int opposite(int end) {
    return end ^ 1;
  }

  int endAt(int link, int peer) {
    return peers[2 * link] == peer ? 2 * link : 2 * link + 1;
  }

  int peer(int end) {
    return peers[end];
  }

  byte state(int end) {
    return states[end];
  }

  void state(int end, byte state) {
    states[end] = state;
  }

  boolean deaf(int end) {
    return deaf[end];
  }

  void deaf(int end, boolean cut) {
    deaf[end] = cut;
  }

  /** The links that are cut off in some direction. */
  int[] deafLinks() {
    int[] found = new int[used];
    int count = 0;
    for (int link = 0; link < used; link++) {
      if (deaf[2 * link] || deaf[2 * link + 1]) {
        found[count++] = link;
      }
    }
    return Arrays.copyOf(found, count);
  }

  long lastArrival(int end) {
    return lastArrivals[end];
  }

  void lastArrival(int end, long at) {
    lastArrivals[end] = at;
  }

  int opening(int link) {
    return openings[link];
  }

  /** Opens a link anew. */
  void open(int link) {
    openings[link] = ++opened;
  }

  /** The present opening of the link is over at this end. */
  void close(int end) {
    states[end] = DOWN;
    closedUpTo[end] = openings[link(end)];
  }

  /** What belongs to the present opening does not arrive at this end any more. */
  void closeOpening(int end) {
    closedUpTo[end] = openings[link(end)];
  }

  int closedUpTo(int end) {
    return closedUpTo[end];
  }

  /** A dial begins at this end; returns its number. */
  int dial(int end) {
    states[end] = DIALLING;
    dials[end] = ++dialled;
    return dialled;
  }

  /** Whether this dial is still under way. */
  boolean isDialling(int end, int dial) {
    return states[end] == DIALLING && dials[end] == dial;
  }

  /** Keeps a message until the link is up; false if too many wait. */
  boolean keep(int end, Parcel parcel, int most) {
    Queue<Parcel> queue = waiting.computeIfAbsent(end, key -> new ArrayDeque<>());
    return queue.size() < most && queue.add(parcel);
  }

  /** The messages that waited, which now wait no more. */
  Queue<Parcel> takeWaiting(int end) {
    Queue<Parcel> queue = waiting.remove(end);
    return queue == null ? new ArrayDeque<>(0) : queue;
  }
}
