// A network of one peer in memory, for tests of the gateway without a ring.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.rights.Caller;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Destination;
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
import dev.p2pkit.sdk.Source;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Answers calls with functions, keeps what was installed, hands session addresses to a gateway. */
final class MemoryNetwork implements Network, ClientOperations {
  final PeerId self;
  final Map<String, Function<Message, CompletableFuture<Payload>>> receivers =
      new ConcurrentHashMap<>();
  final Map<String, SubmissionPublisher<Message>> streams = new ConcurrentHashMap<>();
  final SubmissionPublisher<NetworkEvent> events;
  final List<NetworkEvent> clientEvents = new CopyOnWriteArrayList<>();
  final Map<String, ServiceRecord> records = new ConcurrentHashMap<>();
  final Map<String, Archive> archives = new ConcurrentHashMap<>();
  final AtomicInteger refused = new AtomicInteger();
  final List<String> refusedInstalls = new CopyOnWriteArrayList<>();
  final Executor executor;
  volatile Optional<Gateway> gateway = Optional.empty();
  volatile int peersInRing = 1;

  MemoryNetwork(PeerId self, Executor executor) {
    this.self = self;
    this.executor = executor;
    this.events = new SubmissionPublisher<>(executor, 256);
  }

  @Override
  public Network network(Caller caller) {
    return this;
  }

  @Override
  public Optional<ServiceRecord> find(String name, String instance, String owner) {
    return Optional.ofNullable(records.get(name + "/" + instance));
  }

  @Override
  public void event(NetworkEvent event) {
    clientEvents.add(event);
  }

  @Override
  public void unauthorised() {
    refused.incrementAndGet();
  }

  @Override
  public void installUnauthorised(byte[] signedRecord, String reason) {
    refusedInstalls.add(ServiceRecord.decode(signedRecord).name());
  }

  @Override
  public CompletableFuture<Optional<byte[]>> record(String name, String instance) {
    return CompletableFuture.completedFuture(
        Optional.ofNullable(records.get(name + "/" + instance)).map(ServiceRecord::encoded));
  }

  @Override
  public CompletableFuture<List<byte[]>> history(String name, String instance) {
    return record(name, instance).thenApply(found -> found.stream().toList());
  }

  @Override
  public CompletableFuture<UpdateReport> control(byte[] signedRecord, Duration deadline) {
    ServiceRecord record = ServiceRecord.decode(signedRecord);
    records.put(record.name() + "/" + record.instance(), record);
    return CompletableFuture.completedFuture(
        new UpdateReport(record.name(), record.epoch(), List.of(), List.of()));
  }

  @Override
  public CompletableFuture<UpdateReport> install(
      byte[] signedRecord, Archive archive, Duration deadline) {
    ServiceRecord record = ServiceRecord.decode(signedRecord);
    if (!record.signatureValid() || !record.archive().equals(archive.hash())) {
      return fail(ErrorCode.BAD_SIGNATURE, "not signed, or another archive");
    }
    records.put(record.name() + "/" + record.instance(), record);
    archives.put(archive.hash(), archive);
    return CompletableFuture.completedFuture(
        new UpdateReport(record.name(), record.epoch(), List.of(), List.of()));
  }

  @Override
  public PeerId peerId() {
    return self;
  }

  @Override
  public Flow.Publisher<Message> stream(String accessPoint) {
    if (accessPoint.startsWith("$")) {
      throw new IllegalArgumentException("reserved");
    }
    return streams.computeIfAbsent(accessPoint, name -> new SubmissionPublisher<>(executor, 256));
  }

  @Override
  public Flow.Publisher<NetworkEvent> events() {
    return events;
  }

  private static <T> CompletableFuture<T> fail(ErrorCode code, String detail) {
    return CompletableFuture.failedFuture(new KitException(code, detail));
  }

  private CompletableFuture<Payload> receive(
      Destination destination, String accessPoint, Object body) {
    Function<Message, CompletableFuture<Payload>> receiver = receivers.get(accessPoint);
    if (receiver == null) {
      return fail(ErrorCode.NO_SUCH_ACCESS_POINT, "nobody at " + accessPoint);
    }
    return receiver.apply(
        new Message(
            new Source.OfClient(), destination, accessPoint, Payload.of(body), Optional.empty()));
  }

  @Override
  public CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options) {
    return rpcPeer(peer, accessPoint, message, Payload.class, options)
        .thenApply(done -> new Receipt(self, options.ack()));
  }

  @Override
  public CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options) {
    return receive(new Destination.OfKey(key), accessPoint, message)
        .thenApply(done -> new Receipt(self, options.ack()));
  }

  @Override
  public CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options) {
    if (address.kind() == Address.Kind.PEER) {
      return sendPeer(new PeerId(address.id()), address.accessPoint(), message, options);
    }
    CompletableFuture<Receipt> receipt = new CompletableFuture<>();
    gateway
        .orElseThrow()
        .deliver(
            address.id(),
            address.accessPoint(),
            new Message(
                new Source.OfPeer(self),
                new Destination.OfSession(address.id()),
                address.accessPoint(),
                Payload.of(message),
                Optional.empty()),
            new DeliveryCallback() {
              @Override
              public void accepted() {
                receipt.complete(new Receipt(self, Ack.PROCESSED));
              }

              @Override
              public void failed(ErrorCode code, String detail) {
                receipt.completeExceptionally(new KitException(code, detail));
              }
            });
    return receipt;
  }

  @Override
  public <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return peer.equals(self)
        ? receive(new Destination.OfPeer(peer), accessPoint, message)
            .thenApply(reply -> reply.as(replyType))
        : fail(ErrorCode.NO_SUCH_PEER, "there is no peer " + peer);
  }

  @Override
  public <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return receive(new Destination.OfKey(key), accessPoint, message)
        .thenApply(reply -> reply.as(replyType));
  }

  @Override
  public <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options) {
    return fail(ErrorCode.NO_ROUTE, "not in this test");
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options) {
    return receive(new Destination.OfPeer(self), accessPoint, message)
        .thenApply(
            done ->
                new BroadcastReport(
                    1, Set.of(self), Map.of(), List.of(), false, Set.of(), Duration.ZERO));
  }

  @Override
  public CompletableFuture<ServiceHandle> service(String name) {
    return records.values().stream().anyMatch(record -> record.name().equals(name))
        ? CompletableFuture.completedFuture(null)
        : fail(ErrorCode.NO_SUCH_SERVICE, "no service " + name);
  }

  @Override
  public CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options) {
    throw new IllegalStateException("a gateway never calls this");
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return CompletableFuture.completedFuture(
        records.values().stream()
            .map(
                record ->
                    new ServiceStatus(
                        record.name(),
                        record.instance(),
                        record.epoch(),
                        record.version(),
                        record.archive(),
                        record.owner().substring(0, 16),
                        record.upgradeable(),
                        record.sharable(),
                        List.of()))
            .toList());
  }

  private PeerInfo info(int number) {
    return new PeerInfo(
        new PeerId(self.position().plus(Key.of(number))),
        "host",
        4711,
        self,
        List.of(self),
        List.of(),
        List.of("a service with a name of some length ".repeat(20)),
        List.of(),
        Map.of(),
        new PeerInfo.Statistics(false, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, Map.of()));
  }

  @Override
  public CompletableFuture<PeerInfo> info(PeerId peer) {
    return CompletableFuture.completedFuture(info(0));
  }

  @Override
  public CompletableFuture<List<PeerInfo>> ring() {
    List<PeerInfo> all = new ArrayList<>();
    for (int number = 0; number < peersInRing; number++) {
      all.add(info(number));
    }
    return CompletableFuture.completedFuture(all);
  }

  @Override
  public void close() {
    throw new IllegalStateException("a gateway never calls this");
  }
}
