// How a thin client opens its link.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

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
    if (ticket.getBytes(StandardCharsets.UTF_8).length > LinkFrame.TICKET_BYTES) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.BAD_TICKET,
              "a ticket has at most " + LinkFrame.TICKET_BYTES + " bytes; ask for a shorter one"));
    }
    LinkSetup setup =
        new LinkSetup(
            vertx,
            identity,
            0,
            config.withNetwork(network).withMembership(Membership.none()),
            new CodecTable(codecs),
            new Counters(),
            Sources.of(config.limits()),
            new LinkBeat(vertx, PingClock.beatMillis(config.times())),
            Handshakes.of(vertx),
            new AtomicReference<>(Bytes.EMPTY));
    End end = new End(setup, PeerTable.client(setup, new TlsOptions(identity)), listener);
    new Attempt(
            setup,
            new EventLoops(vertx).next(),
            endpoint,
            Optional.of(expected),
            () -> setup.helloOfClient(ticket),
            end)
        .start(end.client);
    return end.opened;
  }

  /** The client's end of its link. */
  private static final class End implements ClientConnection, Attempt.Target, Connection.Owner {
    private final LinkSetup setup;
    private final NetClient client;
    private final ClientConnectionListener listener;
    private final CompletableFuture<ClientConnection> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile @Nullable Connection connection;
    private volatile @Nullable LinkQueue queue;

    End(LinkSetup setup, NetClient client, ClientConnectionListener listener) {
      this.setup = setup;
      this.client = client;
      this.listener = listener;
    }

    @Override
    public boolean proving(Attempt attempt, Connection proved) {
      return true;
    }

    @Override
    public void welcomed(Attempt attempt, Connection up) {
      up.owner(this);
      LinkQueue fresh = new LinkQueue(setup, up);
      connection = up;
      queue = fresh;
      opened.complete(this);
      fresh.begin();
    }

    @Override
    public void rival(LinkFrame.Rival rival) {
      // A client's identity is its own and made for this one link.
    }

    @Override
    public void failed(Attempt attempt, Closure why) {
      var unused = client.close();
      opened.completeExceptionally(why.exception());
    }

    private Connection up() {
      Connection up = connection;
      if (up == null) {
        throw new IllegalStateException("this link is not open yet");
      }
      return up;
    }

    @Override
    public PeerRef peer() {
      return up().peer();
    }

    @Override
    public boolean isUp() {
      LinkQueue own = queue;
      return own != null && own.isUp();
    }

    @Override
    public SendResult send(WireMessage message) {
      LinkQueue own = queue;
      return own == null ? SendResult.CLOSED : own.send(message);
    }

    @Override
    public CompletableFuture<Void> close() {
      Connection up = up();
      up.run(() -> up.endAfterQueue(Reason.CLOSED, "the client is done"));
      return ended;
    }

    @Override
    public void message(Connection from, WireMessage message) {
      listener.onMessage(message);
    }

    @Override
    public void ended(Connection closed, Closure why) {
      LinkQueue own = queue;
      if (own != null) {
        own.end();
      }
      var unused = client.close();
      ErrorCode code = why.kind() == Closure.Kind.LOST ? ErrorCode.CLOSED : why.code();
      listener.onDown(code, why.detail());
      ended.complete(null);
    }
  }
}
