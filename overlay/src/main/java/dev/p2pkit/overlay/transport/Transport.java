// The links of one peer: listens, dials, sends.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The links of one peer. Thread-safe. */
@SuppressWarnings("DoNotCallSuggester") // the bodies follow
public final class Transport {
  /**
   * A transport that does not listen yet.
   *
   * @param incarnation grows with each start of this peer's process (milliseconds since 1970)
   * @param codecs the codecs of all machines that are hosted; their frame types do not overlap
   */
  public Transport(
      Vertx vertx,
      Identity identity,
      long incarnation,
      TransportConfig config,
      List<WireCodec> codecs,
      TransportListener listener) {
    throw new UnsupportedOperationException();
  }

  /** Binds and accepts links; the advertised endpoint. */
  public CompletableFuture<Endpoint> listen() {
    throw new UnsupportedOperationException();
  }

  /** This peer; its endpoint is known once {@link #listen} has completed. */
  public PeerRef self() {
    throw new UnsupportedOperationException();
  }

  /**
   * Queues a message on the link to a peer; dials if there is none. Messages of one channel arrive
   * in this order or not at all. Cheap, never blocks.
   */
  public SendResult send(PeerRef to, WireMessage message) {
    throw new UnsupportedOperationException();
  }

  /** Whether there is a proven link to the peer. */
  public boolean isUp(PeerId peer) {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens a link to whoever answers at an endpoint, or to the expected peer only. Completes on an
   * event loop; fails with a KitException: NO_ROUTE, NETWORK_MISMATCH, UNAUTHORISED, VERSION_SKEW,
   * PROTOCOL_ERROR or CLOSED.
   */
  public CompletableFuture<PeerRef> connect(Endpoint endpoint, Optional<PeerId> expected) {
    throw new UnsupportedOperationException();
  }

  /** Closes the link to a peer after what is queued has been written. */
  public void close(PeerId peer) {
    throw new UnsupportedOperationException();
  }

  /** Closes the link to a peer at once and refuses links to and from it until {@link #readmit}. */
  public void revoke(PeerId peer) {
    throw new UnsupportedOperationException();
  }

  /** Takes a {@link #revoke} back. */
  public void readmit(PeerId peer) {
    throw new UnsupportedOperationException();
  }

  /** What was done so far. */
  public LinkStatistics statistics() {
    throw new UnsupportedOperationException();
  }

  /** Says goodbye on all links, releases the port. */
  public CompletableFuture<Void> close() {
    throw new UnsupportedOperationException();
  }
}
