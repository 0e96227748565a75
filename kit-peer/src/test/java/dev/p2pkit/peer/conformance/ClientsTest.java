// The founding API's rows on thin clients: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.Proxy;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("unchecked") // a class cannot name the types of elements
class ClientsTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static TestRing ring;
  private final List<Client> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    ring = TestRing.of(4);
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  @AfterEach
  void closeClients() {
    clients.forEach(Client::close);
  }

  private Client connect(Peer peer) {
    return connect(List.of(peer.clientTicket(HOUR)));
  }

  private Client connect(List<String> tickets) {
    Client client = get(Client.connect(tickets, ClientOptions.DEFAULT.ownerKey(ring.ownerKey())));
    clients.add(client);
    return client;
  }

  @Test
  void clientTicket_isOneLineThatSurvivesATextFileAndDiffersBetweenPeers() throws IOException {
    String one = ring.peer(0).clientTicket(HOUR);
    String two = ring.peer(1).clientTicket(HOUR);
    assertThat(one).doesNotContain("\n").isNotEqualTo(two);
    Path file = Files.writeString(ring.directory().resolve("ticket.txt"), one + "\n");
    Client client = connect(List.of(Files.readString(file).strip()));
    assertThat(client.peerId()).isEqualTo(ring.peer(0).peerId());
  }

  @Test
  void clientTicket_garbledForgedOrExpiredIsBad() {
    String good = ring.peer(0).clientTicket(HOUR);
    String garbled = good.substring(0, good.length() - 8) + "AAAAAAAA";
    assertThat(failure(Client.connect(List.of(garbled))).code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(failure(Client.connect(List.of("nonsense"))).code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(failure(Client.connect(List.of())).code()).isEqualTo(ErrorCode.BAD_TICKET);
    String expired = ring.peer(0).clientTicket(Duration.ofMillis(1));
    await()
        .untilAsserted(
            () -> {
              KitException failure = failure(Client.connect(List.of(expired)));
              assertThat(failure.code()).isEqualTo(ErrorCode.BAD_TICKET);
              assertThat(failure.detail()).contains("expired");
            });
  }

  @Test
  void makeClient_triesItsTicketsUntilOneWorks() {
    Peer gone = ring.start(settings -> settings);
    String stale = gone.clientTicket(HOUR);
    ring.leave(gone);
    Client client = connect(List.of(stale, ring.peer(2).clientTicket(HOUR), stale));
    assertThat(client.peerId()).isEqualTo(ring.peer(2).peerId());
    assertThat(failure(Client.connect(List.of(stale))).code()).isEqualTo(ErrorCode.NO_ROUTE);
  }

  @Test
  void getPeerId_isTheProxyPeers() {
    assertThat(connect(ring.peer(3)).peerId()).isEqualTo(ring.peer(3).peerId());
  }

  @Test
  void clients_areNoMembersOfTheRing() {
    Listener<NetworkEvent> events = Listener.to(ring.peer(0).events());
    Client client = connect(ring.peer(0));
    Key session = client.sessionId();
    await()
        .untilAsserted(
            () -> assertThat(events.seen).contains(new NetworkEvent.ClientAttached(session)));
    assertThat(get(client.ring())).hasSize(4);
    assertThat(ring.peer(0).info().clients()).contains(session);
    assertThat(ring.peer(0).info().statistics().clients()).isPositive();
    client.close();
    await()
        .untilAsserted(
            () -> assertThat(events.seen).contains(new NetworkEvent.ClientDetached(session)));
    assertThat(get(ring.peer(1).ring())).hasSize(4);
  }

  @Test
  void clients_sendCallAndBroadcastLikePeers() {
    for (Peer peer : ring.peers()) {
      peer.stream("where")
          .subscribe(
              new Receiver(
                  m -> m.replyTo().ifPresent(to -> peer.sendTo(to, peer.peerId().toString()))));
    }
    Listener<Message> seen = Listener.to(ring.peer(1).stream("where"));
    Client client = connect(ring.peer(0));
    Key key = ring.keyOf(ring.peer(1));
    assertThat(get(client.rpcKey(key, "where", "?", String.class)))
        .isEqualTo(ring.peer(1).peerId().toString());
    assertThat(get(client.rpcPeer(ring.peer(2).peerId(), "where", "?", String.class)))
        .isEqualTo(ring.peer(2).peerId().toString());
    assertThat(get(client.sendKey(key, "where", "x")).peer()).isEqualTo(ring.peer(1).peerId());
    BroadcastReport report = get(client.broadcast("where", "all"));
    assertThat(report.reached()).isEqualTo(4);
    await().untilAsserted(() -> assertThat(seen.seen).hasSize(3));
    assertThat(seen.seen).allSatisfy(m -> assertThat(m.source()).isEqualTo(new Source.OfClient()));
    assertThat(failure(client.sendPeer(ring.peer(1).peerId(), "nobody", 1L)).code())
        .isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
  }

  @Test
  void makeProxy_givesAddressesThatAnyPeerCanSendTo() {
    Client client = connect(ring.peer(0));
    Proxy one = client.openProxy();
    Proxy two = client.openProxy();
    assertThat(one.address()).isNotEqualTo(two.address());
    assertThat(one.address().kind()).isEqualTo(Address.Kind.SESSION);
    Listener<Message> first = Listener.to(one.messages());
    Listener<Message> second = Listener.to(two.messages());
    get(one.ready());
    get(two.ready());
    for (Peer peer : ring.peers()) {
      get(peer.sendTo(one.address(), "for one"));
    }
    get(ring.peer(3).sendTo(two.address(), "for two"));
    await().untilAsserted(() -> assertThat(first.seen).hasSize(4));
    await().untilAsserted(() -> assertThat(second.seen).hasSize(1));
    assertThat(second.seen.get(0).body(String.class)).isEqualTo("for two");
  }

  @Test
  void makeProxy_ofAnotherClientIsReachedByAClient() {
    Proxy proxy = connect(ring.peer(0)).openProxy();
    Listener<Message> seen = Listener.to(proxy.messages());
    get(proxy.ready());
    get(connect(ring.peer(2)).sendTo(proxy.address(), "from a client"));
    await().untilAsserted(() -> assertThat(seen.seen).hasSize(1));
    assertThat(seen.seen.get(0).source()).isEqualTo(new Source.OfClient());
  }

  @Test
  void aSessionThatHasEnded_isSaidSo() {
    Client client = connect(ring.peer(1));
    Address address = client.openProxy().address();
    client.close();
    await()
        .untilAsserted(
            () ->
                assertThat(failure(ring.peer(0).sendTo(address, "late")).code())
                    .isEqualTo(ErrorCode.SESSION_EXPIRED));
  }

  @Test
  void installService_andUpdateByAClient() {
    Client client = connect(ring.peer(0));
    InstallOptions options = InstallOptions.named("by-client");
    ServiceHandle handle = get(client.install(Archives.counterV1(), options));
    ServiceHandle.Target target = handle.hash("alice");
    get(target.rpc(Payload.tree(Map.of("type", "Add", "by", 4L)), Map.class));
    assertThat(get(handle.update(Archives.counterV2(), options)).peers()).hasSize(4);
    assertThat(get(target.rpc(Payload.tree(Map.of("type", "Get", "total", true)), Map.class)))
        .isEqualTo(Map.of("count", 4L, "version", 2L, "note", "from 1"));
    assertThat(get(handle.status()).peers()).hasSize(4);
    assertThat(get(connect(ring.peer(3)).service("by-client")).name()).isEqualTo("by-client");
    assertThat(failure(client.service("absent")).code()).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
  }

  @Test
  void theDeathOfAClient_leavesTheRingUntouched() throws Exception {
    Peer host = ring.peer(1);
    List<String> listen = List.of("listen", "--ticket", host.clientTicket(HOUR));
    Process process =
        new ProcessBuilder(JavaCommand.of(List.of("-Xmx128m"), listen))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      await().untilAsserted(() -> assertThat(host.info().clients()).hasSize(1));
      process.destroyForcibly().waitFor();
    } finally {
      process.destroyForcibly();
    }
    await().untilAsserted(() -> assertThat(host.info().clients()).isEmpty());
    ring.awaitClosed();
    assertThat(get(connect(host).ring())).hasSize(4);
  }

  @Test
  void theCloseOfManyClients_leavesTheRingUntouched() {
    for (int i = 0; i < 20; i++) {
      connect(ring.peer(i % 4));
    }
    assertThat(get(ring.peer(0).ring())).hasSize(4);
    closeClients();
    await()
        .untilAsserted(
            () ->
                assertThat(ring.peers()).allSatisfy(p -> assertThat(p.info().clients()).isEmpty()));
    ring.awaitClosed();
  }
}
