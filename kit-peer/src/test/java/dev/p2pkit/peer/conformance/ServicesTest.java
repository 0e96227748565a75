// The founding API's rows on services, their handles and where they run: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("unchecked") // a class cannot name the types of elements
class ServicesTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static TestRing ring;

  @BeforeAll
  static void start() {
    ring = TestRing.of(4);
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  private static InstallOptions fresh(String prefix) {
    return InstallOptions.named(prefix + NAMES.incrementAndGet());
  }

  @Test
  void installService_answersOnEveryPeerAndFromEveryPeer() {
    InstallOptions options = fresh("everywhere");
    get(ring.peer(0).install(Archives.echo("1", "one"), options));
    for (Peer caller : ring.peers()) {
      ServiceHandle handle = get(caller.service(options.name().orElseThrow()));
      for (Peer peer : ring.peers()) {
        assertThat(get(handle.peer(peer.peerId()).rpc("?", List.class)))
            .isEqualTo(List.of("one", peer.peerId().toString()));
      }
    }
  }

  @Test
  void installService_withoutANameIsReachableOnlyThroughItsHandle() {
    ServiceHandle one =
        get(ring.peer(0).install(Archives.echo("1", "one"), InstallOptions.DEFAULT));
    ServiceHandle two =
        get(ring.peer(0).install(Archives.echo("1", "two"), InstallOptions.DEFAULT));
    assertThat(one.name()).isNotEqualTo(two.name());
    assertThat(get(one.peer(ring.peer(1).peerId()).rpc("?", List.class)).get(0)).isEqualTo("one");
    assertThat(
            failure(
                    ring.peer(2)
                        .install(
                            Archives.echo("2", "x"),
                            InstallOptions.named(one.name())
                                .ownerKey(ring.directory().resolve("another.key"))))
                .code())
        .isEqualTo(ErrorCode.UNAUTHORISED);
    get(one.update(Archives.echo("2", "newer"), InstallOptions.DEFAULT));
    assertThat(get(one.peer(ring.peer(1).peerId()).rpc("?", List.class)).get(0)).isEqualTo("newer");
  }

  @Test
  void installService_instancesAtOneAccessPointEachGetEveryMessage() {
    InstallOptions options = fresh("instances");
    // Each instance keeps a sum of its own and tells it to a stream of its peer.
    dev.p2pkit.sdk.Archive census =
        Archives.of(
            """
            @KitService(name = "census", version = "1", state = Maker.Sum.class)
            public final class Maker implements ServiceMaker {
              public record Sum(long sum) {}
              @Override public ServiceDescriptor make(PeerContext peer) {
                return ServiceDescriptor.stateful(Sum.class)
                    .initialState(() -> new Sum(0))
                    .on(Long.class, (by, sum, context) -> {
                      Sum next = new Sum(sum.sum() + by);
                      context.network().sendPeer(
                          peer.peerId(), "census", peer.instance() + " has " + next.sum());
                      return next;
                    })
                    .build();
              }
            }
            """);
    ServiceHandle handle = get(ring.peer(0).install(census, options));
    UpdateReport second = get(handle.update(census, options.instance("2")));
    assertThat(second.missing()).isEmpty();
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    Listener<Message> told = Listener.to(ring.peer(1).stream("census"));
    get(target.send(5L));
    get(target.send(2L));
    await()
        .untilAsserted(
            () ->
                assertThat(told.seen.stream().map(message -> message.body(String.class)))
                    .containsExactlyInAnyOrder("1 has 5", "2 has 5", "1 has 7", "2 has 7"));
    List<ServiceStatus> statuses =
        get(ring.peer(2).services()).stream().filter(s -> s.name().equals(handle.name())).toList();
    assertThat(statuses).extracting(ServiceStatus::instance).containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void install_byAnOwnerThatIsNotTrustedIsUnauthorisedAndNamesTheFix() {
    InstallOptions foreign = fresh("foreign").ownerKey(ring.directory().resolve("untrusted.key"));
    KitException failure = failure(ring.peer(0).install(Archives.echo("1", "x"), foreign));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains("--trust");
  }

  @Test
  void sharable_aPeerThatJoinsLaterServesTheServiceAndAPrivateOneItDoesNot() {
    InstallOptions shared = fresh("shared");
    InstallOptions kept = fresh("private").notSharable();
    get(ring.peer(0).install(Archives.echo("1", "shared"), shared));
    get(ring.peer(0).install(Archives.echo("1", "private"), kept));
    Peer late = ring.start(settings -> settings);
    try {
      ServiceHandle there = get(ring.peer(1).service(shared.name().orElseThrow()));
      assertThat(get(there.peer(late.peerId()).rpc("?", List.class)))
          .isEqualTo(List.of("shared", late.peerId().toString()));
      ServiceHandle absent = get(ring.peer(1).service(kept.name().orElseThrow()));
      assertThat(failure(absent.peer(late.peerId()).rpc("?", List.class)).code())
          .isIn(ErrorCode.NO_SUCH_SERVICE, ErrorCode.NO_SUCH_ACCESS_POINT);
    } finally {
      ring.leave(late);
      ring.awaitClosed();
    }
  }

  @Test
  void sHandle_hashReachesTheSamePeerAsTheKeyOfTheHash() {
    InstallOptions options = fresh("hashed");
    ServiceHandle handle = get(ring.peer(0).install(Archives.echo("1", "e"), options));
    for (int i = 0; i < 20; i++) {
      Map<String, Object> value = Map.of("customer", "c" + i, "n", i);
      List<?> byHash = get(handle.hash(value).rpc("?", List.class));
      List<?> byKey = get(handle.key(Key.hash(value)).rpc("?", List.class));
      assertThat(byHash).isEqualTo(byKey);
      assertThat(byHash.get(1)).isEqualTo(ring.ownerOf(Key.hash(value)).peerId().toString());
    }
    assertThat(get(handle.broadcast("?")).reached()).isEqualTo(4);
  }

  @Test
  void clientOfService_failsForAnUnknownName() {
    assertThat(failure(ring.peer(0).service("never-installed")).code())
        .isEqualTo(ErrorCode.NO_SUCH_SERVICE);
  }

  @Test
  void events_tellOfInstallAndUpgrade() {
    Listener<NetworkEvent> events = Listener.to(ring.peer(3).events());
    InstallOptions options = fresh("eventful");
    String name = options.name().orElseThrow();
    get(ring.peer(0).install(Archives.echo("1", "e"), options));
    get(ring.peer(0).install(Archives.echo("2", "e"), options));
    await()
        .untilAsserted(
            () ->
                assertThat(events.seen)
                    .contains(
                        new NetworkEvent.ServiceInstalled(name, "1", 1),
                        new NetworkEvent.ServiceUpgraded(name, "1", 2)));
  }
}
