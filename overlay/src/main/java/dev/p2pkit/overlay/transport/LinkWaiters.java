// Who waits for the link to a peer.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.KitException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The futures of those who want a link for its own sake. They complete among the effects of the
 * change of state that decides about them. Guarded by its owner's lock.
 */
final class LinkWaiters {
  private final EffectQueue effects;
  private List<CompletableFuture<PeerRef>> waiting = new ArrayList<>();

  LinkWaiters(EffectQueue effects) {
    this.effects = effects;
  }

  void add(CompletableFuture<PeerRef> waiter) {
    waiting.add(waiter);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** There is a link. */
  void linked(PeerRef peer) {
    List<CompletableFuture<PeerRef>> done = taken();
    effects.add(() -> done.forEach(waiter -> waiter.complete(peer)));
  }

  /** There will be none for now. */
  void failed(Closure why) {
    List<CompletableFuture<PeerRef>> failed = taken();
    effects.add(
        () -> {
          KitException exception = why.exception();
          failed.forEach(waiter -> waiter.completeExceptionally(exception));
        });
  }

  private List<CompletableFuture<PeerRef>> taken() {
    List<CompletableFuture<PeerRef>> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }
}
