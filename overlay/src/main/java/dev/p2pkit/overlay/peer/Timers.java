// The timers of one machine on a real clock.
package dev.p2pkit.overlay.peer;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Timers by token; a token that is set again is moved. Thread-safe; fires on a thread of the
 * executor.
 */
final class Timers {
  private record Armed(long at, ScheduledFuture<?> future) {}

  private final ScheduledExecutorService executor;
  private final LongSupplier clock;
  private final LongConsumer fire;
  private final Map<Long, Armed> armed = new HashMap<>();

  Timers(ScheduledExecutorService executor, LongSupplier clock, LongConsumer fire) {
    this.executor = executor;
    this.clock = clock;
    this.fire = fire;
  }

  synchronized void set(long token, long at) {
    Armed before = armed.get(token);
    if (before != null) {
      if (before.at == at) {
        return;
      }
      before.future.cancel(false);
    }
    long delay = Math.max(0, at - clock.getAsLong());
    try {
      armed.put(
          token,
          new Armed(at, executor.schedule(() -> run(token, at), delay, TimeUnit.MICROSECONDS)));
    } catch (RejectedExecutionException e) {
      armed.remove(token); // after the end nothing fires any more
    }
  }

  synchronized void cancel(long token) {
    Armed before = armed.remove(token);
    if (before != null) {
      before.future.cancel(false);
    }
  }

  private void run(long token, long at) {
    synchronized (this) {
      Armed present = armed.get(token);
      if (present == null || present.at != at) {
        return; // moved or cancelled while this was on its way
      }
      armed.remove(token);
    }
    fire.accept(token);
  }
}
