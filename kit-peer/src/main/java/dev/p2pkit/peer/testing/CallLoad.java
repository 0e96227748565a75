// Calls in flight while a service is upgraded.
package dev.p2pkit.peer.testing;

import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls the peers in turn, with so many calls open as there may be, until it is stopped. A thread
 * of its own calls; outcomes come on threads of the peer.
 */
final class CallLoad {
  /** One call. */
  interface Caller {
    /** The stage says whether the call was acknowledged, once that has been noted. */
    CompletableFuture<Boolean> call(PeerId peer, long number);
  }

  /** So long no call is made after one that has failed: failures may come at once. */
  private static final long AFTER_FAILURE_MILLIS = 1;

  private final List<PeerId> peers;
  private final Caller caller;
  private final int most;
  private final Semaphore open;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile boolean lastFailed;
  private volatile @Nullable Throwable broken;

  CallLoad(List<PeerId> peers, int most, Caller caller) {
    this.peers = List.copyOf(peers);
    this.caller = caller;
    this.most = most;
    open = new Semaphore(most);
    thread = new Thread(this::run, "p2pkit-test-load");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      for (long number = 1; !stopped; number++) {
        open.acquire();
        PeerId peer = peers.get((int) (number % peers.size()));
        CompletableFuture<?> unused =
            call(peer, number).whenComplete((good, thrown) -> ended(good, thrown));
        if (lastFailed) {
          lastFailed = false;
          TimeUnit.MILLISECONDS.sleep(AFTER_FAILURE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Boolean> call(PeerId peer, long number) {
    try {
      return caller.call(peer, number);
    } catch (RuntimeException | Error e) {
      // The test's own code, which makes the messages.
      stopped = true;
      return CompletableFuture.failedFuture(e);
    }
  }

  private void ended(@Nullable Boolean good, @Nullable Throwable thrown) {
    if (thrown != null) {
      broken = thrown;
    }
    lastFailed = good == null || !good;
    open.release();
  }

  /** What ended the load before its time: an exception of the test's own code. */
  Optional<Throwable> broken() {
    return Optional.ofNullable(broken);
  }

  /** Makes no more calls and waits for the open ones; false if some stay open. */
  boolean stop(Duration limit) {
    stopped = true;
    try {
      thread.join(limit.toMillis());
      return !thread.isAlive() && open.tryAcquire(most, limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
