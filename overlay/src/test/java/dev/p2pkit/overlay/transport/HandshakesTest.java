// A burst of dials: so many handshakes at a time, the others wait, and all come about.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandshakesTest {
  private static final int PEERS = 21;

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private List<TestPeer> start(int peers, LinkLimits limits) throws Exception {
    List<TestPeer> started = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      started.add(TestPeer.start(vertx, TransportConfig.defaults().withLimits(limits)));
    }
    return started;
  }

  /** Everybody dials everybody with a greater number, all at once. */
  private static List<CompletableFuture<PeerRef>> burst(List<TestPeer> peers) {
    List<CompletableFuture<PeerRef>> dials = new ArrayList<>();
    for (int from = 0; from < peers.size(); from++) {
      for (TestPeer to : peers.subList(from + 1, peers.size())) {
        dials.add(peers.get(from).transport.connect(to.endpoint(), Optional.of(to.id())));
      }
    }
    return dials;
  }

  @Test
  void aBurstOfDialsIsWorkedOffWithoutEverExceedingTheBound() throws Exception {
    LinkLimits limits = LinkLimits.defaults().withSource(1_000, 1_000).withHandshakes(5, 1_000);
    List<TestPeer> peers = start(PEERS, limits);
    try {
      List<CompletableFuture<PeerRef>> dials = burst(peers);
      assertThat(dials).hasSize(PEERS * (PEERS - 1) / 2);
      for (CompletableFuture<PeerRef> dial : dials) {
        dial.get(60, SECONDS);
      }
      LinkStatistics statistics = peers.get(0).transport.statistics();
      assertThat(statistics.dialled().most()).isEqualTo(5);
      assertThat(statistics.accepted().most()).isBetween(1, 5);
      assertThat(statistics.dialled().waited()).isGreaterThan(100);
      assertThat(statistics.dialled().refused()).isZero();
      await()
          .untilAsserted(
              () -> {
                LinkStatistics later = peers.get(0).transport.statistics();
                assertThat(later.dialled().running()).isZero();
                assertThat(later.accepted().running()).isZero();
                assertThat(later.dialled().waiting()).isZero();
              });
      for (TestPeer peer : peers) {
        assertThat(peer.events).allMatch(event -> event.event() == LinkEvent.UP);
      }
    } finally {
      peers.forEach(TestPeer::close);
    }
  }

  @Test
  void beyondTheBoundOfTheQueueADialFailsForNoFaultOfThePeerDialled() throws Exception {
    List<TestPeer> peers = start(12, LinkLimits.defaults().withHandshakes(1, 2));
    try {
      int refused = 0;
      for (CompletableFuture<PeerRef> dial : burst(peers)) {
        try {
          dial.get(60, SECONDS);
        } catch (ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(KitException.class);
          assertThat(((KitException) e.getCause()).code()).isEqualTo(ErrorCode.BUSY);
          refused++;
        }
      }
      assertThat(refused).isPositive();
      long busy =
          peers.stream()
              .mapToLong(each -> each.transport.statistics().dropped().get(Drop.BUSY))
              .sum();
      assertThat(busy).isEqualTo(refused);
      assertThat(peers.get(0).transport.statistics().dialled().refused()).isEqualTo(refused);
      for (TestPeer peer : peers) {
        assertThat(peer.events)
            .allMatch(event -> event.event() == LinkEvent.UP || event.event() == LinkEvent.BUSY);
      }
    } finally {
      peers.forEach(TestPeer::close);
    }
  }

  @Test
  void connectionsThatAreAcceptedWaitForTheirTurnAndAreRefusedBeyondIt() throws Exception {
    Vertx other = Vertx.vertx(Transport.vertxOptions());
    LinkLimits narrow = LinkLimits.defaults().withSource(1_000, 1_000).withHandshakes(1, 4);
    List<TestPeer> diallers = start(40, LinkLimits.defaults().withHandshakes(64, 1_000));
    try (TestPeer server = TestPeer.start(other, TransportConfig.defaults().withLimits(narrow))) {
      List<CompletableFuture<PeerRef>> dials = new ArrayList<>();
      for (TestPeer dialler : diallers) {
        dials.add(dialler.transport.connect(server.endpoint(), Optional.of(server.id())));
      }
      int refused = 0;
      for (CompletableFuture<PeerRef> dial : dials) {
        refused += dial.handle((up, thrown) -> thrown == null ? 0 : 1).get(60, SECONDS);
      }
      LinkStatistics statistics = server.transport.statistics();
      assertThat(statistics.accepted().most()).isEqualTo(1);
      assertThat(statistics.accepted().waited()).isPositive();
      assertThat(refused).isPositive().isLessThan(diallers.size());
      assertThat(statistics.dropped().get(Drop.TOO_MANY)).isEqualTo(refused);
      // Who was refused is let in once there is time.
      for (TestPeer dialler : diallers) {
        dialler.transport.connect(server.endpoint(), Optional.of(server.id())).get(20, SECONDS);
      }
    } finally {
      diallers.forEach(TestPeer::close);
      other.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
    }
  }
}
