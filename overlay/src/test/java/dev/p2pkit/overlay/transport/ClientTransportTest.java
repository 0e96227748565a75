// Thin clients: let in by a ticket, refused with a reason.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTransportTest {
  private static final class Listener implements ClientConnectionListener {
    final Queue<Note> heard = new ConcurrentLinkedQueue<>();
    final Queue<String> down = new ConcurrentLinkedQueue<>();

    @Override
    public void onMessage(WireMessage message) {
      heard.add((Note) message);
    }

    @Override
    public void onDown(ErrorCode code, String detail) {
      down.add(code + " " + detail);
    }
  }

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private final Identity identity = Identity.ephemeral();
  private final Listener listener = new Listener();
  private TestPeer peer;
  private String ticketSeen = "";

  @BeforeEach
  void start() throws Exception {
    // A network with a secret: the client does not know it, its ticket is what counts.
    peer =
        TestPeer.start(
            vertx,
            TransportConfig.defaults()
                .withMembership(new Membership.SharedSecret(new byte[32]))
                .withLimits(LinkLimits.defaults().withClientLinks(2)));
    peer.admission =
        greeting -> {
          ticketSeen = greeting.ticket();
          return greeting.ticket().equals("open sesame")
              ? ClientAdmission.accept()
              : ClientAdmission.refuse(ErrorCode.BAD_TICKET, "this ticket has expired");
        };
  }

  @AfterEach
  void stop() throws Exception {
    peer.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private CompletableFuture<ClientConnection> connect(
      Endpoint endpoint, PeerId expected, String network, String ticket) {
    return ClientTransport.connect(
        vertx,
        identity,
        endpoint,
        expected,
        network,
        ticket,
        TransportConfig.defaults(),
        List.of(Note.CODEC),
        listener);
  }

  private CompletableFuture<ClientConnection> connect(String ticket) {
    return connect(peer.endpoint(), peer.id(), "p2pkit", ticket);
  }

  private static KitException failure(CompletableFuture<?> future) throws Exception {
    try {
      future.get(10, SECONDS);
    } catch (ExecutionException e) {
      return KitException.from(e.getCause());
    }
    throw new AssertionError("it succeeded");
  }

  @Test
  void aClientWithATicketTalksBothWays() throws Exception {
    ClientConnection client = connect("open sesame").get(10, SECONDS);
    assertThat(client.peer()).isEqualTo(peer.ref());
    assertThat(client.isUp()).isTrue();
    for (int i = 0; i < 100; i++) {
      assertThat(client.send(Note.request(i))).isEqualTo(SendResult.SENT);
    }
    await().until(() -> peer.fromClients.size() == 100);
    await().until(() -> listener.heard.size() == 100);
    assertThat(listener.heard).containsExactlyElementsOf(peer.fromClients);
    ClientLink link = peer.clients.peek();
    assertThat(link.clientKey()).isEqualTo(identity.id().position());
    assertThat(peer.transport.statistics().clients()).isEqualTo(1);
    // A client is no peer: no peer's event, no peer's message.
    assertThat(peer.events).isEmpty();
    assertThat(peer.heard).isEmpty();

    client.close().get(10, SECONDS);
    await().until(() -> peer.clientsGone.size() == 1);
    assertThat(listener.down).hasSize(1);
    assertThat(client.isUp()).isFalse();
    assertThat(client.send(Note.request(1))).isEqualTo(SendResult.CLOSED);
    assertThat(link.send(Note.request(1))).isFalse();
    assertThat(peer.transport.statistics().clients()).isZero();
  }

  @Test
  void aPeerMayEndAClientsLinkWithAReason() throws Exception {
    ClientConnection client = connect("open sesame").get(10, SECONDS);
    await().until(() -> !peer.clients.isEmpty());
    peer.clients.element().send(Note.request(1));
    peer.clients.element().close("you are too slow");
    await().until(() -> !listener.down.isEmpty());
    assertThat(listener.heard).hasSize(1);
    assertThat(listener.down.element()).contains("you are too slow");
    assertThat(client.isUp()).isFalse();
  }

  @Test
  void aRefusedTicketCarriesTheCodeAndTheReason() throws Exception {
    KitException why = failure(connect("nonsense"));
    assertThat(why.code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(why.detail()).isEqualTo("this ticket has expired");
    assertThat(peer.clients).isEmpty();
  }

  @Test
  void theTicketIsShownToTheExpectedPeerOnly() throws Exception {
    KitException why =
        failure(connect(peer.endpoint(), Identity.ephemeral().id(), "p2pkit", "open sesame"));
    assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(why.detail()).contains(peer.id().toString());
    assertThat(ticketSeen).isEmpty();
  }

  @Test
  void anotherNetworkIsRefused() throws Exception {
    KitException why = failure(connect(peer.endpoint(), peer.id(), "red", "open sesame"));
    assertThat(why.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 4097})
  void aTicketHasABound(int length) throws Exception {
    KitException why = failure(connect("x".repeat(length)));
    assertThat(why.code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(ticketSeen).hasSize(length == 4096 ? 4096 : 0);
  }

  @Test
  void thereIsABoundOnClients() throws Exception {
    List<ClientConnection> clients = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      clients.add(connect("open sesame").get(10, SECONDS));
    }
    assertThat(failure(connect("open sesame")).code()).isEqualTo(ErrorCode.BUSY);
    clients.get(0).close().get(10, SECONDS);
    await().until(() -> peer.transport.statistics().clients() == 1);
    connect("open sesame").get(10, SECONDS);
  }

  @Test
  void aPeerWithoutGatewayRefusesClients() throws Exception {
    try (TestPeer bare = TestPeer.start(vertx, TransportConfig.defaults())) {
      KitException why = failure(connect(bare.endpoint(), bare.id(), "p2pkit", "open sesame"));
      assertThat(why.code()).isEqualTo(ErrorCode.UNAUTHORISED);
      assertThat(why.detail()).contains("does not serve clients");
    }
  }

  @Test
  void aPeerThatClosesEndsItsClients() throws Exception {
    ClientConnection client = connect("open sesame").get(10, SECONDS);
    peer.close();
    await().until(() -> !listener.down.isEmpty());
    assertThat(client.isUp()).isFalse();
    KitException why = failure(connect("open sesame"));
    assertThat(why.code()).isEqualTo(ErrorCode.NO_ROUTE);
  }
}
