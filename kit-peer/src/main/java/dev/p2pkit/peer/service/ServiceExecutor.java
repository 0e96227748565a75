// The threads of one version of a service: they are there when it asks for them, and end with it.
package dev.p2pkit.peer.service;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks of a service beside its turns. Its threads have the service's class loader, so they
 * must not outlive the version: {@link #close} interrupts them and forgets what waits. Thread-safe.
 */
final class ServiceExecutor implements Executor, AutoCloseable {
  /** How many tasks of one version run at a time. */
  static final int MOST_THREADS = 4;

  /** How many wait. */
  static final int MOST_WAITING = 1_024;

  private static final long IDLE_SECONDS = 10;

  private final ServiceKey key;
  private @Nullable ClassLoader loader;
  private @Nullable ThreadPoolExecutor pool;
  private boolean closed;

  ServiceExecutor(ServiceKey key) {
    this.key = key;
  }

  /** The context class loader of its threads; before the first task. */
  synchronized void use(ClassLoader serviceLoader) {
    loader = serviceLoader;
  }

  /**
   * Runs a task soon.
   *
   * @throws RejectedExecutionException if the version has ended, or too many tasks wait
   */
  @Override
  public void execute(Runnable task) {
    pool().execute(task);
  }

  private synchronized ThreadPoolExecutor pool() {
    if (closed) {
      throw new RejectedExecutionException(
          "this version of " + key + " has ended, and its executor with it");
    }
    ThreadPoolExecutor present = pool;
    if (present == null) {
      present = start(loader);
      pool = present;
    }
    return present;
  }

  private ThreadPoolExecutor start(@Nullable ClassLoader serviceLoader) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor made =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread =
                  new Thread(
                      null,
                      task,
                      "p2pkit-service-" + key + "-" + number.incrementAndGet(),
                      0,
                      false);
              thread.setDaemon(true);
              thread.setContextClassLoader(serviceLoader);
              return thread;
            },
            (task, full) -> {
              throw new RejectedExecutionException(
                  full.isShutdown()
                      ? "this version of " + key + " has ended, and its executor with it"
                      : MOST_WAITING + " tasks of " + key + " wait already; start them later");
            });
    made.allowCoreThreadTimeOut(true);
    return made;
  }

  /** Interrupts what runs and forgets what waits. */
  @Override
  public synchronized void close() {
    closed = true;
    if (pool != null) {
      pool.shutdownNow();
      pool = null;
    }
  }
}
