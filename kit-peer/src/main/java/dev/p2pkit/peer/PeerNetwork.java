// The network as the programs, services and clients of one peer use it.
package dev.p2pkit.peer;

import dev.p2pkit.client.service.NetworkServiceHandle;
import dev.p2pkit.client.service.ServiceInstaller;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.peer.gateway.SessionAccessPoint;
import dev.p2pkit.peer.rights.Caller;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Connection;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.MulticastReport;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * {@link Network} over the parts of a peer. There is one for the peer's own program, one for each
 * of its services, and one for each client, which marks what it sends as a client's.
 */
final class PeerNetwork implements Network {
  private static final SendOptions ASK = SendOptions.within(Duration.ofSeconds(3));

  private final PeerParts parts;
  private final int flags;
  private final Caller caller;
  private final Calls calls;

  /**
   * A network.
   *
   * @param flags what every message is marked with: 0 or {@link Envelope#FROM_CLIENT}
   * @param caller what its messages may go to of what is restricted
   */
  PeerNetwork(PeerParts parts, int flags, Caller caller) {
    this.parts = parts;
    this.flags = flags;
    this.caller = caller;
    calls = new Calls(parts, flags, caller);
  }

  @Override
  public PeerId peerId() {
    return overlay().self().id();
  }

  @Override
  public Flow.Publisher<Message> stream(String accessPoint) {
    Reserved.checkOwn(accessPoint);
    return parts.accessPoints().stream(accessPoint);
  }

  @Override
  public Flow.Publisher<NetworkEvent> events() {
    return parts.events().publisher();
  }

  @Override
  public CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options) {
    return checked(
        accessPoint, () -> calls.send(false, peer.position(), accessPoint, message, options));
  }

  @Override
  public CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options) {
    return checked(accessPoint, () -> calls.send(true, key, accessPoint, message, options));
  }

  @Override
  public CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options) {
    return encoded(
        message,
        body ->
            at(
                address,
                (peer, accessPoint) -> calls.send(false, peer, accessPoint, body, options)));
  }

  @Override
  public <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return checked(
        accessPoint,
        () -> calls.rpc(false, peer.position(), accessPoint, message, replyType, options));
  }

  @Override
  public <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return checked(
        accessPoint, () -> calls.rpc(true, key, accessPoint, message, replyType, options));
  }

  @Override
  public <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options) {
    return encoded(
        message,
        body ->
            at(
                address,
                (peer, accessPoint) ->
                    calls.rpc(false, peer, accessPoint, body, replyType, options)));
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options) {
    return checked(
        accessPoint,
        () -> {
          BroadcastBody body =
              new BroadcastBody(
                  accessPoint,
                  (flags & Envelope.FROM_CLIENT) != 0,
                  parts.restrictions().allows(accessPoint, caller),
                  parts.registry().directory().epochOf(accessPoint),
                  options.version(),
                  Payload.of(message));
          return parts.elsewhere(
              overlay()
                  .broadcast(RingMachine.TOPIC_APPLICATION, body.encode(), options.deadline()));
        });
  }

  @Override
  public CompletableFuture<MulticastReport> multicast(
      Collection<? extends Destination> targets,
      String accessPoint,
      Object message,
      SendOptions options) {
    if (options.version().isPresent()) {
      return Network.super.multicast(targets, accessPoint, message, options);
    }
    return checked(
        accessPoint,
        () ->
            parts.elsewhere(
                parts
                    .multicaster()
                    .send(
                        targets,
                        (flags & Envelope.FROM_CLIENT) != 0
                            ? new Source.OfClient()
                            : new Source.OfPeer(peerId()),
                        accessPoint,
                        parts.restrictions().allows(accessPoint, caller),
                        parts.registry().directory().epochOf(accessPoint),
                        Payload.of(message),
                        options.ack(),
                        options.deadline())));
  }

  /** Opens a connection; see {@link Peer#connect}. */
  <C> CompletableFuture<Connection<C>> connect(PeerId peer, String accessPoint) {
    return checked(accessPoint, () -> parts.connections().open(peer, accessPoint));
  }

  /** Calls an access point of the peers themselves. */
  CompletableFuture<Payload> callReserved(
      Destination target, String accessPoint, Payload body, Duration deadline) {
    SendOptions options = SendOptions.within(deadline);
    return guarded(
        () ->
            target instanceof Destination.OfKey of
                ? calls.rpc(true, of.key(), accessPoint, body, Payload.class, options)
                : calls.rpc(false, position(target), accessPoint, body, Payload.class, options));
  }

  private static Key position(Destination target) {
    if (target instanceof Destination.OfPeer of) {
      return of.peer().position();
    }
    throw new IllegalArgumentException("neither a peer nor a key: " + target);
  }

  @Override
  public CompletableFuture<ServiceHandle> service(String name) {
    return guarded(
        () -> {
          if (parts.registry().directory().knows(name)) {
            return CompletableFuture.completedFuture(handle(name));
          }
          // A neighbour may know what this peer has not heard of yet.
          CompletableFuture<ServiceHandle> found = new CompletableFuture<>();
          overlay()
              .run(
                  now ->
                      parts
                          .registry()
                          .mention(
                              now,
                              name,
                              0,
                              overlay().self(),
                              (then, result) -> found(name, found)));
          return parts.elsewhere(found);
        });
  }

  private void found(String name, CompletableFuture<ServiceHandle> waiting) {
    if (parts.registry().directory().knows(name)) {
      waiting.complete(handle(name));
    } else {
      waiting.completeExceptionally(
          new KitException(
              ErrorCode.NO_SUCH_SERVICE, "no service is installed under the name '" + name + "'"));
    }
  }

  @Override
  public CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options) {
    return guarded(
        () ->
            parts.installer().install(archive, options).thenApply(report -> handle(report.name())));
  }

  private ServiceHandle handle(String name) {
    ServiceInstaller installer = parts.installer();
    return new NetworkServiceHandle(this, name, installer);
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return guarded(parts::services);
  }

  @Override
  public CompletableFuture<PeerInfo> info(PeerId peer) {
    return guarded(
        () ->
            peer.equals(peerId())
                ? CompletableFuture.completedFuture(parts.info())
                : calls.rpc(false, peer.position(), Reserved.INFO, true, PeerInfo.class, ASK));
  }

  @Override
  public CompletableFuture<List<PeerInfo>> ring() {
    return guarded(() -> parts.ring().ask(this::everybody));
  }

  private CompletableFuture<List<PeerInfo>> everybody() {
    List<CompletableFuture<PeerInfo>> asked = new ArrayList<>();
    for (PeerRef member : overlay().view().members()) {
      // A peer that does not answer has died a moment ago, or will be found dead soon: it is left
      // out.
      asked.add(info(member.id()).exceptionally(failed -> null));
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(
            done ->
                asked.stream()
                    .map(CompletableFuture::join)
                    .filter(Objects::nonNull)
                    .sorted(Comparator.comparing(PeerInfo::peer))
                    .toList());
  }

  @Override
  public void close() {
    throw new KitException(
        ErrorCode.UNAUTHORISED, "only the program that started a peer can close it");
  }

  private OverlayPeer overlay() {
    return parts.overlay();
  }

  /** On the caller's thread, because the rest of the way to a session is gone on another. */
  private <T> CompletableFuture<T> encoded(
      Object message, Function<Payload, CompletableFuture<T>> send) {
    return guarded(() -> send.apply(Payload.of(message)));
  }

  /** An address is a peer's, or a session's, whose proxy peer the owner of its hash knows. */
  private <T> CompletableFuture<T> at(
      Address address, BiFunction<Key, String, CompletableFuture<T>> then) {
    return guarded(
        () -> {
          if (address.kind() == Address.Kind.PEER) {
            // Replies to calls are addressed so; all other reserved names are not for programs.
            if (!ReplyPoint.isOne(address.accessPoint())) {
              Reserved.checkTarget(address.accessPoint());
            }
            return then.apply(address.id(), address.accessPoint());
          }
          return parts.elsewhere(
              parts
                  .sessions()
                  .send(
                      address.id(),
                      proxy ->
                          then.apply(
                              proxy.id().position(),
                              new SessionAccessPoint(address.id(), address.accessPoint()).name())));
        });
  }

  private <T> CompletableFuture<T> checked(
      String accessPoint, Supplier<CompletableFuture<T>> action) {
    return guarded(
        () -> {
          Reserved.checkTarget(accessPoint);
          return action.get();
        });
  }

  /** What goes wrong on the caller's thread is a failed stage too. */
  private <T> CompletableFuture<T> guarded(Supplier<CompletableFuture<T>> action) {
    if (parts.isClosed()) {
      return CompletableFuture.failedFuture(PeerParts.closedException());
    }
    try {
      return action.get();
    } catch (KitException e) {
      return CompletableFuture.failedFuture(e);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.PROTOCOL_ERROR, String.valueOf(e.getMessage()), e));
    }
  }
}
