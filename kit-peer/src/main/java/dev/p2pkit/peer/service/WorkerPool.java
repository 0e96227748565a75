// A fixed number of threads, any of which can be given up and replaced while it is stuck.
package dev.p2pkit.peer.service;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that are all started at once, by the peer and with the peer's class loader: a thread that
 * was started during a turn would inherit the service's and keep it alive. A thread that is stuck
 * in a turn is given up ({@link #abandon}): another takes its place, and it ends when it comes
 * back. When code that ran here is to be unloaded, all threads are replaced ({@link #renew}): a
 * thread-local of that code would live as long as its thread.
 */
final class WorkerPool implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

  private final String name;
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final java.util.Set<Worker> workers = java.util.concurrent.ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private int started;

  WorkerPool(String name, int threads) {
    this.name = name;
    for (int i = 0; i < threads; i++) {
      startWorker();
    }
  }

  private synchronized void startWorker() {
    if (!closed) {
      Worker worker = new Worker(name + "-" + started++);
      workers.add(worker);
      worker.start();
    }
  }

  /** Runs a task soon; after {@link #close} it is forgotten. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Whether this is a thread of the pool. */
  boolean owns(Thread thread) {
    return thread instanceof Worker worker && worker.pool() == this;
  }

  /**
   * Gives up a thread that is in a task, interrupts it and starts another. The caller makes sure
   * that the task cannot end while this runs.
   */
  void abandon(Thread thread) {
    if (thread instanceof Worker worker && worker.pool() == this && !worker.abandoned) {
      worker.abandoned = true;
      workers.remove(worker);
      startWorker();
      worker.interrupt();
    }
  }

  /**
   * Replaces each thread, at once if it is idle, else when its task has ended. Until then there is
   * no other in its place, so that there are never more threads than before.
   */
  void renew() {
    workers.forEach(Worker::retire);
  }

  @Override
  public synchronized void close() {
    closed = true;
    tasks.clear();
    workers.forEach(Thread::interrupt);
  }

  private final class Worker extends Thread {
    private volatile boolean abandoned;
    private boolean idle;
    private boolean retired;

    Worker(String name) {
      super(null, null, name, 0, false);
      setDaemon(true);
      setContextClassLoader(WorkerPool.class.getClassLoader());
    }

    WorkerPool pool() {
      return WorkerPool.this;
    }

    @Override
    public void run() {
      while (!abandoned && !closed && !isRetired()) {
        try {
          next().run();
        } catch (InterruptedException e) {
          // Left over from a task, or the pool is closed; the loop's condition tells which.
          LOG.trace("{} was interrupted", getName(), e);
        } catch (RuntimeException | Error e) {
          LOG.error("a task of {} failed", name, e);
        }
      }
      workers.remove(this);
      if (isRetired() && !abandoned) {
        startWorker();
      }
    }

    private Runnable next() throws InterruptedException {
      synchronized (this) {
        if (retired) {
          return () -> {};
        }
        idle = true;
      }
      try {
        return tasks.take();
      } finally {
        synchronized (this) {
          idle = false;
          if (retired && !closed) {
            // It was meant for the wait, and a task may have come at the same moment.
            boolean unused = Thread.interrupted();
          }
        }
      }
    }

    private synchronized boolean isRetired() {
      return retired;
    }

    private synchronized void retire() {
      retired = true;
      if (idle) {
        interrupt();
      }
    }
  }
}
