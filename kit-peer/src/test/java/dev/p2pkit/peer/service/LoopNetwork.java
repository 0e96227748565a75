// A network of one peer: what a service sends comes back to the same runtime.
package dev.p2pkit.peer.service;

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
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** Delivers to an access point of its own peer, and remembers what was sent elsewhere. */
final class LoopNetwork implements Network {
  final ConcurrentLinkedQueue<Payload> sentElsewhere = new ConcurrentLinkedQueue<>();

  /** How long each send and call may take that services made, in their order. */
  final ConcurrentLinkedQueue<Duration> deadlines = new ConcurrentLinkedQueue<>();

  /** Where nobody waits for a reply any more. */
  final ConcurrentLinkedQueue<Address> ended = new ConcurrentLinkedQueue<>();

  private final Consumer<Incoming> deliver;

  LoopNetwork(Consumer<Incoming> deliver) {
    this.deliver = deliver;
  }

  private CompletableFuture<Payload> toHere(String accessPoint, Object message, boolean rpc) {
    Call call = rpc ? Call.rpc(accessPoint, message) : Call.send(accessPoint, message);
    CompletableFuture<Payload> result = new CompletableFuture<>();
    deliver.accept(
        new Incoming() {
          @Override
          public Message message() {
            return call.message();
          }

          @Override
          public long deadlineNanos() {
            return call.deadlineNanos();
          }

          @Override
          public void processed() {
            result.complete(Call.PROCESSED);
          }

          @Override
          public void reply(Payload body) {
            result.complete(body);
          }

          @Override
          public void fail(ErrorCode code, String detail) {
            result.completeExceptionally(new KitException(code, detail));
          }
        });
    return result;
  }

  private static Receipt receipt() {
    return new Receipt(Call.HERE, Ack.PROCESSED);
  }

  private static <T> CompletableFuture<T> notHere() {
    return CompletableFuture.failedFuture(new KitException(ErrorCode.NO_ROUTE, "one peer only"));
  }

  @Override
  public PeerId peerId() {
    return Call.HERE;
  }

  @Override
  public Flow.Publisher<Message> stream(String accessPoint) {
    throw new AssertionError("a service must not get here");
  }

  @Override
  public Flow.Publisher<NetworkEvent> events() {
    throw new AssertionError("a service must not get here");
  }

  @Override
  public CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options) {
    deadlines.add(options.deadline());
    return toHere(accessPoint, message, false).thenApply(body -> receipt());
  }

  @Override
  public CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options) {
    deadlines.add(options.deadline());
    return toHere(accessPoint, message, false).thenApply(body -> receipt());
  }

  @Override
  public CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options) {
    deadlines.add(options.deadline());
    if (ended.contains(address)) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.NO_SUCH_ACCESS_POINT, "that call has ended"));
    }
    sentElsewhere.add((Payload) message);
    return CompletableFuture.completedFuture(receipt());
  }

  @Override
  public <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    deadlines.add(options.deadline());
    return toHere(accessPoint, message, true).thenApply(body -> body.as(replyType));
  }

  @Override
  public <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    deadlines.add(options.deadline());
    return toHere(accessPoint, message, true).thenApply(body -> body.as(replyType));
  }

  @Override
  public <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options) {
    return notHere();
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options) {
    return notHere();
  }

  @Override
  public CompletableFuture<ServiceHandle> service(String name) {
    return notHere();
  }

  @Override
  public CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options) {
    throw new AssertionError("a service must not get here");
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return CompletableFuture.completedFuture(List.of());
  }

  @Override
  public CompletableFuture<PeerInfo> info(PeerId peer) {
    return notHere();
  }

  @Override
  public CompletableFuture<List<PeerInfo>> ring() {
    return notHere();
  }

  @Override
  public void close() {
    throw new AssertionError("a service must not get here");
  }
}
