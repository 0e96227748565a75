// Many deadlines on one timer.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.Effects;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Things to do at certain times, on one timer of the driver. What is due at the same time is done
 * in the order in which it was put down.
 */
final class Agenda {
  private final Effects effects;
  private final long token;
  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(
          Comparator.comparingLong((Entry entry) -> entry.at)
              .thenComparingLong(entry -> entry.serial));
  private long serial;
  private long armed = Long.MAX_VALUE;

  /** Something to do; taken back, it holds on to nothing. */
  static final class Entry {
    private final long at;
    private final long serial;
    private @Nullable LongConsumer action;

    private Entry(long at, long serial, LongConsumer action) {
      this.at = at;
      this.serial = serial;
      this.action = action;
    }
  }

  Agenda(Effects effects, long token) {
    this.effects = effects;
    this.token = token;
  }

  /** At that time or soon after; the action is given the time of day then. */
  Entry at(long when, LongConsumer action) {
    Entry entry = new Entry(when, serial++, action);
    entries.add(entry);
    arm();
    return entry;
  }

  /** Takes something back, if it was put down. */
  static void cancel(@Nullable Entry entry) {
    if (entry != null) {
      entry.action = null;
    }
  }

  /** Does what is due. */
  void run(long now) {
    armed = Long.MAX_VALUE;
    for (Entry first = entries.peek(); first != null && first.at <= now; first = entries.peek()) {
      entries.remove();
      LongConsumer action = first.action;
      if (action != null) {
        action.accept(now);
      }
    }
    arm();
  }

  private void arm() {
    Entry first = entries.peek();
    while (first != null && first.action == null) {
      entries.remove();
      first = entries.peek();
    }
    if (first != null && first.at < armed) {
      armed = first.at;
      effects.timer(token, armed);
    }
  }
}
