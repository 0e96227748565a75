// Writes what turns have changed to the state files: for all services of a peer, in groups.
package dev.p2pkit.peer.service;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread, which is there only if a service is durable, and which alone touches the files while
 * their services run. Groups are at least a window apart: the first turn after a quiet time is
 * written at once, and what ends while a group is written, or within the window, waits for the next
 * one. Thread-safe.
 */
final class Committer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final int CLOSE_SECONDS = 10;

  private final long windowNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<DurableState, Long> due = new LinkedHashMap<>();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private @Nullable Thread thread;
  private long lastGroup = System.nanoTime();
  private boolean closed;

  Committer(long windowNanos) {
    this.windowNanos = windowNanos;
  }

  /** A state has changed and is to be written in so many nanoseconds at the latest. */
  void dirty(DurableState state, long withinNanos) {
    long at = System.nanoTime() + withinNanos;
    lock.lock();
    try {
      Long before = due.get(state);
      if (before == null || before - at > 0) {
        due.put(state, at);
        wake();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs something that touches a file; at once, on the calling thread, after the close. */
  void execute(Runnable task) {
    lock.lock();
    try {
      if (!closed) {
        tasks.add(task);
        wake();
        return;
      }
    } finally {
      lock.unlock();
    }
    task.run();
  }

  /** Everything of a state that has ended so far is on the disk, or has failed. */
  CompletableFuture<Void> settle(DurableState state) {
    CompletableFuture<Void> settled = new CompletableFuture<>();
    execute(
        () -> {
          state.commit();
          settled.complete(null);
        });
    return settled;
  }

  private void wake() {
    if (thread == null) {
      Thread started = new Thread(null, this::run, "p2pkit-commit", 0, false);
      started.setDaemon(true);
      started.setContextClassLoader(Committer.class.getClassLoader());
      started.start();
      thread = started;
    }
    changed.signal();
  }

  private void run() {
    while (true) {
      List<Runnable> work = new ArrayList<>();
      List<DurableState> group = new ArrayList<>();
      lock.lock();
      try {
        while (!take(work, group)) {
          if (closed) {
            return;
          }
          long wait = untilNextNanos();
          if (wait == Long.MAX_VALUE) {
            changed.await();
          } else {
            long unused = changed.awaitNanos(wait);
          }
        }
        if (!group.isEmpty()) {
          lastGroup = System.nanoTime();
        }
      } catch (InterruptedException e) {
        // Nobody interrupts it on purpose; the loop's condition says whether it is over.
        LOG.debug("the committer was interrupted", e);
        continue;
      } finally {
        lock.unlock();
      }
      work.forEach(Committer::guarded);
      group.forEach(state -> guarded(state::commit));
    }
  }

  /** Takes what is due; everything once it is closed. */
  private boolean take(List<Runnable> work, List<DurableState> group) {
    work.addAll(tasks);
    tasks.clear();
    long now = System.nanoTime();
    if (closed || now - lastGroup >= windowNanos) {
      due.entrySet()
          .removeIf(entry -> (closed || entry.getValue() - now <= 0) && group.add(entry.getKey()));
    }
    return !work.isEmpty() || !group.isEmpty();
  }

  private long untilNextNanos() {
    long now = System.nanoTime();
    long next = Long.MAX_VALUE;
    for (long at : due.values()) {
      next = Math.min(next, Math.max(at - now, lastGroup + windowNanos - now));
    }
    return next == Long.MAX_VALUE ? next : Math.max(1, next);
  }

  private static void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a task of the committer failed", e);
    }
  }

  /** Writes what is left, and ends. */
  @Override
  public void close() {
    Thread last;
    lock.lock();
    try {
      closed = true;
      last = thread;
      changed.signal();
    } finally {
      lock.unlock();
    }
    if (last == null) {
      return;
    }
    try {
      last.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
