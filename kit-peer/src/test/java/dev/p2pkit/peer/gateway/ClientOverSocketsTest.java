// A client and a gateway over real links: every operation, the bounds, the ends.
package dev.p2pkit.peer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.Proxy;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.Source;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientOverSocketsTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<AutoCloseable> open = new ArrayList<>();
  @TempDir Path directory;

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private GatewayHost host() {
    return host(GatewayConfig.DEFAULT);
  }

  private GatewayHost host(GatewayConfig config) {
    GatewayHost host = new GatewayHost(vertx, true, config);
    open.add(host);
    return host;
  }

  private Client client(ClientOptions options, String... tickets) {
    Client client = join(Client.connect(List.of(tickets), patient(options)));
    open.add(client);
    return client;
  }

  /** On a busy machine a handshake takes its time; no test is about that. */
  private ClientOptions patient(ClientOptions options) {
    return options.vertx(vertx).connectTimeout(Duration.ofSeconds(15));
  }

  private Client client(String... tickets) {
    return client(ClientOptions.DEFAULT, tickets);
  }

  private static <T> T join(CompletableFuture<T> stage) {
    try {
      return stage.orTimeout(30, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw KitException.from(e);
    }
  }

  private static ErrorCode code(CompletableFuture<?> stage) {
    return failure(stage).code();
  }

  private static KitException failure(CompletableFuture<?> stage) {
    try {
      Object value = stage.orTimeout(30, TimeUnit.SECONDS).join();
      throw new AssertionError("did not fail but gave " + value);
    } catch (CompletionException e) {
      return KitException.from(e);
    }
  }

  private static CompletableFuture<Payload> echo(Message message) {
    return CompletableFuture.completedFuture(message.body());
  }

  @Test
  void sendsAndCallsByPeerAndKeyThroughTheProxyPeer() {
    GatewayHost host = host();
    host.network.receivers.put("echo", ClientOverSocketsTest::echo);
    Client client = client(host.ticket());
    assertThat(client.peerId()).isEqualTo(host.identity.id());
    assertThat(join(client.rpcPeer(client.peerId(), "echo", "hello", String.class)))
        .isEqualTo("hello");
    assertThat(join(client.rpcKey(Key.of(7), "echo", 42L, Long.class))).isEqualTo(42L);
    assertThat(join(client.sendKey(Key.of(7), "echo", "x")))
        .isEqualTo(new Receipt(client.peerId(), Ack.PROCESSED));
    assertThat(
            join(
                client.sendPeer(
                    client.peerId(), "echo", "x", SendOptions.DEFAULT.ack(Ack.ENQUEUED))))
        .isEqualTo(new Receipt(client.peerId(), Ack.ENQUEUED));
    assertThat(
            join(client.sendTo(Address.ofPeer(client.peerId(), "echo"), "x", SendOptions.DEFAULT))
                .peer())
        .isEqualTo(client.peerId());
    assertThat(join(client.broadcast("echo", "x")).reached()).isEqualTo(1);
    assertThat(client.openCalls()).isZero();
  }

  @Test
  void theReceiverSeesAClientAndTheOriginalDestination() {
    GatewayHost host = host();
    CompletableFuture<Message> seen = new CompletableFuture<>();
    host.network.receivers.put(
        "in",
        message -> {
          seen.complete(message);
          return echo(message);
        });
    join(client(host.ticket()).sendKey(Key.of(7), "in", "x"));
    assertThat(seen.join().source()).isEqualTo(new Source.OfClient());
    assertThat(seen.join().destination()).isEqualTo(new Destination.OfKey(Key.of(7)));
  }

  @Test
  void failuresKeepTheirCodeAndTheirSentence() {
    GatewayHost host = host();
    Client client = client(host.ticket());
    KitException missing = failure(client.sendPeer(client.peerId(), "nobody", "x"));
    assertThat(missing.code()).isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
    assertThat(missing.detail()).isEqualTo("nobody at nobody");
    assertThat(code(client.sendPeer(new PeerId(Key.of(1)), "a", "x")))
        .isEqualTo(ErrorCode.NO_SUCH_PEER);
    assertThat(code(client.service("none"))).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
    assertThat(code(client.sendKey(Key.of(1), "session/x", "x")))
        .isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
    assertThat(code(client.sendKey(Key.of(1), "", "x"))).isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
    assertThat(code(client.sendKey(Key.of(1), "a", new byte[1 << 20])))
        .isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    host.network.receivers.put("echo", ClientOverSocketsTest::echo);
    assertThat(code(client.rpcKey(Key.of(1), "echo", "text", Long.class)))
        .isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void aCallThatNobodyAnswersEndsAtItsDeadline() {
    GatewayHost host = host();
    host.network.receivers.put("silent", message -> new CompletableFuture<>());
    Client client = client(host.ticket());
    assertThat(
            code(
                client.rpcKey(
                    Key.of(1),
                    "silent",
                    "x",
                    String.class,
                    SendOptions.within(Duration.ofMillis(300)))))
        .isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(client.openCalls()).isZero();
  }

  @Test
  void ofAStaleAndALiveTicketTheLiveOneWorksInAnyOrder() {
    GatewayHost host = host();
    GatewayHost gone = host();
    String stale = gone.ticket();
    gone.close();
    open.remove(gone);
    String garbled = host.ticket().replace("p2pkit:client:1:", "p2pkit:client:1:A");
    for (int seed = 0; seed < 4; seed++) {
      Client client = client(ClientOptions.DEFAULT.seed(seed), stale, host.ticket(), garbled);
      assertThat(client.peerId()).isEqualTo(host.identity.id());
    }
  }

  @Test
  void theOrderOfTicketsIsRandom() {
    GatewayHost one = host();
    GatewayHost other = host();
    Set<PeerId> reached = new HashSet<>();
    for (int seed = 0; seed < 16 && reached.size() < 2; seed++) {
      reached.add(client(ClientOptions.DEFAULT.seed(seed), one.ticket(), other.ticket()).peerId());
    }
    assertThat(reached).hasSize(2);
  }

  @Test
  void withoutAUsableTicketEachOnesReasonIsNamed() {
    Clock tomorrow = Clock.fixed(Instant.now().plusSeconds(86_400), ZoneOffset.UTC);
    GatewayHost host = host();
    KitException bad =
        failure(
            Client.connect(
                List.of("nonsense", host.ticket()),
                patient(ClientOptions.DEFAULT).clock(tomorrow)));
    assertThat(bad.code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(bad.detail())
        .contains("ticket 1: the client ticket does not begin with")
        .contains("ticket 2: the client ticket expired at");
    assertThat(code(Client.connect(List.of(), patient(ClientOptions.DEFAULT))))
        .isEqualTo(ErrorCode.BAD_TICKET);
  }

  @Test
  void theGatewayRefusesWhatTheClientWouldHaveSent() {
    // The peer's clock is ahead, so the ticket looks good to the client only.
    Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    GatewayHost strict = new GatewayHost(vertx, true, GatewayConfig.DEFAULT, ahead);
    open.add(strict);
    String expiredThere =
        new Gateway(
                strict.identity,
                "p2pkit",
                true,
                GatewayConfig.DEFAULT,
                strict.network,
                strict.executor,
                new NoSessions(),
                Clock.systemUTC())
            .issue(List.of(strict.endpoint), Right.all(), Duration.ofHours(1))
            .text();
    KitException refused =
        failure(Client.connect(List.of(expiredThere), patient(ClientOptions.DEFAULT)));
    assertThat(refused.code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(refused.detail()).contains("expired at").contains("./p2pkit ticket");
  }

  private static final class NoSessions implements Gateway.SessionListener {
    @Override
    public void attached(Key session) {}

    @Override
    public void detached(Key session) {}
  }

  @Test
  void aTicketWhosePeerIsGoneOrAnotherLeadsNowhere() throws IOException {
    GatewayHost host = host();
    GatewayHost other = host();
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String dead =
        host.gateway
            .issue(List.of(new Endpoint("127.0.0.1", free)), Right.all(), Duration.ofHours(1))
            .text();
    String misled =
        host.gateway.issue(List.of(other.endpoint), Right.all(), Duration.ofHours(1)).text();
    KitException lost =
        failure(Client.connect(List.of(dead, misled), patient(ClientOptions.DEFAULT)));
    assertThat(lost.code()).isEqualTo(ErrorCode.NO_ROUTE);
    assertThat(lost.detail())
        .contains("ticket 1 (127.0.0.1:" + free + "): NO_ROUTE")
        .contains("ticket 2 (127.0.0.1:" + other.endpoint.port() + "): UNAUTHORISED");
  }

  @Test
  void rightsAreKeptByThePeer() throws IOException {
    GatewayHost host = host();
    host.network.receivers.put("echo", ClientOverSocketsTest::echo);
    Client observer = client(host.ticket(Set.of(Right.OBSERVE)));
    assertThat(join(observer.info(observer.peerId())).peer()).isEqualTo(observer.peerId());
    assertThat(code(observer.sendKey(Key.of(1), "echo", "x"))).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(code(observer.openProxy().ready())).isEqualTo(ErrorCode.UNAUTHORISED);
    Client user = client(host.ticket(Set.of(Right.USE)));
    assertThat(join(user.rpcKey(Key.of(1), "echo", "x", String.class))).isEqualTo("x");
    assertThat(failure(user.ring()).detail()).contains("OBSERVE");
    assertThat(code(user.install(archive("1.0", 10), named("counter"))))
        .isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(code(Collector.of(user.stream("in")).end)).isEqualTo(ErrorCode.UNAUTHORISED);
    Collector<NetworkEvent> events = Collector.of(user.events());
    assertThat(events.end).as("a client's own events need no right").isNotDone();
  }

  @Test
  void proxiesAreSeparateAndAcknowledgeWhatTheClientHas() {
    GatewayHost host = host();
    Client client = client(host.ticket());
    Proxy one = client.openProxy();
    Proxy other = client.openProxy();
    assertThat(one.address()).isNotEqualTo(other.address());
    join(one.ready());
    join(other.ready());
    Collector<Message> first = Collector.of(one.messages());
    Receipt receipt = join(host.network.sendTo(one.address(), "for one", SendOptions.DEFAULT));
    assertThat(receipt.ack()).isEqualTo(Ack.PROCESSED);
    join(client.sendTo(other.address(), "for the other", SendOptions.DEFAULT));
    Collector<Message> second = Collector.of(other.messages());
    first.awaitSize(1);
    second.awaitSize(1);
    assertThat(first.items).hasSize(1);
    assertThat(first.items.get(0).body(String.class)).isEqualTo("for one");
    assertThat(first.items.get(0).destination())
        .isEqualTo(new Destination.OfSession(client.sessionId()));
    assertThat(second.items.get(0).body(String.class)).isEqualTo("for the other");
    one.close();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(code(host.network.sendTo(one.address(), "late", SendOptions.DEFAULT)))
                    .isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT));
    assertThat(
            code(
                host.network.sendTo(
                    Address.ofSession(Key.of(1), "proxy"), "x", SendOptions.DEFAULT)))
        .isEqualTo(ErrorCode.SESSION_EXPIRED);
  }

  @Test
  void aClientThatDoesNotReadCostsABoundedQueueThenSlowConsumer() {
    GatewayHost host = host(GatewayConfig.DEFAULT.withQueue(16, 1 << 20));
    Client client = client(ClientOptions.DEFAULT.window(8), host.ticket());
    Collector<NetworkEvent> events = Collector.of(client.events());
    Proxy proxy = client.openProxy();
    join(proxy.ready());
    Collector<Message> reader = Collector.of(proxy.messages(), 0);
    List<CompletableFuture<Receipt>> sends = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      sends.add(host.network.sendTo(proxy.address(), (long) i, SendOptions.DEFAULT));
    }
    for (int i = 24; i < 40; i++) {
      assertThat(code(sends.get(i))).isEqualTo(ErrorCode.SLOW_CONSUMER);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                events.items.stream()
                        .filter(NetworkEvent.SlowConsumer.class::isInstance)
                        .mapToLong(event -> ((NetworkEvent.SlowConsumer) event).refused())
                        .sum()
                    == 16);
    reader.request(Long.MAX_VALUE);
    for (int i = 0; i < 24; i++) {
      join(sends.get(i));
    }
    reader.awaitSize(24);
    for (int i = 0; i < 24; i++) {
      assertThat(reader.items.get(i).body(Long.class)).isEqualTo(i);
    }
    join(host.network.sendTo(proxy.address(), "again", SendOptions.DEFAULT));
  }

  @Test
  void streamsAndEventsOfTheProxyPeerComeToTheClient() {
    GatewayHost host = host();
    Client client = client(ClientOptions.DEFAULT.window(4), host.ticket());
    Collector<Message> first = Collector.of(client.stream("in"));
    Collector<Message> second = Collector.of(client.stream("in"));
    Collector<NetworkEvent> events = Collector.of(client.events());
    for (int i = 0; i < 100; i++) {
      host.network
          .streams
          .get("in")
          .submit(
              new Message(
                  new Source.OfPeer(host.identity.id()),
                  new Destination.OfKey(Key.of(i)),
                  "in",
                  Payload.of((long) i),
                  Optional.empty()));
    }
    host.network.events.submit(new NetworkEvent.PeerJoined(host.identity.id()));
    first.awaitSize(100);
    second.awaitSize(100);
    events.awaitSize(1);
    assertThat(first.items).extracting(message -> message.body(Long.class)).startsWith(0L, 1L, 2L);
    assertThat(first.items).isEqualTo(second.items);
    first.subscription.join().cancel();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> host.network.streams.get("in").getNumberOfSubscribers() == 1);
  }

  @Test
  void aLongAnswerComesInParts() {
    GatewayHost host = host();
    host.network.peersInRing = 5_000;
    assertThat(join(client(host.ticket()).ring()))
        .hasSize(5_000)
        .isEqualTo(join(host.network.ring()));
  }

  private InstallOptions named(String name) {
    return InstallOptions.named(name).ownerKey(directory.resolve("owner.key"));
  }

  private static Archive archive(String version, int padding) throws IOException {
    ByteArrayOutputStream jar = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(jar)) {
      zip.putNextEntry(new ZipEntry("META-INF/kit/service.json"));
      zip.write(
          ("{\"format\":1,\"name\":\"counter\",\"version\":\"" + version + "\"}")
              .getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("padding"));
      byte[] noise = new byte[padding];
      new Random(1).nextBytes(noise);
      zip.write(noise);
    }
    return Archive.of(jar.toByteArray());
  }

  @Test
  void installsAndUpgradesWithARecordThatTheClientSigns() throws IOException {
    GatewayHost host = host();
    host.network.receivers.put("counter", ClientOverSocketsTest::echo);
    Client client = client(host.ticket());
    Archive first = archive("1.0", 3_000_000);
    ServiceHandle handle = join(client.install(first, named("counter")));
    assertThat(host.network.archives.get(first.hash()).content()).isEqualTo(first.content());
    assertThat(handle.name()).isEqualTo("counter");
    assertThat(host.network.records.get("counter/1").owner())
        .isEqualTo(OwnerKey.loadOrCreate(directory.resolve("owner.key")).publicHex());
    assertThat(join(handle.hash("alice").rpc("x", String.class))).isEqualTo("x");

    Archive second = archive("2.0", 10);
    assertThat(join(handle.update(second, named("ignored"))).epoch()).isEqualTo(2);
    assertThat(join(handle.status()).version()).isEqualTo("2.0");
    assertThat(join(client.service("counter")).name()).isEqualTo("counter");
    assertThat(
            code(
                handle.update(
                    archive("3.0", 10),
                    InstallOptions.DEFAULT.ownerKey(directory.resolve("another.key")))))
        .isEqualTo(ErrorCode.UNAUTHORISED);
  }

  @Test
  void aServiceTicketHandsOnTheRightToUpgrade() throws IOException {
    GatewayHost host = host();
    Client owner = client(host.ticket());
    join(owner.install(archive("1.0", 1), named("counter")));
    OwnerKey key = OwnerKey.loadOrCreate(directory.resolve("owner.key"));
    Instant later = Instant.now().plusSeconds(60);
    Client other = client(host.ticket());
    InstallOptions theirs = InstallOptions.DEFAULT.ownerKey(directory.resolve("theirs.key"));
    ServiceHandle use =
        join(other.serviceOfTicket(ServiceTicket.toUse(key, "counter", "1", later).text()));
    assertThat(code(use.update(archive("2.0", 1), theirs))).isEqualTo(ErrorCode.UNAUTHORISED);
    ServiceHandle upgrade =
        join(other.serviceOfTicket(ServiceTicket.toUpgrade(key, "counter", "1", later).text()));
    assertThat(join(upgrade.update(archive("2.0", 1), theirs)).epoch()).isEqualTo(2);
    assertThat(code(other.serviceOfTicket("p2pkit:service:1:AAAA")))
        .isEqualTo(ErrorCode.BAD_TICKET);
  }

  @Test
  void freshNamesOfOneOwnerDiffer() throws IOException {
    GatewayHost host = host();
    Client client = client(host.ticket());
    InstallOptions fresh = InstallOptions.DEFAULT.ownerKey(directory.resolve("owner.key"));
    String first = join(client.install(archive("1.0", 1), fresh)).name();
    String second = join(client.install(archive("1.1", 2), fresh)).name();
    assertThat(second).isNotEqualTo(first).startsWith(first);
  }

  @Test
  void theEndOfAClientIsSeenByItsPeerAndByThoseWhoWriteToIt() {
    GatewayHost host = host();
    host.network.receivers.put("silent", message -> new CompletableFuture<>());
    Client client = client(host.ticket());
    Address address = client.openProxy().address();
    CompletableFuture<Receipt> pending = client.sendKey(Key.of(1), "silent", "x");
    await().atMost(Duration.ofSeconds(30)).until(() -> host.attached.size() == 1);
    assertThat(host.gateway.sessions()).containsExactly(client.sessionId());
    client.close();
    assertThat(code(pending)).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(code(client.sendKey(Key.of(1), "silent", "x"))).isEqualTo(ErrorCode.CLOSED);
    assertThat(code(client.openProxy().ready())).isEqualTo(ErrorCode.CLOSED);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(host.detached).containsExactly(client.sessionId()));
    assertThat(host.network.clientEvents)
        .containsExactly(
            new NetworkEvent.ClientAttached(client.sessionId()),
            new NetworkEvent.ClientDetached(client.sessionId()));
    assertThat(code(host.network.sendTo(address, "late", SendOptions.DEFAULT)))
        .isEqualTo(ErrorCode.SESSION_EXPIRED);
  }

  @Test
  void whenTheProxyPeerDiesOpenCallsEndAndTheClientComesBackElsewhere() {
    GatewayHost first = host();
    GatewayHost second = host();
    for (GatewayHost host : List.of(first, second)) {
      host.network.receivers.put("echo", ClientOverSocketsTest::echo);
      host.network.receivers.put("silent", message -> new CompletableFuture<>());
    }
    Client client = client(first.ticket(), second.ticket());
    GatewayHost lost = client.peerId().equals(first.identity.id()) ? first : second;
    GatewayHost next = lost == first ? second : first;
    Proxy proxy = client.openProxy();
    Collector<Message> messages = Collector.of(proxy.messages());
    Collector<NetworkEvent> events = Collector.of(client.events());
    CompletableFuture<String> call = client.rpcKey(Key.of(1), "silent", "x", String.class);
    lost.close();
    open.remove(lost);

    assertThat(code(call)).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    await().atMost(Duration.ofSeconds(30)).until(() -> client.peerId().equals(next.identity.id()));
    assertThat(join(client.rpcKey(Key.of(1), "echo", "back", String.class))).isEqualTo("back");
    join(client.sendTo(proxy.address(), "new address", SendOptions.DEFAULT));
    messages.awaitSize(1);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> events.items.contains(new NetworkEvent.Connected(next.identity.id())));
    assertThat(events.items)
        .anyMatch(
            event ->
                event instanceof NetworkEvent.Disconnected gone
                    && gone.from().equals(lost.identity.id()));
  }

  @Test
  void withoutReattachingTheEndIsFinal() {
    GatewayHost host = host();
    Client client = client(ClientOptions.DEFAULT.reattach(false), host.ticket());
    Collector<Message> messages = Collector.of(client.openProxy().messages());
    host.gateway.close();
    assertThat(code(messages.end)).isEqualTo(ErrorCode.CLOSED);
    assertThat(code(client.sendKey(Key.of(1), "echo", "x"))).isEqualTo(ErrorCode.CLOSED);
  }

  @Test
  void worksWithoutEncryptionOnLoopback() {
    GatewayHost host = new GatewayHost(vertx, false, GatewayConfig.DEFAULT);
    open.add(host);
    host.network.receivers.put("echo", ClientOverSocketsTest::echo);
    Client client = client(host.ticket());
    assertThat(join(client.rpcKey(Key.of(1), "echo", "plain", String.class))).isEqualTo("plain");
  }

  @Test
  void aClientWithItsOwnThreadsFreesThem() {
    GatewayHost host = host();
    host.network.receivers.put("echo", ClientOverSocketsTest::echo);
    CompletableFuture<String> thread;
    try (Client client =
        join(
            Client.connect(
                List.of(host.ticket()),
                ClientOptions.DEFAULT.connectTimeout(Duration.ofSeconds(15))))) {
      thread =
          client
              .rpcKey(Key.of(1), "echo", "x", String.class)
              .thenApply(reply -> Thread.currentThread().getName());
      assertThat(join(thread)).matches("p2pkit-client-\\d+|main");
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(each -> each.getName().startsWith("p2pkit-client-")));
  }

  @Test
  void manyCallsAtOnceAllEnd() {
    GatewayHost host = host();
    host.network.receivers.put("echo", ClientOverSocketsTest::echo);
    Client client = client(host.ticket());
    List<CompletableFuture<Long>> calls = new ArrayList<>();
    for (long i = 0; i < 10_000; i++) {
      calls.add(client.rpcKey(Key.of(i), "echo", i, Long.class));
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(join(calls.get(i))).isEqualTo(i);
    }
    assertThat(client.strays()).isZero();
  }
}
