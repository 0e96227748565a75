// Whoever waits for this peer to get into its ring.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future of the latest attempt to create or join a ring. A machine says what became of it from
 * within; the future completes afterwards on the control thread, when the machine has returned.
 */
final class PendingJoin {
  private final ControlLoop loop;
  private final Awaited awaited;
  private volatile @Nullable CompletableFuture<Void> latest;

  PendingJoin(ControlLoop loop, Awaited awaited) {
    this.loop = loop;
    this.awaited = awaited;
  }

  /** A new attempt, which takes the place of the one before. */
  CompletableFuture<Void> begin() {
    CompletableFuture<Void> done = awaited.future();
    latest = done;
    return done;
  }

  /** This peer is in, or an observer has its proxy. */
  void succeeded() {
    CompletableFuture<Void> waiting = latest;
    if (waiting != null) {
      loop.run(now -> waiting.complete(null));
    }
  }

  /** This peer was not let in. */
  void failed(ErrorCode code, String detail) {
    CompletableFuture<Void> waiting = latest;
    if (waiting != null) {
      loop.run(now -> waiting.completeExceptionally(new KitException(code, detail)));
    }
  }
}
