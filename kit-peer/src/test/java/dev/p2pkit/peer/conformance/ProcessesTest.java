// The founding API between processes: peers as JVMs of their own, one of them killed.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The last test kills a process, so the order is fixed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProcessesTest {
  private static final List<String> FLAGS =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final int PEERS = 4;

  @TempDir static Path directory;
  private static final List<PeerProcess> processes = new ArrayList<>();
  private static Client client;
  private static Path ownerKey;

  @BeforeAll
  static void start() throws IOException {
    ownerKey = directory.resolve("owner.key");
    String trusted = OwnerKey.loadOrCreate(ownerKey).publicHex();
    String entry = "";
    for (int i = 0; i < PEERS; i++) {
      List<String> arguments =
          new ArrayList<>(List.of("--trust", trusted, "--owner-key", ownerKey.toString()));
      arguments.addAll(i == 0 ? List.of("--create") : List.of("--join", entry));
      PeerProcess process =
          PeerProcess.start(directory.resolve("peer-" + i), FLAGS, arguments, line -> {});
      processes.add(process);
      if (i == 0) {
        entry = get(process.ready()).entryPoint();
      }
    }
    for (PeerProcess process : processes) {
      get(process.ready());
    }
    client =
        get(
            Client.connect(
                List.of(get(processes.get(0).ready()).ticket()),
                ClientOptions.DEFAULT.ownerKey(ownerKey)));
    await().untilAsserted(() -> assertThat(get(client.ring())).hasSize(PEERS));
  }

  @AfterAll
  static void stop() {
    if (client != null) {
      client.close();
    }
    processes.forEach(PeerProcess::stop);
    processes.forEach(PeerProcess::close);
  }

  private static PeerId id(int index) {
    return get(processes.get(index).ready()).peerId();
  }

  @Test
  @Order(1)
  void hash_isTheSameInAnotherProcess() throws IOException {
    String json = "{\"b\":[1,2.5,true,null,\"ä\"],\"a\":{\"y\":-7,\"x\":\"1\"}}";
    Process other =
        new ProcessBuilder(JavaCommand.of(FLAGS, List.of("hash", "--json", json))).start();
    JsonNode printed =
        new ObjectMapper()
            .readTree(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    Map<String, Object> here = new java.util.HashMap<>();
    here.put("a", new Inner("1", (byte) -7));
    here.put("b", java.util.Arrays.asList(1, 2.5, true, null, "ä"));
    assertThat(printed.path("key").asText()).isEqualTo(Key.hash(here).toString());
  }

  record Inner(String x, byte y) {}

  @Test
  @Order(2)
  void getPeerInfo_ofEveryProcessShowsOneRing() {
    List<PeerInfo> ring = get(client.ring());
    for (int i = 0; i < ring.size(); i++) {
      assertThat(ring.get(i).predecessor())
          .isEqualTo(ring.get((i + ring.size() - 1) % ring.size()).peer());
    }
  }

  @Test
  @Order(3)
  @SuppressWarnings("unchecked") // a class cannot name the types of elements
  void installAndUpdate_acrossProcessesKeepTheState() {
    ServiceHandle counter =
        get(client.install(Archives.counterV1(), InstallOptions.named("counter")));
    for (int i = 0; i < PEERS; i++) {
      get(counter.peer(id(i)).rpc(Payload.tree(Map.of("type", "Add", "by", 10L + i)), Map.class));
    }
    assertThat(get(counter.update(Archives.counterV2(), InstallOptions.named("counter"))).peers())
        .hasSize(PEERS);
    for (int i = 0; i < PEERS; i++) {
      assertThat(
              get(
                  counter
                      .peer(id(i))
                      .rpc(Payload.tree(Map.of("type", "Get", "total", true)), Map.class)))
          .isEqualTo(Map.of("count", 10L + i, "version", 2L, "note", "from 1"));
    }
  }

  @Test
  @Order(4)
  void broadcast_reachesEveryProcess() {
    get(client.install(Archives.echo("1", "e"), InstallOptions.named("echo")));
    BroadcastReport report = get(client.broadcast("echo", "hello"));
    assertThat(report.complete()).isTrue();
    assertThat(report.peers())
        .isEqualTo(
            processes.stream().map(p -> get(p.ready()).peerId()).collect(Collectors.toSet()));
  }

  @Test
  @Order(5)
  void aKilledProcess_endsItsCallsWithCodesAndItsKeysAnswerAgain() {
    PeerId victim = id(2);
    Key key = victim.position();
    ServiceHandle echo = get(client.service("echo"));
    assertThat(get(echo.key(key).rpc("?", List.class)).get(1)).isEqualTo(victim.toString());
    Listener<NetworkEvent> events = Listener.to(client.events());
    processes.get(2).kill();
    SendOptions brief = SendOptions.within(Duration.ofSeconds(2));
    await()
        .untilAsserted(
            () -> {
              try {
                assertThat(get(echo.key(key).rpc("?", List.class, brief)).get(1))
                    .isNotEqualTo(victim.toString());
              } catch (KitException e) {
                assertThat(e.code())
                    .isIn(
                        ErrorCode.DELIVERY_UNKNOWN,
                        ErrorCode.TIMEOUT,
                        ErrorCode.NOT_READY,
                        ErrorCode.NO_ROUTE);
                throw new AssertionError("not yet", e);
              }
            });
    await()
        .untilAsserted(() -> assertThat(events.seen).contains(new NetworkEvent.PeerFailed(victim)));
    await().untilAsserted(() -> assertThat(get(client.ring())).hasSize(PEERS - 1));
    assertThat(get(client.broadcast("echo", "x")).peers()).doesNotContain(victim);
  }
}
