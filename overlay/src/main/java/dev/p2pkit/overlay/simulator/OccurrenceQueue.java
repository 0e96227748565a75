// The future of a simulation: a timing wheel, with heaps for the present slot and the far future.
package dev.p2pkit.overlay.simulator;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Occurrences by time, then by the order of scheduling. The next 4.2 seconds are a wheel of slots,
 * each a list without order to which adding costs nothing; a slot becomes a small heap when its
 * time comes. What lies further ahead waits in a heap of its own. With many peers the future has
 * millions of entries, and one big heap would miss the cache on every step.
 */
final class OccurrenceQueue {
  /** A slot is 2^8 µs long: shorter than any delay between peers, so few come into the present. */
  private static final int SLOT_BITS = 8;

  private static final int SLOTS = 1 << 14;
  private static final int MASK = SLOTS - 1;

  private final @Nullable Occurrence[] slots = new Occurrence[SLOTS];

  /** One bit for each slot that holds something. */
  private final long[] occupied = new long[SLOTS / Long.SIZE];

  private final OccurrenceHeap present = new OccurrenceHeap();
  private final OccurrenceHeap far = new OccurrenceHeap();

  /** The slot that is in the heap of the present, counted from time 0. */
  private long current;

  private int inSlots;
  private long scheduled;

  boolean isEmpty() {
    return size() == 0;
  }

  int size() {
    return present.size() + inSlots + far.size();
  }

  /** Adds something; its time must not lie before that of what was removed last. */
  void add(long time, Occurrence item) {
    item.time = time;
    item.order = scheduled++;
    place(item);
  }

  private void place(Occurrence item) {
    long slot = item.time >> SLOT_BITS;
    if (slot <= current) {
      present.add(item);
    } else if (slot - current < SLOTS) {
      int index = (int) slot & MASK;
      item.next = slots[index];
      slots[index] = item;
      occupied[index >> 6] |= 1L << index;
      inSlots++;
    } else {
      far.add(item);
    }
  }

  /** The time of the first; the queue must not be empty. */
  long nextTime() {
    advance();
    return present.nextTime();
  }

  Occurrence remove() {
    advance();
    return present.remove();
  }

  /** Moves on to the next slot that holds something. */
  private void advance() {
    while (present.isEmpty()) {
      if (inSlots > 0) {
        current = nextOccupied();
      } else if (!far.isEmpty()) {
        current = far.nextTime() >> SLOT_BITS;
      } else {
        throw new NoSuchElementException("nothing is scheduled");
      }
      // The wheel reaches further now.
      while (!far.isEmpty() && (far.nextTime() >> SLOT_BITS) - current < SLOTS) {
        place(far.remove());
      }
      open((int) current & MASK);
    }
  }

  private void open(int index) {
    Occurrence item = slots[index];
    slots[index] = null;
    occupied[index >> 6] &= ~(1L << index);
    while (item != null) {
      Occurrence following = item.next;
      item.next = null;
      present.add(item);
      inSlots--;
      item = following;
    }
  }

  /** The first slot after the present one that holds something; there is one. */
  private long nextOccupied() {
    int begin = (int) (current + 1) & MASK;
    int word = begin >> 6;
    long bits = occupied[word] & (-1L << begin);
    while (bits == 0) {
      word = (word + 1) & (occupied.length - 1);
      bits = occupied[word];
    }
    int index = (word << 6) + Long.numberOfTrailingZeros(bits);
    return current + 1 + ((index - begin) & MASK);
  }
}
