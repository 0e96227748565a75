// The event loops, as the service runtime sees them.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.peer.service.DeliveryThreads;
import io.vertx.core.Context;

/** Only event loops run turns themselves; never the control thread or a caller's. */
record NetworkThreads(OverlayPeer overlay) implements DeliveryThreads {
  @Override
  public boolean mayRunTurns() {
    return Context.isOnEventLoopThread();
  }

  @Override
  public void stuck(Thread thread) {
    overlay.relieve(thread);
  }
}
