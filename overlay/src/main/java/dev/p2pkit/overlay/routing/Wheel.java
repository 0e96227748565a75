// When what must be looked at again: one hashed timing wheel for all calls, one for all passages.
package dev.p2pkit.overlay.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A hashed timing wheel with slots of 1,024 µs, threaded through its entries: setting and clearing
 * an entry's time is a few pointers. It wakes at the start of the slot, so never after the time
 * that was set, as far as the driver is on time. Few entries need no wheel: they are one chain, and
 * a peer that sends little holds no slots.
 */
final class Wheel<E extends Wheel.Entry<E>> {
  /** What can be in a wheel. */
  abstract static class Entry<E extends Entry<E>> {
    /** Entries that are due at once are looked at in this order. */
    final long id;

    long wakeAt;
    boolean inWheel;
    @Nullable E wheelNext;
    @Nullable E wheelPrevious;

    Entry(long id) {
      this.id = id;
    }
  }

  private static final int SHIFT = 10;
  private static final int SLOTS = 2_048;

  /** So many entries are searched as fast as slots. */
  private static final int FEW = 32;

  private @Nullable Object[] slots = new @Nullable Object[1];
  private long[] occupied = new long[1];
  private long tick;
  private int size;

  /** Whether a time has come, at the precision of the wheel. */
  static boolean due(long at, long now) {
    return at >> SHIFT <= now >> SHIFT;
  }

  void set(E call, long at, long now) {
    clear(call);
    if (size == 0) {
      tick = now >> SHIFT;
    } else if (size == FEW && slots.length == 1) {
      widen();
    }
    call.wakeAt = Math.max(at, (tick + 1) << SHIFT);
    place(call);
    call.inWheel = true;
    size++;
  }

  private void widen() {
    E call = head(0);
    slots = new @Nullable Object[SLOTS];
    occupied = new long[SLOTS / Long.SIZE];
    while (call != null) {
      E next = call.wheelNext;
      call.wheelPrevious = null;
      place(call);
      call = next;
    }
  }

  private void place(E call) {
    int slot = slot(call);
    E head = head(slot);
    call.wheelNext = head;
    if (head != null) {
      head.wheelPrevious = call;
    }
    slots[slot] = call;
    occupied[slot >> 6] |= 1L << slot;
  }

  @SuppressWarnings("unchecked") // only set() and clear() write, and they take an E
  private @Nullable E head(int slot) {
    return (E) slots[slot];
  }

  private int slot(Entry<?> call) {
    return (int) (call.wakeAt >> SHIFT) & (slots.length - 1);
  }

  void clear(E call) {
    if (!call.inWheel) {
      return;
    }
    E previous = call.wheelPrevious;
    E next = call.wheelNext;
    if (next != null) {
      next.wheelPrevious = previous;
    }
    if (previous != null) {
      previous.wheelNext = next;
    } else {
      int slot = slot(call);
      slots[slot] = next;
      if (next == null) {
        occupied[slot >> 6] &= ~(1L << slot);
      }
    }
    call.wheelNext = null;
    call.wheelPrevious = null;
    call.inWheel = false;
    size--;
    if (size == 0 && slots.length > 1) {
      slots = new @Nullable Object[1];
      occupied = new long[1];
    }
  }

  /** Takes out the entries whose time has come, in the order of their ids. */
  List<E> due(long now) {
    List<E> due = new ArrayList<>();
    long until = now >> SHIFT;
    if (size > 0) {
      long last = Math.min(until, tick + slots.length);
      for (long at = tick + 1; at <= last; at++) {
        E call = head((int) at & (slots.length - 1));
        while (call != null) {
          E next = call.wheelNext;
          if (call.wakeAt >> SHIFT <= until) {
            clear(call);
            due.add(call);
          }
          call = next;
        }
      }
    }
    tick = Math.max(tick, until);
    due.sort((one, other) -> Long.compare(one.id, other.id));
    return due;
  }

  /** When to look again; {@link Long#MAX_VALUE} if nothing waits. */
  long next() {
    if (size == 0) {
      return Long.MAX_VALUE;
    }
    if (slots.length == 1) {
      long earliest = Long.MAX_VALUE;
      for (E call = head(0); call != null; call = call.wheelNext) {
        earliest = Math.min(earliest, call.wakeAt);
      }
      return earliest >> SHIFT << SHIFT;
    }
    int start = (int) (tick + 1) & (SLOTS - 1);
    for (int passed = 0; passed < SLOTS + Long.SIZE; ) {
      int slot = (start + passed) & (SLOTS - 1);
      long rest = occupied[slot >> 6] >>> slot;
      if (rest != 0) {
        return (tick + 1 + passed + Long.numberOfTrailingZeros(rest)) << SHIFT;
      }
      passed += Long.SIZE - (slot & (Long.SIZE - 1));
    }
    throw new IllegalStateException("a wheel with " + size + " calls has no occupied slot");
  }
}
