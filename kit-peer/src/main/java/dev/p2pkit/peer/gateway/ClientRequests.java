// Turns a client's requests into calls on the peer's Network, and their outcomes into answers.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage.Call;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Spread;
import dev.p2pkit.client.session.SessionMessage.TargetKind;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Carries requests out. Thread-safe; nothing blocks. */
final class ClientRequests {
  private final ClientOperations operations;
  private final Network network;

  /** Requests of one client, through the network as it may use it. */
  ClientRequests(ClientOperations operations, Network network) {
    this.operations = operations;
    this.network = network;
  }

  /** Sends or calls. */
  CompletableFuture<SessionResult> call(Call call) {
    boolean address =
        call.kind() == TargetKind.PEER_ADDRESS || call.kind() == TargetKind.SESSION_ADDRESS;
    if (!address && SessionAccessPoint.isOne(call.accessPoint())) {
      return refused(
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "the names that begin with " + SessionAccessPoint.PREFIX + " belong to clients' proxies");
    }
    if (call.once() && call.enqueued()) {
      return refused(
          ErrorCode.PROTOCOL_ERROR, "a call is acknowledged when enqueued, or processed once");
    }
    SendOptions plain =
        versioned(
            new SendOptions(
                deadline(call.remainingMicros()), call.enqueued() ? Ack.ENQUEUED : Ack.PROCESSED),
            call.version());
    SendOptions options = call.once() ? plain.once() : plain;
    return call.rpc()
        ? ask(network, call, options).thenApply(SessionResult.Reply::new)
        : send(network, call, options)
            .thenApply(
                receipt ->
                    new SessionResult.Acknowledged(receipt.peer(), receipt.ack() == Ack.PROCESSED));
  }

  /** Fails with {@link IllegalArgumentException} if the client names what is no version. */
  private static SendOptions versioned(SendOptions options, Optional<String> version) {
    return version.map(options::version).orElse(options);
  }

  private static CompletableFuture<Receipt> send(Network network, Call call, SendOptions options) {
    return switch (call.kind()) {
      case PEER ->
          network.sendPeer(new PeerId(call.target()), call.accessPoint(), call.body(), options);
      case KEY -> network.sendKey(call.target(), call.accessPoint(), call.body(), options);
      case PEER_ADDRESS, SESSION_ADDRESS -> network.sendTo(address(call), call.body(), options);
    };
  }

  private static CompletableFuture<Payload> ask(Network network, Call call, SendOptions options) {
    return switch (call.kind()) {
      case PEER ->
          network.rpcPeer(
              new PeerId(call.target()), call.accessPoint(), call.body(), Payload.class, options);
      case KEY ->
          network.rpcKey(call.target(), call.accessPoint(), call.body(), Payload.class, options);
      case PEER_ADDRESS, SESSION_ADDRESS ->
          network.rpcTo(address(call), call.body(), Payload.class, options);
    };
  }

  private static Address address(Call call) {
    Address.Kind kind =
        call.kind() == TargetKind.PEER_ADDRESS ? Address.Kind.PEER : Address.Kind.SESSION;
    return new Address(kind, call.target(), call.accessPoint());
  }

  /** Broadcasts. */
  CompletableFuture<SessionResult> spread(Spread spread) {
    return network
        .broadcast(
            spread.accessPoint(),
            spread.body(),
            versioned(SendOptions.within(deadline(spread.remainingMicros())), spread.version()))
        .thenApply(SessionResult.Reached::new);
  }

  /** Answers a question. */
  CompletableFuture<SessionResult> query(Query query) {
    return switch (query.question()) {
      case INFO ->
          network
              .info(new PeerId(query.peer()))
              .thenApply(info -> new SessionResult.Peers(List.of(info)));
      case RING -> network.ring().thenApply(SessionResult.Peers::new);
      case SERVICES -> network.services().thenApply(SessionResult.Services::new);
      case SERVICE -> network.service(query.name()).thenApply(found -> new SessionResult.Nothing());
      case RECORD ->
          operations
              .record(query.name(), query.instance())
              .thenApply(record -> new SessionResult.Registered(record.map(Payload::bytes)));
      case HISTORY ->
          operations
              .history(query.name(), query.instance())
              .thenApply(
                  past -> new SessionResult.Past(past.stream().map(Payload::bytes).toList()));
    };
  }

  private static CompletableFuture<SessionResult> refused(ErrorCode code, String detail) {
    return CompletableFuture.failedFuture(new KitException(code, detail));
  }

  /** What remains of a request, not less than the API allows. */
  static Duration deadline(long micros) {
    return Duration.ofNanos(Math.max(1_000_000, micros * 1_000));
  }
}
