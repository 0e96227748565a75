// The network as a turn sees it: calls are collected and leave when the turn has ended well.
package dev.p2pkit.peer.service;

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
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * The network in the name of a service, for one turn. Bodies are encoded at the call, so that no
 * object of the service leaves its turn. No message has a later deadline than the one that the turn
 * handles, if somebody waits for that. Installing, closing and subscribing are refused: a service
 * receives through its processor, and a subscription would outlive its version.
 */
final class TurnNetwork implements Network {
  private final Turn turn;
  private final Network network;

  TurnNetwork(Turn turn, Network network) {
    this.turn = turn;
    this.network = network;
  }

  /** Makes a call now, for an asynchronous handler, or when the turn ends. */
  private <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> call) {
    turn.sends();
    if (turn.isAsynchronous()) {
      return turn.isRunning() ? call.get() : over();
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    boolean collected =
        turn.collect(
            () -> {
              var unused =
                  call.get().whenComplete((value, thrown) -> complete(result, value, thrown));
            },
            () -> result.completeExceptionally(failure(turn.cancelled())));
    return collected ? result : over();
  }

  private static <T> void complete(CompletableFuture<T> result, T value, Throwable thrown) {
    if (thrown == null) {
      result.complete(value);
    } else {
      result.completeExceptionally(KitException.from(thrown));
    }
  }

  private <T> CompletableFuture<T> over() {
    return CompletableFuture.failedFuture(failure(turn.cancelled()));
  }

  private static KitException failure(String detail) {
    return new KitException(ErrorCode.CANCELLED, detail);
  }

  /**
   * As {@link #call}, with a body that is encoded first, and with no more time than the sender of
   * this turn's message has.
   */
  private <T> CompletableFuture<T> send(
      Object message,
      SendOptions options,
      BiFunction<Payload, SendOptions, CompletableFuture<T>> send) {
    Payload body;
    try {
      body = Payload.of(message);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.PROTOCOL_ERROR, Failure.describe(e)));
    }
    // Taken now: when the turn has ended, its sender is told and waits no longer.
    Patience patience = Patience.of(turn.letter(), System.nanoTime());
    return call(
        () ->
            patience
                .limit(options, System.nanoTime())
                .map(limited -> send.apply(body, limited))
                .orElseGet(TurnNetwork::tooLate));
  }

  private static <T> CompletableFuture<T> tooLate() {
    return CompletableFuture.failedFuture(
        new KitException(
            ErrorCode.TIMEOUT,
            "whoever sent the message of this turn waits no longer, so nothing was sent on; give it"
                + " a longer deadline, or send it with ack(ENQUEUED)"));
  }

  private static <T> CompletableFuture<T> refuse(String what) {
    return CompletableFuture.failedFuture(refusal(what));
  }

  private static KitException refusal(String what) {
    return new KitException(
        ErrorCode.UNAUTHORISED, "a service may not " + what + "; do it from a program");
  }

  @Override
  public PeerId peerId() {
    return network.peerId();
  }

  @Override
  public Flow.Publisher<Message> stream(String accessPoint) {
    return refusing();
  }

  @Override
  public Flow.Publisher<NetworkEvent> events() {
    return refusing();
  }

  private static <T> Flow.Publisher<T> refusing() {
    return subscriber -> {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              // There is nothing to give.
            }

            @Override
            public void cancel() {
              // There is nothing to end.
            }
          });
      subscriber.onError(refusal("subscribe"));
    };
  }

  @Override
  public CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options) {
    return send(
        message, options, (body, limited) -> network.sendPeer(peer, accessPoint, body, limited));
  }

  @Override
  public CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options) {
    return send(
        message, options, (body, limited) -> network.sendKey(key, accessPoint, body, limited));
  }

  @Override
  public CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options) {
    return send(message, options, (body, limited) -> network.sendTo(address, body, limited));
  }

  @Override
  public <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return send(
        message,
        options,
        (body, limited) -> network.rpcPeer(peer, accessPoint, body, replyType, limited));
  }

  @Override
  public <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return send(
        message,
        options,
        (body, limited) -> network.rpcKey(key, accessPoint, body, replyType, limited));
  }

  @Override
  public <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options) {
    return send(
        message, options, (body, limited) -> network.rpcTo(address, body, replyType, limited));
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options) {
    return send(message, options, (body, limited) -> network.broadcast(accessPoint, body, limited));
  }

  @Override
  public CompletableFuture<ServiceHandle> service(String name) {
    return call(() -> network.service(name)).thenApply(handle -> new TurnHandle(handle, this));
  }

  @Override
  public CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options) {
    return refuse("install services");
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return call(network::services);
  }

  @Override
  public CompletableFuture<PeerInfo> info(PeerId peer) {
    return call(() -> network.info(peer));
  }

  @Override
  public CompletableFuture<List<PeerInfo>> ring() {
    return call(network::ring);
  }

  @Override
  public void close() {
    throw refusal("close the network");
  }
}
