// A client and a gateway over real links: what it sends, calls, asks and reads, and by what right.
package dev.p2pkit.peer.gateway;

import static dev.p2pkit.peer.gateway.ClientRig.archive;
import static dev.p2pkit.peer.gateway.ClientRig.code;
import static dev.p2pkit.peer.gateway.ClientRig.failure;
import static dev.p2pkit.peer.gateway.ClientRig.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
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
import dev.p2pkit.sdk.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ClientOverSocketsTest {
  @RegisterExtension final ClientRig rig = new ClientRig();
  @TempDir Path directory;

  @Test
  void sendsAndCallsByPeerAndKeyThroughTheProxyPeer() {
    GatewayHost host = rig.host();
    host.network.receivers.put("echo", ClientRig::echo);
    Client client = rig.client(host.ticket());
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
    GatewayHost host = rig.host();
    CompletableFuture<Message> seen = new CompletableFuture<>();
    host.network.receivers.put(
        "in",
        message -> {
          seen.complete(message);
          return ClientRig.echo(message);
        });
    join(rig.client(host.ticket()).sendKey(Key.of(7), "in", "x"));
    assertThat(seen.join().source()).isEqualTo(new Source.OfClient());
    assertThat(seen.join().destination()).isEqualTo(new Destination.OfKey(Key.of(7)));
  }

  @Test
  void failuresKeepTheirCodeAndTheirSentence() {
    GatewayHost host = rig.host();
    Client client = rig.client(host.ticket());
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
    host.network.receivers.put("echo", ClientRig::echo);
    assertThat(code(client.rpcKey(Key.of(1), "echo", "text", Long.class)))
        .isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void aCallThatNobodyAnswersEndsAtItsDeadline() {
    GatewayHost host = rig.host();
    host.network.receivers.put("silent", message -> new CompletableFuture<>());
    Client client = rig.client(host.ticket());
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
  void rightsAreKeptByThePeer() throws IOException {
    GatewayHost host = rig.host();
    host.network.receivers.put("echo", ClientRig::echo);
    Client observer = rig.client(host.ticket(Set.of(Right.OBSERVE)));
    assertThat(join(observer.info(observer.peerId())).peer()).isEqualTo(observer.peerId());
    assertThat(code(observer.sendKey(Key.of(1), "echo", "x"))).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(code(observer.openProxy().ready())).isEqualTo(ErrorCode.UNAUTHORISED);
    Client user = rig.client(host.ticket(Set.of(Right.USE)));
    assertThat(join(user.rpcKey(Key.of(1), "echo", "x", String.class))).isEqualTo("x");
    assertThat(failure(user.ring()).detail()).contains("OBSERVE");
    assertThat(
            code(
                user.install(
                    archive("1.0", 10),
                    InstallOptions.named("counter").ownerKey(directory.resolve("owner.key")))))
        .isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(host.network.refusedInstalls).containsExactly("counter");
    assertThat(code(Collector.of(user.stream("in")).end)).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(host.network.refused).hasValue(5);
    Collector<NetworkEvent> events = Collector.of(user.events());
    assertThat(events.end).as("a client's own events need no right").isNotDone();
  }

  @Test
  void streamsAndEventsOfTheProxyPeerComeToTheClient() {
    GatewayHost host = rig.host();
    Client client = rig.client(ClientOptions.DEFAULT.window(4), host.ticket());
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
    GatewayHost host = rig.host();
    host.network.peersInRing = 5_000;
    assertThat(join(rig.client(host.ticket()).ring()))
        .hasSize(5_000)
        .isEqualTo(join(host.network.ring()));
  }

  @Test
  void worksWithoutEncryptionOnLoopback() {
    GatewayHost host = new GatewayHost(rig.vertx, false, GatewayConfig.DEFAULT);
    rig.closeAtTheEnd(host);
    host.network.receivers.put("echo", ClientRig::echo);
    Client client = rig.client(host.ticket());
    assertThat(join(client.rpcKey(Key.of(1), "echo", "plain", String.class))).isEqualTo("plain");
  }

  @Test
  void aClientWithItsOwnThreadsFreesThem() {
    GatewayHost host = rig.host();
    host.network.receivers.put("echo", ClientRig::echo);
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
    GatewayHost host = rig.host();
    host.network.receivers.put("echo", ClientRig::echo);
    Client client = rig.client(host.ticket());
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
