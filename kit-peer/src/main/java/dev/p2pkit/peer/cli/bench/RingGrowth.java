// How far a ring that grows in several processes has come, for who waits and who watches.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.peer.cli.output.Progress;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Adds up what the processes say. From its beginning to {@link #close} it tells once a second how
 * many peers have joined and how many know all, if that has changed. Thread-safe.
 */
final class RingGrowth implements AutoCloseable {
  private static final long TELL_MILLIS = 1_000;

  private final int peers;
  private final Progress progress;
  private final long[] joined;
  private final long[] complete;
  private final CompletableFuture<Long> allJoinedAt = new CompletableFuture<>();
  private final CompletableFuture<Long> completeAt = new CompletableFuture<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "bench-progress");
            thread.setDaemon(true);
            return thread;
          });
  private String told = "";

  /** A ring without peers, which should have so many in the end. */
  RingGrowth(int peers, int processes, Progress progress) {
    this.peers = peers;
    this.progress = progress;
    joined = new long[processes];
    complete = new long[processes];
    var unused =
        clock.scheduleWithFixedDelay(this::tell, TELL_MILLIS, TELL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** So many peers of a process have joined, and so many know all; less than before is late. */
  synchronized void at(int process, long joinedThere, long completeThere) {
    joined[process] = Math.max(joined[process], joinedThere);
    complete[process] = Math.max(complete[process], completeThere);
    if (Arrays.stream(joined).sum() >= peers) {
      allJoinedAt.complete(System.nanoTime());
    }
    if (Arrays.stream(complete).sum() >= peers) {
      completeAt.complete(System.nanoTime());
    }
  }

  /** When the last peer had joined, in nanoseconds of {@link System#nanoTime}. */
  CompletableFuture<Long> allJoinedAt() {
    return allJoinedAt;
  }

  /** When each peer knew all, in nanoseconds of {@link System#nanoTime}. */
  CompletableFuture<Long> completeAt() {
    return completeAt;
  }

  private synchronized void tell() {
    String now =
        Arrays.stream(joined).sum()
            + " of "
            + peers
            + " peers have joined, "
            + Arrays.stream(complete).sum()
            + " know all";
    if (!now.equals(told)) {
      told = now;
      progress.step(now);
    }
  }

  /** Tells where it stands if that is new, and nothing afterwards. */
  @Override
  public void close() {
    clock.shutdownNow();
    tell();
  }
}
