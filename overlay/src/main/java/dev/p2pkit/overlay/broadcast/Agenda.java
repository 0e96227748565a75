// Many deadlines on one timer.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.Effects;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongConsumer;

/**
 * Things to do at certain times, on one timer of the driver. Nothing is taken back: an action
 * checks itself whether it still matters. What is due at the same time is done in the order in
 * which it was put down.
 */
final class Agenda {
  private final Effects effects;
  private final long token;
  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::serial));
  private long serial;
  private long armed = Long.MAX_VALUE;

  private record Entry(long at, long serial, LongConsumer action) {}

  Agenda(Effects effects, long token) {
    this.effects = effects;
    this.token = token;
  }

  /** At that time or soon after; the action is given the time of day then. */
  void at(long when, LongConsumer action) {
    entries.add(new Entry(when, serial++, action));
    arm();
  }

  /** Does what is due. */
  void run(long now) {
    armed = Long.MAX_VALUE;
    for (Entry first = entries.peek(); first != null && first.at() <= now; first = entries.peek()) {
      entries.remove();
      first.action().accept(now);
    }
    arm();
  }

  private void arm() {
    Entry first = entries.peek();
    if (first != null && first.at() < armed) {
      armed = first.at();
      effects.timer(token, armed);
    }
  }
}
