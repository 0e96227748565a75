// The event loops of this process, which all its peers share.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.transport.Transport;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of this process: made for the first peer, shared by all, closed with the last. A
 * peer of its own event loops would cost threads and buffers for nothing, since the processors are
 * shared anyway. Thread-safe.
 */
final class SharedEventLoops {
  private static @Nullable Vertx vertx;
  private static int users;

  private SharedEventLoops() {}

  /** For one more peer, which calls {@link #release} once when it is closed. */
  static synchronized Vertx acquire() {
    Vertx present = vertx;
    if (present == null) {
      present = Vertx.vertx(Transport.vertxOptions());
      vertx = present;
    }
    users++;
    return present;
  }

  /** For one peer less; completes when what is no longer needed has ended, on any thread. */
  static synchronized CompletableFuture<Void> release() {
    users--;
    Vertx present = vertx;
    if (users > 0 || present == null) {
      return CompletableFuture.completedFuture(null);
    }
    vertx = null;
    return present.close().toCompletionStage().toCompletableFuture();
  }
}
