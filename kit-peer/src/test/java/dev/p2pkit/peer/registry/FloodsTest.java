// Whoever sends too much of what is refused takes a bounded part of a peer's time, and others are
// heard.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FloodsTest {
  private static final Archive V1 = archive(1, 150_000);
  private static final Archive V2 = archive(2, 150_000);

  private static World ring() {
    World world = new World(41);
    world.trust = new TrustPolicy.Trusted(Set.of(OWNER.publicHex()));
    return world.ring(4);
  }

  private static ServiceRecord installed(World world, Edition edition) {
    Node node = world.nodes.get(0);
    ServiceRecord record = world.sign(node, OWNER, "counter", edition);
    assertThat(world.installed(node, record, V1)).isInstanceOf(Result.Value.class);
    world.run(Duration.ofSeconds(3));
    assertThat(world.running("counter/1", 1)).isEqualTo(4);
    return record;
  }

  @Test
  void whoSendsForgedRecordsWithoutEndIsNotListenedToForAWhileAndOthersAre() {
    World world = ring();
    ServiceRecord first = installed(world, edition(V1, "1"));
    Node victim = world.nodes.get(0);
    Node liar = world.nodes.get(1);
    ServiceRecord next = first.next(OWNER, edition(V2, "2"), world.wall());
    byte[] bytes = next.encoded();
    bytes[bytes.length - 1] ^= 1;
    List<ServiceRecord> forged = Collections.nCopies(1_000, ServiceRecord.decode(bytes));
    tells(victim, liar, forged);
    assertThat(victim.registry.statistics().refused())
        .containsEntry("signature", (long) Admission.FORGED_AT_ONCE)
        .containsEntry("flood", 1_000L - Admission.FORGED_AT_ONCE);

    tells(victim, liar, List.of(next));
    assertThat(victim.registry.current("counter", "1")).contains(first);
    tells(victim, world.nodes.get(2), List.of(next));
    world.run(Duration.ofSeconds(1));
    assertThat(victim.registry.current("counter", "1")).contains(next);
  }

  @Test
  void recordsOfManyStrangersTakeALimitedPartOfAPeersTime() {
    World world = ring();
    Node victim = world.nodes.get(0);
    ServiceRecord theirs = ServiceRecord.first(OTHER, "other", "1", edition(V1, "1"), world.wall());
    ServiceRecord last = theirs;
    int most = 2 * world.config.maxForeign();
    for (int i = 0; i < most + 50; i++) {
      last = last.next(OTHER, edition(V1, "1"), world.wall());
      tells(victim, world.nodes.get(1), List.of(last));
    }
    assertThat(victim.registry.statistics().refused()).containsEntry("flood", 50L);
    ServiceRecord own = ServiceRecord.first(OWNER, "own", "1", edition(V2, "1"), world.wall());
    tells(victim, world.nodes.get(1), List.of(own));
    world.run(Duration.ofSeconds(1));
    assertThat(victim.registry.current("own", "1")).as("of a trusted owner").contains(own);
  }

  @Test
  void aClientThatBringsForgedRecordsWithoutEndDoesNotBringItsPeerIntoDisrepute() {
    World world = ring();
    ServiceRecord first = installed(world, edition(V1, "1"));
    Node proxy = world.nodes.get(2);
    int most = Admission.INSTALLS_AT_ONCE;
    ErrorCode last = ErrorCode.CLOSED;
    for (int i = 0; i < most + 50; i++) {
      // Another name has another peer asked first.
      byte[] bytes = world.sign(proxy, OWNER, "forged-" + i, edition(V2, "2")).encoded();
      bytes[bytes.length - 1] ^= 1;
      Result<UpdateReport> result = world.installed(proxy, ServiceRecord.decode(bytes), V2);
      last = ((Result.Failure<UpdateReport>) result).code();
      assertThat(last).isIn(ErrorCode.BAD_SIGNATURE, ErrorCode.BUSY);
    }
    assertThat(last).as("by then nothing is verified for it").isEqualTo(ErrorCode.BUSY);
    for (Node other : world.nodes) {
      if (other != proxy) {
        assertThat(other.registry.statistics().refused()).doesNotContainKeys("signature", "flood");
      }
    }
    // What the proxy peer itself tells the others they take.
    ServiceRecord next = first.next(OWNER, edition(V2, "2"), world.wall());
    tells(world.nodes.get(0), proxy, List.of(next));
    world.run(Duration.ofSeconds(1));
    assertThat(world.nodes.get(0).registry.current("counter", "1")).contains(next);
    world.run(Duration.ofSeconds(60));
    ServiceRecord own = world.sign(proxy, OWNER, "own", edition(V2, "2"));
    assertThat(world.installed(proxy, own, V2)).as("later").isInstanceOf(Result.Value.class);
  }

  @Test
  void whoAsksForInstallsThatAreRefusedWithoutEndIsToldToTryAgainLater() {
    World world = ring();
    ServiceRecord first = installed(world, edition(V1, "1"));
    Node victim = world.nodes.get(0);
    Node asks = world.nodes.get(1);
    // Signed rightly, and outdated: to see that takes as long as with any other.
    for (int i = 1; i <= Admission.INSTALLS_AT_ONCE + 50; i++) {
      RegistryMessage.Prepare prepare =
          new RegistryMessage.Prepare(i, first, Key.ZERO, 1_000_000, List.of());
      victim.peer.run(now -> victim.registry.onMessage(now, asks.peer.ref(), prepare));
    }
    assertThat(victim.registry.statistics().refused())
        .containsEntry("stale", (long) Admission.INSTALLS_AT_ONCE)
        .containsEntry("flood", 50L);
    ServiceRecord next = first.next(OWNER, edition(V2, "2"), world.wall());
    assertThat(world.installed(world.nodes.get(2), next, V2))
        .as("another peer")
        .isInstanceOf(Result.Value.class);
  }

  private static void tells(Node peer, Node from, List<ServiceRecord> records) {
    peer.peer.run(
        now ->
            peer.registry.onMessage(
                now, from.peer.ref(), new RegistryMessage.Records(0, false, true, 0, records)));
  }

  @Test
  void aRecordIsSentOnceHoweverOftenItIsAskedForOrBeatsWhatIsTold() {
    World world = ring();
    ServiceRecord first = installed(world, edition(V1, "1"));
    Node victim = world.nodes.get(0);
    Node asks = world.nodes.get(1);
    ServiceRecord next = first.next(OWNER, edition(V2, "2"), world.wall());
    for (Node node : world.nodes) {
      tells(node, node, List.of(next));
    }
    world.run(Duration.ofSeconds(1));
    AtomicLong records = new AtomicLong();
    world.simulation.observe(
        new SimulationObserver() {
          @Override
          public void sent(
              SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
            if (from == victim.peer
                && to.id().equals(asks.peer.id())
                && message instanceof RegistryMessage.Records sent) {
              records.addAndGet(sent.records().size());
            }
          }
        });
    victim.peer.run(
        now ->
            victim.registry.onMessage(
                now,
                asks.peer.ref(),
                new RegistryMessage.Want(Collections.nCopies(5_000, next.hash()))));
    tells(victim, asks, Collections.nCopies(5_000, first));
    world.run(Duration.ofMillis(100));
    assertThat(records.get()).isBetween(1L, 3L);
  }
}
