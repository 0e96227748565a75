// A thin client's end of its link to a peer.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import java.util.concurrent.CompletableFuture;

/** A thin client's end of its link to its proxy peer. Thread-safe. */
public interface ClientConnection {
  /** The peer at the other end, as the link has proved. */
  PeerRef peer();

  /** Whether the link is still open. */
  boolean isUp();

  /** Queues a message: SENT, FULL, TOO_LARGE or, once the link has closed, CLOSED. */
  SendResult send(WireMessage message);

  /** Writes what is queued, says goodbye and closes. */
  CompletableFuture<Void> close();
}
