// The threads that tell what the thread that caused it does not tell itself.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.routing.Inbound;
import io.vertx.core.Context;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Few threads, all started at once and with the peer's class loader: one that was started during a
 * service's turn would keep that service alive.
 */
final class DataThreads {
  private static final int THREADS = 2;
  private static final int EVENT_LOOP_SHARE = 1_000;

  /** What a caller causes itself is mostly one; it shall not work for others. */
  private static final int CALLER_SHARE = 1;

  private final ThreadPoolExecutor executor;

  DataThreads(String name) {
    ClassLoader host = DataThreads.class.getClassLoader();
    AtomicInteger count = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread =
                  new Thread(task, "p2pkit-data-" + name + "-" + count.incrementAndGet());
              thread.setDaemon(true);
              thread.setContextClassLoader(host);
              return thread;
            });
    int unused = executor.prestartAllCoreThreads();
  }

  /** How many a thread that comes by tells before it leaves the rest to this. */
  static int share() {
    return Context.isOnEventLoopThread() ? EVENT_LOOP_SHARE : CALLER_SHARE;
  }

  Teller teller(Consumer<Inbound> receiver) {
    return new Teller(receiver, this::run, EVENT_LOOP_SHARE);
  }

  /** Runs a task soon; false after the end. */
  private boolean run(Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Finishes what was handed over. */
  void stop() {
    executor.shutdown();
  }
}
