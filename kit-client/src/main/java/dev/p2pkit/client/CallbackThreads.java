// Where a client's stages complete when its program names no executor.
package dev.p2pkit.client;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two daemon threads, so that a callback that waits for another call of its client does not wait
 * for itself. After the end, what is still handed over runs on the caller's thread: a stage that
 * nobody completes would be worse.
 */
final class CallbackThreads implements Executor {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(
          2,
          2,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            Thread thread = new Thread(task, "p2pkit-client-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          },
          (task, full) -> task.run());

  CallbackThreads() {
    pool.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Lets what was handed over finish and ends the threads. */
  void close() {
    pool.shutdown();
  }
}
