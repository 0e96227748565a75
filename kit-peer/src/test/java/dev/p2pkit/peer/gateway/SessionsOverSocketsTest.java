// A client's session over real links: its proxies, its bounds, and its end for those who write to
// it.
package dev.p2pkit.peer.gateway;

import static dev.p2pkit.peer.gateway.ClientRig.code;
import static dev.p2pkit.peer.gateway.ClientRig.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.Proxy;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SessionsOverSocketsTest {
  @RegisterExtension final ClientRig rig = new ClientRig();

  @Test
  void proxiesAreSeparateAndAcknowledgeWhatTheClientHas() {
    GatewayHost host = rig.host();
    Client client = rig.client(host.ticket());
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
    GatewayHost host = rig.host(GatewayConfig.DEFAULT.withQueue(16, 1 << 20));
    Client client = rig.client(ClientOptions.DEFAULT.window(8), host.ticket());
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
  void theEndOfAClientIsSeenByItsPeerAndByThoseWhoWriteToIt() {
    GatewayHost host = rig.host();
    host.network.receivers.put("silent", message -> new CompletableFuture<>());
    Client client = rig.client(host.ticket());
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
    GatewayHost first = rig.host();
    GatewayHost second = rig.host();
    for (GatewayHost host : List.of(first, second)) {
      host.network.receivers.put("echo", ClientRig::echo);
      host.network.receivers.put("silent", message -> new CompletableFuture<>());
    }
    Client client = rig.client(first.ticket(), second.ticket());
    GatewayHost lost = client.peerId().equals(first.identity.id()) ? first : second;
    GatewayHost next = lost == first ? second : first;
    Proxy proxy = client.openProxy();
    Collector<Message> messages = Collector.of(proxy.messages());
    Collector<NetworkEvent> events = Collector.of(client.events());
    CompletableFuture<String> call = client.rpcKey(Key.of(1), "silent", "x", String.class);
    lost.close();
    rig.forget(lost);

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
    GatewayHost host = rig.host();
    Client client = rig.client(ClientOptions.DEFAULT.reattach(false), host.ticket());
    Collector<Message> messages = Collector.of(client.openProxy().messages());
    host.gateway.close();
    assertThat(code(messages.end)).isEqualTo(ErrorCode.CLOSED);
    assertThat(code(client.sendKey(Key.of(1), "echo", "x"))).isEqualTo(ErrorCode.CLOSED);
  }
}
