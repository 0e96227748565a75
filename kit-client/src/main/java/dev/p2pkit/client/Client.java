// A program outside of the ring that reaches it through a proxy peer.
package dev.p2pkit.client;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.service.NetworkServiceHandle;
import dev.p2pkit.client.service.ServiceInstaller;
import dev.p2pkit.client.service.TicketedServiceHandle;
import dev.p2pkit.client.session.SessionMessage.Call;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionMessage.Spread;
import dev.p2pkit.client.session.SessionMessage.TargetKind;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnerCheck;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * A thin client: the {@link Network} through a proxy peer, without being a member of the ring.
 *
 * <p>When the proxy peer is lost, every open call ends: with {@link ErrorCode#DELIVERY_UNKNOWN} if
 * it may have changed something, else with {@link ErrorCode#CLOSED}. The client then tries its
 * tickets again, with a pause that grows from 0.5 s to 30 s, and opens a new session; meanwhile
 * calls fail with {@link ErrorCode#NOT_READY}. Its streams and proxies go on there, the proxies
 * under a new address.
 *
 * <p>Thread-safe. Stages complete and subscribers are called on the executor of the options, by
 * default on threads of the client's own.
 */
public final class Client implements Network {
  private static final SendOptions QUESTION = SendOptions.DEFAULT;

  private final Lifeline lifeline;
  private final ProxyRegistry registry;
  private final ServiceInstaller installer;
  private final Clock clock;

  Client(Lifeline lifeline, ClientOptions options) {
    this.lifeline = lifeline;
    this.clock = options.clock();
    this.registry = new ProxyRegistry(lifeline);
    this.installer =
        new ServiceInstaller(registry, options.ownerKey(), lifeline.executor(), options.clock());
  }

  /** {@link #connect(List, ClientOptions)} with the default options. */
  public static CompletableFuture<Client> connect(List<String> tickets) {
    return connect(tickets, ClientOptions.DEFAULT);
  }

  /**
   * Attaches with one of these tickets, tried in random order.
   *
   * <p>Fails, naming each ticket's reason, with {@link ErrorCode#BAD_TICKET} if no ticket is usable
   * and with {@link ErrorCode#NO_ROUTE} if none of the usable ones led to a peer.
   */
  public static CompletableFuture<Client> connect(List<String> tickets, ClientOptions options) {
    Lifeline lifeline = new Lifeline(List.copyOf(tickets), options);
    return lifeline.start().thenApply(started -> new Client(lifeline, options));
  }

  /** The id of the present proxy peer; of the last one while there is none. */
  @Override
  public PeerId peerId() {
    return lifeline.last().peer();
  }

  /** The id of this client's session; part of the addresses of its proxies. */
  public Key sessionId() {
    return lifeline.last().session();
  }

  /** A fresh access point at which this client receives. */
  public Proxy openProxy() {
    return new ClientProxy(lifeline);
  }

  /**
   * The messages that arrive at an access point of the proxy peer; needs the right to observe. A
   * subscriber's {@code onSubscribe} is called when the proxy peer has begun to deliver: what is
   * sent after that arrives.
   */
  @Override
  public Flow.Publisher<Message> stream(String accessPoint) {
    return subscriber ->
        new Feedline<>(lifeline, Feed.STREAM, accessPoint, Message.class)
            .start()
            .publisher()
            .subscribe(subscriber);
  }

  /**
   * What happens to the proxy peer and to this client. Without the right to observe, only the
   * latter.
   */
  @Override
  public Flow.Publisher<NetworkEvent> events() {
    return subscriber ->
        new Feedline<>(lifeline, Feed.EVENTS, "", NetworkEvent.class)
            .start()
            .publisher()
            .subscribe(subscriber);
  }

  @Override
  public CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options) {
    return send(TargetKind.PEER, peer.position(), accessPoint, message, options);
  }

  @Override
  public CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options) {
    return send(TargetKind.KEY, key, accessPoint, message, options);
  }

  @Override
  public CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options) {
    return send(kind(address), address.id(), address.accessPoint(), message, options);
  }

  @Override
  public <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return rpc(TargetKind.PEER, peer.position(), accessPoint, message, replyType, options);
  }

  @Override
  public <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return rpc(TargetKind.KEY, key, accessPoint, message, replyType, options);
  }

  @Override
  public <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options) {
    return rpc(kind(address), address.id(), address.accessPoint(), message, replyType, options);
  }

  private static TargetKind kind(Address address) {
    return address.kind() == Address.Kind.PEER
        ? TargetKind.PEER_ADDRESS
        : TargetKind.SESSION_ADDRESS;
  }

  private CompletableFuture<Receipt> send(
      TargetKind kind, Key target, String accessPoint, Object message, SendOptions options) {
    return call(kind, target, accessPoint, message, false, options)
        .thenApply(
            parts -> {
              SessionResult.Acknowledged done = only(SessionResult.Acknowledged.class, parts);
              return new Receipt(done.peer(), done.processed() ? Ack.PROCESSED : Ack.ENQUEUED);
            });
  }

  private <T> CompletableFuture<T> rpc(
      TargetKind kind,
      Key target,
      String accessPoint,
      Object message,
      Class<T> replyType,
      SendOptions options) {
    return call(kind, target, accessPoint, message, true, options)
        .thenApply(parts -> only(SessionResult.Reply.class, parts).body().as(replyType));
  }

  private CompletableFuture<List<SessionResult>> call(
      TargetKind kind,
      Key target,
      String accessPoint,
      Object message,
      boolean rpc,
      SendOptions options) {
    if (options.ownerCheck() != OwnerCheck.NONE) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.UNAUTHORISED,
              "a client trusts its proxy peer and cannot check owners; send from a peer, or"
                  + " without the check"));
    }
    return encoded(
        accessPoint,
        message,
        body ->
            lifeline.request(
                options.deadline(),
                true,
                (id, remaining) ->
                    new Call(
                        id,
                        remaining,
                        kind,
                        target,
                        accessPoint,
                        rpc,
                        options.ack() == Ack.ENQUEUED,
                        options.effectivelyOnce(),
                        options.version(),
                        body)));
  }

  /** A failed call never throws: what cannot be sent fails its stage. */
  private <T> CompletableFuture<T> encoded(
      String accessPoint, Object message, Function<Payload, CompletableFuture<T>> send) {
    if (accessPoint.isEmpty() || accessPoint.length() > Address.MAX_ACCESS_POINT) {
      return failed(
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "an access point has 1 to 255 characters, not " + accessPoint.length());
    }
    Payload body;
    try {
      body = Payload.of(message);
    } catch (IllegalArgumentException | KitException e) {
      return failed(ErrorCode.PROTOCOL_ERROR, "the message cannot be encoded: " + e.getMessage());
    }
    int most = lifeline.last().largestBody();
    if (body.length() > most) {
      return failed(
          ErrorCode.MESSAGE_TOO_LARGE,
          "the message has "
              + body.length()
              + " bytes; at most "
              + most
              + " are allowed, send it in parts");
    }
    return send.apply(body);
  }

  private static <T> CompletableFuture<T> failed(ErrorCode code, String detail) {
    return CompletableFuture.failedFuture(new KitException(code, detail));
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options) {
    return encoded(
            accessPoint,
            message,
            body ->
                lifeline.request(
                    options.deadline(),
                    true,
                    (id, remaining) ->
                        new Spread(id, remaining, accessPoint, options.version(), body)))
        .thenApply(parts -> only(SessionResult.Reached.class, parts).report());
  }

  @Override
  public CompletableFuture<ServiceHandle> service(String name) {
    return ask(Question.SERVICE, Key.ZERO, name).thenApply(found -> handle(name));
  }

  /**
   * The handle of the service that a service ticket is for. If the ticket gives the right to call,
   * it is shown to this proxy peer and each later one, so that a service that answers ticket
   * holders only answers this client. If it gives the right to upgrade, upgrades through the handle
   * are signed with it.
   *
   * <p>Fails with {@link ErrorCode#BAD_TICKET} if the ticket is unusable or of a service that
   * belongs to another owner, with {@link ErrorCode#UNAUTHORISED} if the owner has revoked it, and
   * with {@link ErrorCode#NO_SUCH_SERVICE} if there is no such service.
   */
  public CompletableFuture<ServiceHandle> serviceOfTicket(String ticket) {
    ServiceTicket parsed;
    try {
      parsed = ServiceTicket.parse(ticket);
      parsed.checkExpiry(clock.instant());
    } catch (KitException e) {
      return CompletableFuture.failedFuture(e);
    }
    return installer
        .find(parsed)
        .thenCompose(
            name ->
                (parsed.gives(Certificate.Power.INVOKE)
                        ? lifeline.show(parsed)
                        : CompletableFuture.<Void>completedFuture(null))
                    .thenApply(
                        shown -> new TicketedServiceHandle(handle(name), installer, parsed)));
  }

  @Override
  public CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options) {
    return installer.install(archive, options).thenApply(report -> handle(report.name()));
  }

  private ServiceHandle handle(String name) {
    return new NetworkServiceHandle(this, name, installer);
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return registry.services();
  }

  @Override
  public CompletableFuture<PeerInfo> info(PeerId peer) {
    return ask(Question.INFO, peer.position(), "")
        .thenApply(
            parts -> {
              List<PeerInfo> peers = only(SessionResult.Peers.class, parts).peers();
              if (peers.size() != 1) {
                throw new KitException(ErrorCode.PROTOCOL_ERROR, "one peer was asked for");
              }
              return peers.get(0);
            });
  }

  @Override
  public CompletableFuture<List<PeerInfo>> ring() {
    return ask(Question.RING, Key.ZERO, "")
        .thenApply(
            parts -> {
              List<PeerInfo> all = new ArrayList<>();
              for (SessionResult part : parts) {
                all.addAll(expect(SessionResult.Peers.class, part).peers());
              }
              return List.copyOf(all);
            });
  }

  private CompletableFuture<List<SessionResult>> ask(Question question, Key peer, String name) {
    return lifeline.request(
        QUESTION.deadline(),
        false,
        (id, remaining) -> new Query(id, remaining, question, peer, name, ""));
  }

  static <T extends SessionResult> T only(Class<T> type, List<SessionResult> parts) {
    return expect(type, parts.get(parts.size() - 1));
  }

  static <T extends SessionResult> T expect(Class<T> type, SessionResult result) {
    if (!type.isInstance(result)) {
      throw new KitException(
          ErrorCode.PROTOCOL_ERROR,
          "the proxy peer answered with "
              + result.getClass().getSimpleName()
              + " where "
              + type.getSimpleName()
              + " belongs");
    }
    return type.cast(result);
  }

  /** How many answers and deliveries of the present session nobody waited for. */
  public long strays() {
    return lifeline.strays();
  }

  /** How many calls wait for their answer. */
  public int openCalls() {
    return lifeline.openCalls();
  }

  /** Ends the session and frees everything; open calls end as for a lost proxy peer. */
  @Override
  public void close() {
    lifeline.close();
  }
}
