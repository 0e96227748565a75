// Which of its tickets a client comes in by over real links, and what it is told if none is good.
package dev.p2pkit.peer.gateway;

import static dev.p2pkit.peer.gateway.ClientRig.code;
import static dev.p2pkit.peer.gateway.ClientRig.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TicketsOverSocketsTest {
  @RegisterExtension final ClientRig rig = new ClientRig();

  @Test
  void ofAStaleAndALiveTicketTheLiveOneWorksInAnyOrder() {
    GatewayHost host = rig.host();
    GatewayHost gone = rig.host();
    String stale = gone.ticket();
    gone.close();
    rig.forget(gone);
    String garbled = host.ticket().replace("p2pkit:client:1:", "p2pkit:client:1:A");
    for (int seed = 0; seed < 4; seed++) {
      Client client = rig.client(ClientOptions.DEFAULT.seed(seed), stale, host.ticket(), garbled);
      assertThat(client.peerId()).isEqualTo(host.identity.id());
    }
  }

  @Test
  void theOrderOfTicketsIsRandom() {
    GatewayHost one = rig.host();
    GatewayHost other = rig.host();
    Set<PeerId> reached = new HashSet<>();
    for (int seed = 0; seed < 16 && reached.size() < 2; seed++) {
      reached.add(
          rig.client(ClientOptions.DEFAULT.seed(seed), one.ticket(), other.ticket()).peerId());
    }
    assertThat(reached).hasSize(2);
  }

  @Test
  void withoutAUsableTicketEachOnesReasonIsNamed() {
    Clock tomorrow = Clock.fixed(Instant.now().plusSeconds(86_400), ZoneOffset.UTC);
    GatewayHost host = rig.host();
    KitException bad =
        failure(
            Client.connect(
                List.of("nonsense", host.ticket()),
                rig.patient(ClientOptions.DEFAULT).clock(tomorrow)));
    assertThat(bad.code()).isEqualTo(ErrorCode.BAD_TICKET);
    assertThat(bad.detail())
        .contains("ticket 1: the client ticket does not begin with")
        .contains("ticket 2: the client ticket expired at");
    assertThat(code(Client.connect(List.of(), rig.patient(ClientOptions.DEFAULT))))
        .isEqualTo(ErrorCode.BAD_TICKET);
  }

  @Test
  void theGatewayRefusesWhatTheClientWouldHaveSent() {
    // The peer's clock is ahead, so the ticket looks good to the client only.
    Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    GatewayHost strict = new GatewayHost(rig.vertx, true, GatewayConfig.DEFAULT, ahead);
    rig.closeAtTheEnd(strict);
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
        failure(Client.connect(List.of(expiredThere), rig.patient(ClientOptions.DEFAULT)));
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
    GatewayHost host = rig.host();
    GatewayHost other = rig.host();
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
        failure(Client.connect(List.of(dead, misled), rig.patient(ClientOptions.DEFAULT)));
    assertThat(lost.code()).isEqualTo(ErrorCode.NO_ROUTE);
    assertThat(lost.detail())
        .contains("ticket 1 (127.0.0.1:" + free + "): NO_ROUTE")
        .contains("ticket 2 (127.0.0.1:" + other.endpoint.port() + "): UNAUTHORISED");
  }
}
