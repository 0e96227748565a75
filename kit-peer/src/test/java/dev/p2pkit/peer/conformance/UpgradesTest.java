// The founding API's rows on services that are replaced while they run: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
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
class UpgradesTest {
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
                        new NetworkEvent.ServiceReverted(name, "1", 1, 0)));
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
