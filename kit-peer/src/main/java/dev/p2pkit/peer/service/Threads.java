// The threads of the runtime: for turns, for loading and upgrading, for timers.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Execution;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All threads that the runtime uses; started before any service runs. */
final class Threads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

  /** Loading and upgrades; few, because they are rare, but not one, because one may be stuck. */
  private static final int CHANGERS = 2;

  private static final AtomicBoolean FELL_BACK = new AtomicBoolean();

  private final WorkerPool workers;
  private final WorkerPool changers;
  private final WorkerPool reports;
  private final ScheduledThreadPoolExecutor timer;
  private final Optional<ExecutorService> virtual;

  Threads(RuntimeConfig config) {
    workers = new WorkerPool("p2pkit-turn", config.workers());
    changers = new WorkerPool("p2pkit-change", CHANGERS);
    reports = new WorkerPool("p2pkit-service-reports", 1);
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(null, task, "p2pkit-turn-timer", 0, false);
              thread.setDaemon(true);
              thread.setContextClassLoader(Threads.class.getClassLoader());
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.prestartAllCoreThreads();
    virtual = virtualThreads();
  }

  /** Says once in this process that there are no virtual threads, if a service asks for them. */
  void checkSupport(ServiceKey key, Execution execution) {
    if (execution == Execution.VIRTUAL
        && virtual.isEmpty()
        && FELL_BACK.compareAndSet(false, true)) {
      LOG.info(
          "{} asks for virtual threads, which this Java ({}) does not have; its turns run on the"
              + " pool, as in mode WORKER; from Java 21 on they have virtual threads",
          key,
          Runtime.version().feature());
    }
  }

  /** Where turns of this kind run if they do not run on the thread that brings a message. */
  Executor turns(Execution execution) {
    return execution == Execution.VIRTUAL && virtual.isPresent() ? virtual.get() : workers;
  }

  /** Whether turns of this kind run on virtual threads. */
  boolean onVirtual(Execution execution) {
    return execution == Execution.VIRTUAL && virtual.isPresent();
  }

  /**
   * Replaces the threads on which services' code has run: what it has left in their thread-locals
   * would keep its classes. Event loops stay.
   */
  void renew() {
    workers.renew();
    changers.renew();
  }

  WorkerPool workers() {
    return workers;
  }

  WorkerPool changers() {
    return changers;
  }

  /** One thread, so that what is reported stays in order. */
  WorkerPool reports() {
    return reports;
  }

  /** Runs something short after a while, on the thread of the timers. */
  Future<?> later(Runnable task, long delayNanos) {
    return timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
  }

  /** Runs something short again and again, until it is cancelled or the threads are closed. */
  Future<?> repeatedly(Runnable task, long everyMillis) {
    Runnable careful =
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            // Thrown on, it would end the repetition.
            LOG.error("a repeated task of the service runtime failed", e);
          }
        };
    return timer.scheduleWithFixedDelay(careful, everyMillis, everyMillis, TimeUnit.MILLISECONDS);
  }

  /** Virtual threads are there from Java 21 on; this is compiled for 17. */
  private static Optional<ExecutorService> virtualThreads() {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
      type.getMethod("name", String.class, long.class).invoke(builder, "p2pkit-virtual-", 0L);
      type.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(builder, false);
      ThreadFactory factory = (ThreadFactory) type.getMethod("factory").invoke(builder);
      return Optional.of(
          (ExecutorService)
              Executors.class
                  .getMethod("newThreadPerTaskExecutor", ThreadFactory.class)
                  .invoke(null, factory));
    } catch (NoSuchMethodException e) {
      return Optional.empty();
    } catch (ClassNotFoundException | IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("this Java has virtual threads of an unknown kind", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.close();
    changers.close();
    reports.close();
    virtual.ifPresent(ExecutorService::shutdownNow);
  }
}
