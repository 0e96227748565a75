// Acceptance of roll-outs in waves on real peers: a canary that crashes costs nobody else anything.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Wave;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.NetworkEvent.ServiceReverted;
import dev.p2pkit.sdk.NetworkEvent.ServiceUpgraded;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.OnPeer;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.StagedRollout;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CanaryAcceptanceTest {
  /** Ids of peers on which a turn of version 2 has begun. */
  private static final String TOUCHED = "the peers that version 2 has had a turn on";

  /** Which share goes first. */
  private static final double SHARE = 0.1;

  /** The distance of the waves that is tried first; each further one is twice as long. */
  private static final Duration DISTANCE = Duration.ofSeconds(6);

  private static final int TRIES = 3;

  private static final String SOURCE =
      """
      @KitService(name = "canary", version = "VERSION", state = Maker.Totals.class)
      public final class Maker implements ServiceMaker {
        public record Totals(long count) {}
        public record Add(long by) {}
        public record Get(boolean total) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(Totals.class)
              .initialState(() -> new Totals(0))
              .on(Add.class, (add, totals, context) -> {
                CRASH
                context.reply(VERSION);
                return new Totals(totals.count() + add.by());
              })
              .on(Get.class, (get, totals, context) -> {
                context.reply(totals.count());
                return totals;
              })
              .build();
        }
      }
      """;

  private static final Archive GOOD =
      Archives.of(SOURCE.replace("VERSION", "1").replace("CRASH", ""));

  private static final Archive BAD =
      Archives.of(
          SOURCE
              .replace("VERSION", "2")
              .replace(
                  "CRASH",
                  "((Set<Object>) System.getProperties().get(\""
                      + TOUCHED
                      + "\")).add(peer.peerId().toString());"
                      + " if (add.by() > 0) throw new IllegalStateException(\"a planted bug\");"));

  private final Set<String> touched = ConcurrentHashMap.newKeySet();
  private TestRing ring;

  @BeforeEach
  void start() {
    System.getProperties().put(TOUCHED, touched);
  }

  @AfterEach
  void stop() {
    ring.close();
    System.getProperties().remove(TOUCHED);
  }

  @Test
  void acceptance7_canaryWithACrashingVersionRevertsAndTheOthersNeverRunIt() {
    ring = TestRing.of(4);
    crashTheCanaries("canary");
  }

  @Test
  @Tag("long")
  void acceptance7_canaryWithACrashingVersionRevertsAndTheOthersNeverRunIt_tenTimesOnTwentyPeers() {
    ring = TestRing.of(20);
    for (int round = 1; round <= 10; round++) {
      crashTheCanaries("canary-" + round);
    }
  }

  /**
   * The next wave opens by the clock, so a machine on which the crash loop and the news of it take
   * longer than that is given more time; such a run says nothing. It must end well at last.
   */
  private void crashTheCanaries(String name) {
    Duration distance = DISTANCE;
    for (int i = 0; i < TRIES; i++, distance = distance.multipliedBy(2)) {
      touched.clear();
      if (new Roll(name + "-" + i).isHeld(distance)) {
        return;
      }
    }
    throw new AssertionError("the other peers have got the version that crashes each time");
  }

  /** One roll-out of the version that crashes. */
  private final class Roll {
    private final InstallOptions options;
    private final ServiceHandle handle;
    private final Map<PeerId, Long> acknowledged = new TreeMap<>();
    private final Map<PeerId, Listener<NetworkEvent>> events = new TreeMap<>();

    /** Those who go first: whose place is below the share, else the one with the lowest. */
    private final Set<PeerId> canaries;

    private boolean known;

    Roll(String name) {
      options = InstallOptions.named(name);
      handle = get(ring.peer(0).install(GOOD, options));
      for (Peer peer : ring.peers()) {
        acknowledged.put(peer.peerId(), 0L);
        events.put(peer.peerId(), Listener.to(peer.events()));
      }
      List<PeerId> ordered =
          ring.peers().stream()
              .map(Peer::peerId)
              .sorted(Comparator.comparingInt(peer -> Wave.place(peer, BAD.hash())))
              .toList();
      canaries =
          ordered.stream()
              .filter(peer -> Wave.place(peer, BAD.hash()) < SHARE * Wave.ALL)
              .collect(Collectors.toCollection(HashSet::new));
      canaries.add(ordered.get(0));
    }

    /** Whether the others knew of the canaries before the next wave could open. */
    boolean isHeld(Duration distance) {
      callEach();
      CompletableFuture<UpdateReport> update =
          handle.update(BAD, options.staged(StagedRollout.canary(SHARE).autoPromote(distance)));
      callUntil(update::isDone);
      UpdateReport report = get(update);
      assertThat(report.count(Phase.ACTIVE) + report.count(Phase.REVERTED))
          .isEqualTo(canaries.size());
      assertThat(report.count(Phase.PENDING)).isEqualTo(ring.peers().size() - canaries.size());

      callUntil(() -> allKnow() || touched.size() > canaries.size());
      if (!known) {
        get(handle.control(options).rollback());
        return false;
      }
      callUntil(() -> others().stream().allMatch(peer -> peer.detail().startsWith("wave 2 of 2:")));
      check();
      return true;
    }

    /** One call for each peer, all at once; what is acknowledged must be counted, once. */
    private void callEach() {
      Map<PeerId, CompletableFuture<Long>> calls = new TreeMap<>();
      acknowledged
          .keySet()
          .forEach(
              peer ->
                  calls.put(
                      peer, handle.peer(peer).rpc(Map.of("type", "Add", "by", 1), Long.class)));
      calls.forEach(
          (peer, call) -> {
            try {
              assertThat(get(call)).as("which version answers").isEqualTo(1);
              acknowledged.merge(peer, 1L, Long::sum);
            } catch (KitException e) {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.SERVICE_CRASHED);
            }
          });
    }

    private void callUntil(BooleanSupplier done) {
      await()
          .until(
              () -> {
                callEach();
                return done.getAsBoolean();
              });
    }

    private List<OnPeer> others() {
      ServiceStatus status = get(handle.status());
      return status.peers().stream().filter(peer -> !canaries.contains(peer.peer())).toList();
    }

    private boolean allKnow() {
      List<OnPeer> others = others();
      known |=
          others.size() == ring.peers().size() - canaries.size()
              && others.stream()
                  .allMatch(
                      peer ->
                          peer.detail()
                              .contains("the roll-out is halted, " + canaries.size() + " peer"));
      return known;
    }

    private void check() {
      ServiceStatus status = get(handle.status());
      assertThat(status.peers()).hasSize(ring.peers().size());
      for (OnPeer peer : status.peers()) {
        boolean canary = canaries.contains(peer.peer());
        assertThat(peer.phase()).isEqualTo(canary ? Phase.REVERTED : Phase.PENDING);
        assertThat(peer.version()).isEqualTo("1");
      }
      for (Peer peer : ring.peers()) {
        List<NetworkEvent> seen = events.get(peer.peerId()).seen;
        boolean canary = canaries.contains(peer.peerId());
        assertThat(touched.contains(peer.peerId().toString())).isEqualTo(canary);
        assertThat(seen).filteredOn(this::isUpgrade).hasSize(canary ? 1 : 0);
        assertThat(seen).filteredOn(this::isRevert).hasSize(canary ? 1 : 0);
        assertThat(total(peer)).isEqualTo(acknowledged.get(peer.peerId()));
      }
      await()
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(ring.peers())
                    .as("nobody has kept the version in memory")
                    .allMatch(peer -> figures(peer).liveLoaders() == 1);
              });
    }

    /** A run that said nothing may still speak of its own service. */
    private boolean isUpgrade(NetworkEvent event) {
      return event instanceof ServiceUpgraded upgraded && upgraded.name().equals(handle.name());
    }

    private boolean isRevert(NetworkEvent event) {
      return event instanceof ServiceReverted reverted && reverted.name().equals(handle.name());
    }

    private long total(Peer peer) {
      return get(handle.peer(peer.peerId()).rpc(Map.of("type", "Get", "total", true), Long.class));
    }

    private ServiceFigures figures(Peer peer) {
      return peer.serviceFigures().stream()
          .filter(it -> it.name().equals(handle.name()))
          .findFirst()
          .orElseThrow();
    }
  }
}
