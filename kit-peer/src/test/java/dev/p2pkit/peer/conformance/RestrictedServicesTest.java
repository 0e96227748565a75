// Services that answer ticket holders only, over real sockets: clients, peers, and services of
// peers.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.peer.InstallPolicy;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceRight;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("unchecked") // a class cannot name the types of elements
class RestrictedServicesTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Set<ServiceRight> INVOKE = Set.of(ServiceRight.INVOKE);

  private static TestRing ring;
  private final List<Client> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    ring = new TestRing();
    for (int i = 0; i < 3; i++) {
      ring.start(settings -> settings.installPolicy(InstallPolicy.ANY));
    }
    ring.awaitClosed();
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
    Client client =
        get(
            Client.connect(
                List.of(peer.clientTicket(HOUR)), ClientOptions.DEFAULT.ownerKey(ring.ownerKey())));
    clients.add(client);
    return client;
  }

  private static ServiceHandle install(String name) {
    return get(ring.peer(0).install(Archives.counterV1(), InstallOptions.named(name).restricted()));
  }

  private static ServiceControl control(String name) {
    return get(ring.peer(0).service(name)).control(InstallOptions.named(name));
  }

  private static Payload add(long by) {
    return Payload.tree(Map.of("type", "Add", "by", by));
  }

  private static long call(ServiceHandle handle) {
    return ((Map<String, Long>) get(handle.hash("x").rpc(add(1), Map.class))).get("count");
  }

  private static KitException refused(ServiceHandle handle) {
    KitException failure = failure(handle.hash("x").rpc(add(1), Map.class));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    return failure;
  }

  @Test
  void aClientIsAnsweredWithATicketAndNotWithoutOrAfterTheRevocation() {
    install("vault");
    for (Peer peer : ring.peers()) {
      Client client = connect(peer);
      ServiceHandle without = get(client.service("vault"));
      assertThat(refused(without).detail()).contains("service ticket vault --invoke");
      ServiceHandle with = get(client.serviceOfTicket(get(control("vault").ticket(INVOKE, HOUR))));
      assertThat(call(with)).isPositive();
      assertThat(get(with.broadcast(add(1))).reached()).isEqualTo(3);
    }
    Client stranger = connect(ring.peer(1));
    ServiceHandle handle = get(stranger.service("vault"));
    assertThat(failure(handle.broadcast(add(1))).code()).isEqualTo(ErrorCode.UNAUTHORISED);
    String ticket = get(control("vault").ticket(INVOKE, HOUR));
    ServiceHandle open = get(stranger.serviceOfTicket(ticket));
    call(open);
    get(control("vault").revoke());
    // Open sessions too, wherever the client is attached.
    await().untilAsserted(() -> refused(open));
    assertThat(failure(stranger.serviceOfTicket(ticket)).detail()).contains("revoked");
    assertThat(call(get(stranger.serviceOfTicket(get(control("vault").ticket(INVOKE, HOUR))))))
        .isPositive();
    assertThat(ring.peer(1).info().statistics().dropped()).containsKey("service.unauthorised");
  }

  @Test
  void aTicketIsNarrowedWithoutItsOwnerAndExpires() {
    install("safe");
    ServiceTicket ticket =
        ServiceTicket.parse(get(control("safe").ticket(Set.of(ServiceRight.values()), HOUR)));
    String narrowed =
        ticket.narrowed(Set.of(Certificate.Power.INVOKE), Instant.now().plusSeconds(60)).text();
    Client client = connect(ring.peer(2));
    ServiceHandle handle = get(client.serviceOfTicket(narrowed));
    call(handle);
    assertThat(failure(handle.update(Archives.counterV2(), InstallOptions.named("safe"))).code())
        .isEqualTo(ErrorCode.UNAUTHORISED);

    // A client whose clock is slow still shows a ticket that has expired: the peer refuses it.
    String late =
        ticket.narrowed(Set.of(Certificate.Power.INVOKE), Instant.now().minusSeconds(5)).text();
    Clock slow = Clock.fixed(Instant.now().minusSeconds(60), ZoneOffset.UTC);
    Client behind =
        get(
            Client.connect(
                List.of(ring.peer(1).clientTicket(HOUR)), ClientOptions.DEFAULT.clock(slow)));
    clients.add(behind);
    KitException failure = failure(behind.serviceOfTicket(late));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains("expired");
    assertThat(failure(client.serviceOfTicket(late)).code()).isEqualTo(ErrorCode.BAD_TICKET);
  }

  @Test
  void anUpgradeKeepsTheRestrictionUnlessItIsLifted() {
    InstallOptions kept = InstallOptions.named("kept");
    ServiceHandle handle = get(ring.peer(0).install(Archives.echo("1", "one"), kept.restricted()));
    get(handle.update(Archives.echo("2", "two"), kept));
    ServiceHandle seen = get(connect(ring.peer(1)).service("kept"));
    await().untilAsserted(() -> refused(seen));
    get(handle.update(Archives.echo("3", "three"), kept.callers(InstallOptions.Callers.ANYBODY)));
    await()
        .untilAsserted(
            () -> assertThat(get(seen.hash("x").rpc("?", List.class))).contains("three"));
  }

  @Test
  void peersAndTheirServicesCallByTheirPeersTicketOrTheirOwner() {
    install("inner");
    ServiceHandle asPeer = get(ring.peer(0).service("inner"));
    assertThat(refused(asPeer).detail()).contains("inner");
    Destination here = new Destination.OfPeer(ring.peer(0).peerId());
    assertThat(failure(ring.peer(0).multicast(List.of(here), "inner", add(1))).code())
        .isEqualTo(ErrorCode.UNAUTHORISED);

    // A service of the same owner may; one of another owner on the same peer may not.
    get(ring.peer(0).install(forwarder(), InstallOptions.named("ours")));
    InstallOptions theirs =
        InstallOptions.named("theirs").ownerKey(ring.directory().resolve("theirs.key"));
    get(ring.peer(0).install(forwarder(), theirs));
    Client client = connect(ring.peer(2));
    ServiceHandle ours = get(client.service("ours"));
    assertThat(get(ours.hash("x").rpc("inner", String.class))).isEqualTo("answered");
    ServiceHandle others = get(client.service("theirs"));
    assertThat(get(others.hash("x").rpc("inner", String.class))).isEqualTo("UNAUTHORISED");

    String ticket = get(control("inner").ticket(INVOKE, HOUR));
    Peer holder =
        ring.start(
            settings -> settings.installPolicy(InstallPolicy.ANY).serviceTickets(List.of(ticket)));
    call(get(holder.service("inner")));
    // So may every service on that peer.
    assertThat(get(holder.rpcPeer(holder.peerId(), "theirs", "inner", String.class)))
        .isEqualTo("answered");
    ring.leave(holder);
  }

  /** Calls the service that it is told and says what came of it. */
  private static Archive forwarder() {
    return Archives.of(
        """
        @KitService(name = "forwarder", version = "1")
        public final class Maker implements ServiceMaker {
          @Override public ServiceDescriptor make(PeerContext peer) {
            return ServiceDescriptor.stateless()
                .onAsync(String.class, (name, context) ->
                    context.network()
                        .rpcKey(Key.hash("x"), name,
                            Payload.tree(Map.of("type", "Add", "by", 1L)), Payload.class)
                        .handle((done, failed) -> {
                          context.reply(failed == null ? "answered" : KitException.from(failed).code().name());
                          return null;
                        }))
                .build();
          }
        }
        """);
  }
}
