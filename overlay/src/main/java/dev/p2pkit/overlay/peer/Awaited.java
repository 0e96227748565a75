// Futures that must not outlive their overlay without an answer.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.sdk.KitException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The futures that were given out and are not complete; at the end they all fail. */
final class Awaited {
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Supplier<KitException> end;

  /** A future that fails at the end if nothing has completed it before. */
  @SuppressWarnings("CollectionUndefinedEquality") // a future equals itself, which is all it takes
  <T> CompletableFuture<T> future() {
    CompletableFuture<T> future = new CompletableFuture<>();
    open.add(future);
    CompletableFuture<?> unused = future.whenComplete((value, failed) -> open.remove(future));
    Supplier<KitException> over = end;
    if (over != null) {
      future.completeExceptionally(over.get());
    }
    return future;
  }

  /** Fails all that are open and all that come later. */
  void end(Supplier<KitException> why) {
    end = why;
    open.forEach(future -> future.completeExceptionally(why.get()));
  }
}
