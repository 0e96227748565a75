// The way to clients' proxies: first the proxy peer is looked up, then the message leaves, in the
// order of the calls.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Sends to sessions. A look-up takes as long as it takes, so two messages for one session could
 * change places; here each leaves only after the one before it has left. Thread-safe.
 */
final class SessionRoutes {
  private final Function<Key, CompletableFuture<Optional<PeerRef>>> directory;
  private final Map<Key, CompletableFuture<?>> last = new ConcurrentHashMap<>();

  /**
   * Routes over a directory.
   *
   * @param directory finds the proxy peer of a session; empty if the session has ended
   */
  SessionRoutes(Function<Key, CompletableFuture<Optional<PeerRef>>> directory) {
    this.directory = directory;
  }

  /**
   * Has a message leave for the proxy peer of a session, after all that were given here for it
   * before.
   *
   * @param send starts the call and returns at once
   */
  <T> CompletableFuture<T> send(Key session, Function<PeerRef, CompletableFuture<T>> send) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<Void> left = new CompletableFuture<>();
    CompletableFuture<?> before = last.put(session, left);
    CompletableFuture<?> turn = before == null ? CompletableFuture.completedFuture(null) : before;
    CompletableFuture<?> unused =
        turn.thenCompose(done -> directory.apply(session))
            .whenComplete(
                (found, failed) -> {
                  start(session, found == null ? Optional.empty() : found, send, result);
                  last.remove(session, left);
                  left.complete(null);
                });
    return result;
  }

  private static <T> void start(
      Key session,
      Optional<PeerRef> proxy,
      Function<PeerRef, CompletableFuture<T>> send,
      CompletableFuture<T> result) {
    if (proxy.isEmpty()) {
      result.completeExceptionally(
          new KitException(
              ErrorCode.SESSION_EXPIRED,
              "no client with the session " + session + " is attached to any peer"));
      return;
    }
    try {
      CompletableFuture<?> unused =
          send.apply(proxy.get())
              .whenComplete(
                  (value, failed) -> {
                    if (failed == null) {
                      result.complete(value);
                    } else {
                      result.completeExceptionally(KitException.from(failed));
                    }
                  });
    } catch (RuntimeException e) {
      result.completeExceptionally(KitException.from(e));
    }
  }
}
