// The founding API's rows on services: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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

  private static Map<?, ?> call(ServiceHandle.Target target, Map<String, ?> message) {
    return get(target.rpc(Payload.tree(message), Map.class));
  }

  private static Map<?, ?> add(ServiceHandle.Target target, long by) {
    return call(target, Map.of("type", "Add", "by", by));
  }

  private static Map<?, ?> count(ServiceHandle.Target target) {
    return call(target, Map.of("type", "Get", "total", true));
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
  void installService_ofAnExistingNameIsAnUpgradeThatKeepsTheState() {
    InstallOptions options = fresh("kept");
    ServiceHandle handle = get(ring.peer(0).install(Archives.counterV1(), options));
    ServiceHandle.Target target = handle.peer(ring.peer(2).peerId());
    assertThat(add(target, 41).get("count")).isEqualTo(41L);
    get(ring.peer(1).install(Archives.counterV2(), options));
    Map<?, ?> after = add(target, 1);
    assertThat(after.get("count")).isEqualTo(42L);
    assertThat(after.get("version")).isEqualTo(2L);
    assertThat(after.get("note")).isEqualTo("from 1");
    assertThat(count(handle.peer(ring.peer(3).peerId())).get("note")).isEqualTo("from 1");
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
  void installService_sealedRefusesAnUpgradeWithACode() {
    InstallOptions options = fresh("sealed").sealed();
    ServiceHandle handle = get(ring.peer(0).install(Archives.echo("1", "one"), options));
    assertThat(failure(ring.peer(1).install(Archives.echo("2", "two"), options)).code())
        .isEqualTo(ErrorCode.NOT_UPGRADEABLE);
    assertThat(failure(handle.update(Archives.echo("2", "two"), options)).code())
        .isEqualTo(ErrorCode.NOT_UPGRADEABLE);
    assertThat(get(handle.peer(ring.peer(3).peerId()).rpc("?", List.class)).get(0))
        .isEqualTo("one");
  }

  @Test
  void updateService_withAnotherKeyIsUnauthorised() {
    InstallOptions options = fresh("owned");
    ServiceHandle handle = get(ring.peer(0).install(Archives.echo("1", "one"), options));
    InstallOptions foreign = options.ownerKey(ring.directory().resolve("foreign.key"));
    assertThat(failure(handle.update(Archives.echo("2", "two"), foreign)).code())
        .isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(get(handle.peer(ring.peer(1).peerId()).rpc("?", List.class)).get(0))
        .isEqualTo("one");
  }

  @Test
  void install_byAnOwnerThatIsNotTrustedIsUnauthorisedAndNamesTheFix() {
    InstallOptions foreign = fresh("foreign").ownerKey(ring.directory().resolve("untrusted.key"));
    KitException failure = failure(ring.peer(0).install(Archives.echo("1", "x"), foreign));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains("--trust");
  }

  @Test
  void upgradeState_thatThrowsLeavesTheOldVersionEverywhere() {
    InstallOptions options = fresh("unmovable");
    ServiceHandle handle = get(ring.peer(0).install(Archives.counterV1(), options));
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    add(target, 7);
    KitException failure = failure(handle.update(Archives.counterThatCannotMigrate(), options));
    assertThat(failure.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(failure.detail()).contains("no way from 1");
    assertThat(add(target, 1)).isEqualTo(Map.of("count", 8L, "version", 1L));
    ServiceStatus status = get(handle.status());
    assertThat(status.peers()).allSatisfy(on -> assertThat(on.version()).isEqualTo("1"));
  }

  @Test
  void upgradeState_absentKeepsTheStateByName() {
    InstallOptions options = fresh("by-name");
    ServiceHandle handle = get(ring.peer(0).install(Archives.counterV1(), options));
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    add(target, 3);
    get(handle.update(Archives.counterV1(), options));
    assertThat(count(target).get("count")).isEqualTo(3L);
  }

  @Test
  void statefulProcessor_tenThousandConcurrentCallsAcrossAnUpgradeGiveExactlyTenThousand() {
    InstallOptions options = fresh("ten-thousand");
    ServiceHandle handle = get(ring.peer(0).install(Archives.counterV1(), options));
    ServiceHandle.Target target = handle.key(ring.keyOf(ring.peer(2)));
    List<CompletableFuture<?>> calls = new ArrayList<>();
    CompletableFuture<UpdateReport> upgrade = new CompletableFuture<>();
    for (int i = 0; i < 10_000; i++) {
      calls.add(
          get(ring.peer(i % 4).service(handle.name()))
              .key(ring.keyOf(ring.peer(2)))
              .rpc(Payload.tree(Map.of("type", "Add", "by", 1L)), Map.class));
      if (i == 5_000) {
        handle
            .update(Archives.counterV2(), options)
            .whenComplete(
                (report, failed) -> {
                  if (failed == null) {
                    upgrade.complete(report);
                  } else {
                    upgrade.completeExceptionally(failed);
                  }
                });
      }
    }
    calls.forEach(TestRing::get);
    assertThat(get(upgrade).peers()).hasSize(4);
    assertThat(count(target)).isEqualTo(Map.of("count", 10_000L, "version", 2L, "note", "from 1"));
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
  void pushMessages_putsMessagesAtTheFrontOfTheOwnMailbox() {
    // Holds a and b back until c has come, then pushes them: c, a, b, and d after them.
    InstallOptions options = fresh("pushing");
    ServiceHandle handle =
        get(
            ring.peer(0)
                .install(
                    Archives.of(
                        """
                        @KitService(name = "pushing", version = "1")
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            List<Message> held = new ArrayList<>();
                            List<String> order = new ArrayList<>();
                            boolean[] open = {false};
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> {
                                  if (text.equals("order")) { context.reply(List.copyOf(order)); return; }
                                  if (!open[0] && !text.equals("c")) { held.add(context.message()); return; }
                                  order.add(text);
                                  if (text.equals("c")) { open[0] = true; context.pushMessages(List.copyOf(held)); }
                                })
                                .build();
                          }
                        }
                        """),
                    options));
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    for (String text : List.of("a", "b", "c", "d")) {
      target.send(text);
    }
    await()
        .untilAsserted(
            () ->
                assertThat(get(target.rpc("order", List.class)))
                    .isEqualTo(List.of("c", "a", "b", "d")));
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

  @Test
  void events_tellOfAVersionThatCrashedAndWasTakenBack() {
    Peer peer = ring.peer(1);
    Listener<NetworkEvent> events = Listener.to(peer.events());
    InstallOptions options = fresh("reverted");
    String name = options.name().orElseThrow();
    ServiceHandle handle = get(ring.peer(0).install(Archives.echo("1", "works"), options));
    get(
        ring.peer(0)
            .install(
                Archives.of(
                    """
                    @KitService(name = "echo", version = "2")
                    public final class Maker implements ServiceMaker {
                      @Override public ServiceDescriptor make(PeerContext peer) {
                        return ServiceDescriptor.stateless()
                            .onAny((body, context) -> { throw new IllegalStateException("bad"); })
                            .build();
                      }
                    }
                    """),
                options));
    ServiceHandle.Target target = handle.peer(peer.peerId());
    assertThat(failure(target.rpc("?", List.class)).code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    await()
        .ignoreExceptionsMatching(
            e -> e instanceof KitException crash && crash.code() == ErrorCode.SERVICE_CRASHED)
        .untilAsserted(
            () -> assertThat(get(target.rpc("?", List.class)).get(0)).isEqualTo("works"));
    await()
        .untilAsserted(
            () ->
                assertThat(events.seen)
                    .containsSubsequence(
                        new NetworkEvent.ServiceUpgraded(name, "1", 2),
                        new NetworkEvent.ServiceReverted(name, "1", 1)));
  }

  @Test
  void processor_thatThrowsAnswersWithACodeAndKeepsItsState() {
    InstallOptions options = fresh("throwing");
    ServiceHandle handle =
        get(
            ring.peer(0)
                .install(
                    Archives.of(
                        """
                        @KitService(name = "throwing", version = "1", state = Maker.Count.class)
                        public final class Maker implements ServiceMaker {
                          public record Count(long n) {}
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateful(Count.class)
                                .initialState(() -> new Count(0))
                                .on(String.class, (text, count, context) -> {
                                  if (text.equals("boom")) { throw new IllegalStateException("boom it is"); }
                                  context.reply(count.n() + 1);
                                  return new Count(count.n() + 1);
                                })
                                .build();
                          }
                        }
                        """),
                    options));
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    assertThat(get(target.rpc("ok", Long.class))).isEqualTo(1L);
    KitException failure = failure(target.rpc("boom", Long.class));
    assertThat(failure.code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(failure.detail()).contains("boom it is");
    assertThat(get(target.rpc("ok", Long.class))).isEqualTo(2L);
  }

  @Test
  void messagesThatNobodyWaitsFor_areTriedThreeTimesAndSetAside() {
    InstallOptions options = fresh("hopeless");
    ServiceHandle handle =
        get(
            ring.peer(0)
                .install(
                    Archives.of(
                        """
                        @KitService(name = "hopeless", version = "1")
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> {
                                  throw new IllegalStateException(text);
                                })
                                .build();
                          }
                        }
                        """),
                    options));
    Peer target = ring.peer(2);
    long crashes = target.serviceStatistics().crashes();
    long dead = target.serviceStatistics().deadLetters();
    SendOptions early = SendOptions.DEFAULT.ack(Ack.ENQUEUED);
    assertThat(get(handle.peer(target.peerId()).send("enqueued", early)).ack())
        .isEqualTo(Ack.ENQUEUED);
    await()
        .untilAsserted(
            () -> assertThat(target.serviceStatistics().deadLetters()).isEqualTo(dead + 1));
    assertThat(target.serviceStatistics().crashes()).isEqualTo(crashes + 3);
    List<Long> before =
        ring.peers().stream().map(peer -> peer.serviceStatistics().deadLetters()).toList();
    assertThat(get(handle.broadcast("to all")).refused()).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(
                        ring.peers().stream().map(peer -> peer.serviceStatistics().deadLetters()))
                    .containsExactlyElementsOf(before.stream().map(count -> count + 1).toList()));
  }

  @Test
  void processor_thatNeverReturnsIsFencedAndItsCallerGetsACode() {
    InstallOptions options = fresh("stuck");
    ServiceHandle handle =
        get(
            ring.peer(0)
                .install(
                    Archives.of(
                        """
                        @KitService(name = "stuck", version = "1", turnMillis = 300)
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> {
                                  if (text.equals("stick")) { new CountDownLatch(1).await(); }
                                  context.reply(text);
                                })
                                .build();
                          }
                        }
                        """),
                    options));
    ServiceHandle.Target target = handle.peer(ring.peer(2).peerId());
    assertThat(failure(target.rpc("stick", String.class)).code())
        .isIn(ErrorCode.DELIVERY_UNKNOWN, ErrorCode.SERVICE_CRASHED);
    assertThat(get(target.rpc("go on", String.class))).isEqualTo("go on");
  }

  @Test
  void processor_onTheEventLoopThatABroadcastStopsTakesNothingElseWithIt() {
    InstallOptions options = fresh("stuck-loop");
    ServiceHandle stuck =
        get(
            ring.peer(0)
                .install(
                    Archives.of(
                        """
                        @KitService(name = "stuck-loop", version = "1", turnMillis = 300,
                            execution = Execution.EVENT_LOOP)
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> new CountDownLatch(1).await())
                                .build();
                          }
                        }
                        """),
                    options));
    InstallOptions other = fresh("beside-it");
    ServiceHandle beside = get(ring.peer(0).install(Archives.echo("1", "alive"), other));
    assertThat(get(stuck.broadcast("stick")).reached()).isEqualTo(4);
    for (Peer peer : ring.peers()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(failure(stuck.peer(peer.peerId()).rpc("?", String.class)).code())
                      .isEqualTo(ErrorCode.SERVICE_CRASHED));
      assertThat(get(beside.peer(peer.peerId()).rpc("?", List.class)).get(0)).isEqualTo("alive");
    }
    ring.awaitClosed();
  }

  @Test
  void twoHundredUpgrades_leaveAtMostOneClassLoaderAlive() {
    // Counted by the service runtime's own watch; the ring has one peer, so one loader may live.
    try (TestRing one = TestRing.of(1)) {
      InstallOptions options = InstallOptions.named("often").within(Duration.ofSeconds(20));
      ServiceHandle handle = get(one.peer(0).install(Archives.echo("0", "0"), options));
      Archive10 archives = new Archive10();
      IntStream.range(0, 200).forEach(i -> get(handle.update(archives.next(), options)));
      assertThat(get(handle.peer(one.peer(0).peerId()).rpc("?", List.class)).get(0)).isEqualTo("9");
      await()
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(one.peer(0).serviceStatistics().loadersAlive()).isEqualTo(1);
              });
    }
  }

  /** Ten different archives, again and again: compiling two hundred would only cost time. */
  private static final class Archive10 {
    private final List<dev.p2pkit.sdk.Archive> archives =
        IntStream.range(0, 10).mapToObj(i -> Archives.echo("v" + i, String.valueOf(i))).toList();
    private int used;

    dev.p2pkit.sdk.Archive next() {
      return archives.get(used++ % archives.size());
    }
  }
}
