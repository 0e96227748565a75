// Has the service runtime look for what takes too long, as long as there is anything.
package dev.p2pkit.peer.service;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again while there is something to look at. A process may host hundreds of peers,
 * most of them without services, and each would wake it up twenty times a second. Thread-safe.
 */
final class Watchdog {
  private final Threads threads;
  private final long everyMillis;
  private final Runnable look;
  private final BooleanSupplier needed;
  private @Nullable Future<?> ticking;

  /**
   * Asleep.
   *
   * @param needed whether there is anything to look at; asked after each look
   */
  Watchdog(Threads threads, long everyMillis, Runnable look, BooleanSupplier needed) {
    this.threads = threads;
    this.everyMillis = everyMillis;
    this.look = look;
    this.needed = needed;
  }

  /** There is something to look at now; called after it has come to be. */
  synchronized void wake() {
    if (ticking == null) {
      try {
        ticking = threads.repeatedly(this::tick, everyMillis);
      } catch (RejectedExecutionException closed) {
        // The runtime is closed, and what it had to do has failed already.
        ticking = null;
      }
    }
  }

  private void tick() {
    look.run();
    synchronized (this) {
      Future<?> own = ticking;
      if (own != null && !needed.getAsBoolean()) {
        own.cancel(false);
        ticking = null;
      }
    }
  }

  /** Whether it looks, for tests. */
  synchronized boolean isAwake() {
    return ticking != null;
  }
}
