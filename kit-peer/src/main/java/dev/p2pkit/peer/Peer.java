// A full peer, put together from overlay, registry, service runtime and gateway.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.PeerInfo;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A full peer: a member of the ring that runs services, sends and receives, and is a proxy for
 * clients. Thread-safe.
 */
public abstract class Peer implements Network {
  Peer() {}

  /** Begins to configure a peer. */
  public static PeerBuilder builder() {
    return new PeerBuilder();
  }

  static CompletableFuture<Peer> start(PeerBuilder settings) {
    return CompletableFuture.failedFuture(
        new KitException(ErrorCode.NOT_READY, "not there yet: " + settings.network));
  }

  /** This peer with the address that others dial. */
  public abstract PeerRef ref();

  /** What others pass to {@link PeerBuilder#entryPoints}: {@code host:port#id}. */
  public abstract String entryPoint();

  /**
   * A ticket with which a client can attach to this peer for so long; see {@code Client.connect}.
   */
  public abstract String clientTicket(Duration validity);

  /** Identity, place, neighbours and counters of this peer. */
  public abstract PeerInfo info();

  /** Leaves the ring in an orderly way: neighbours take over at once, then everything is closed. */
  public abstract CompletableFuture<Void> leave();
}
