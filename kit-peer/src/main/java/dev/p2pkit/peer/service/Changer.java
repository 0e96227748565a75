// Runs loading and upgrades, which call code of services, with a time limit.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs changes on threads of their own; one that is stuck is given up. Thread-safe. */
final class Changer {
  private final WorkerPool pool;
  private final Duration limit;
  private final Set<Job<?>> jobs = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Changer(WorkerPool pool, Duration limit) {
    this.pool = pool;
    this.limit = limit;
  }

  /**
   * Runs a change.
   *
   * @param what names it in the error message
   * @param code the code if it takes too long
   * @param work the change
   * @param late is given the result of a change that had been given up
   */
  <T> CompletableFuture<T> run(String what, ErrorCode code, Supplier<T> work, Consumer<T> late) {
    Job<T> job = new Job<>(what, code, work, late);
    jobs.add(job);
    if (closed) {
      job.cancel();
    } else {
      pool.execute(job);
    }
    return job.future;
  }

  /** Runs something short. */
  void execute(Runnable work) {
    pool.execute(work);
  }

  /** Gives up what takes too long. */
  void watch(long nowNanos) {
    for (Job<?> job : jobs) {
      job.watch(nowNanos);
    }
  }

  /** Whether nothing is under way. */
  boolean isIdle() {
    return jobs.isEmpty();
  }

  /** Fails what has not ended. */
  void close() {
    closed = true;
    jobs.forEach(Job::cancel);
  }

  private final class Job<T> implements Runnable {
    private final String what;
    private final ErrorCode code;
    private final Supplier<T> work;
    private final Consumer<T> late;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private @Nullable Thread thread;
    private long deadlineNanos;
    private boolean over;

    Job(String what, ErrorCode code, Supplier<T> work, Consumer<T> late) {
      this.what = what;
      this.code = code;
      this.work = work;
      this.late = late;
    }

    @Override
    public void run() {
      synchronized (this) {
        if (over) {
          return;
        }
        thread = Thread.currentThread();
        deadlineNanos = System.nanoTime() + limit.toNanos();
      }
      T result;
      try {
        result = work.get();
      } catch (KitException e) {
        if (end()) {
          future.completeExceptionally(e);
        }
        return;
      } catch (Throwable e) {
        if (end()) {
          future.completeExceptionally(
              new KitException(code, what + " failed: " + Failure.describe(e)));
        }
        return;
      }
      if (end()) {
        future.complete(result);
      } else {
        late.accept(result);
      }
    }

    private boolean end() {
      jobs.remove(this);
      synchronized (this) {
        boolean first = !over;
        over = true;
        return first;
      }
    }

    void watch(long nowNanos) {
      synchronized (this) {
        if (over || thread == null || nowNanos - deadlineNanos < 0) {
          return;
        }
        over = true;
        pool.abandon(thread);
      }
      jobs.remove(this);
      future.completeExceptionally(
          new KitException(
              code,
              what
                  + " did not finish in "
                  + limit.toMillis()
                  + " ms; make it shorter, it was given up"));
    }

    void cancel() {
      if (end()) {
        future.completeExceptionally(new KitException(ErrorCode.CLOSED, "this peer is closed"));
      }
    }
  }
}
