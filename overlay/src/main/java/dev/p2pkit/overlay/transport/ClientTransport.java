// How a thin client opens its link.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How a thin client opens its link to a peer. */
public final class ClientTransport {
  private ClientTransport() {}

  /**
   * Opens a link as a client.
   *
   * @param identity the client's key pair, usually {@link Identity#ephemeral}
   * @param endpoint where the peer is
   * @param expected who must be there
   * @param network the name of the peer's network
   * @param ticket what lets the client in, at most 4,096 bytes of UTF-8; shown to the expected peer
   *     only
   * @param config TLS, times, limits and rates are used, nothing else
   * @return completes on an event loop; fails with a KitException: NO_ROUTE, UNAUTHORISED (another
   *     peer is there), what the peer refused the ticket with, NETWORK_MISMATCH, VERSION_SKEW,
   *     PROTOCOL_ERROR
   */
  public static CompletableFuture<ClientConnection> connect(
      Vertx vertx,
      Identity identity,
      Endpoint endpoint,
      PeerId expected,
      String network,
      String ticket,
      TransportConfig config,
      List<WireCodec> codecs,
      ClientConnectionListener listener) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }
}
