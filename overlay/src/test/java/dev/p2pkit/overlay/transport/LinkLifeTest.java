// How links come about, end, and come back.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LinkLifeTest {
  private static final TransportConfig CONFIG = TransportConfig.defaults();

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private static TransportConfig times(LinkTimes times) {
    return CONFIG.withTimes(times);
  }

  private static LinkTimes brisk() {
    return LinkTimes.defaults().withBackOff(Duration.ofMillis(50), Duration.ofMillis(400));
  }

  // ---- one link per pair

  @RepeatedTest(10)
  void simultaneousDialsLeaveOneLinkAndLoseNothing() throws Exception {
    crossDials(CONFIG);
  }

  @Tag("long")
  @RepeatedTest(100)
  void manySimultaneousDialsLeaveOneLinkAndLoseNothing() throws Exception {
    crossDials(CONFIG);
    crossDials(CONFIG.withTls(false));
  }

  private void crossDials(TransportConfig config) throws Exception {
    try (TestPeer one = TestPeer.start(vertx, config);
        TestPeer other = TestPeer.start(vertx, config)) {
      int each = 200;
      CountDownLatch start = new CountDownLatch(1);
      List<CompletableFuture<Void>> senders = new ArrayList<>();
      for (TestPeer[] pair : new TestPeer[][] {{one, other}, {other, one}}) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        senders.add(done);
        new Thread(
                () -> {
                  try {
                    start.await();
                    for (int i = 0; i < each; i++) {
                      if (!pair[0].send(pair[1], Note.request(i)).accepted()) {
                        throw new AssertionError("refused");
                      }
                    }
                    done.complete(null);
                  } catch (Throwable e) {
                    done.completeExceptionally(e);
                  }
                })
            .start();
      }
      start.countDown();
      for (CompletableFuture<Void> sender : senders) {
        sender.get(10, SECONDS);
      }
      List<Long> expected = LongStream.range(0, each).boxed().toList();
      await().untilAsserted(() -> assertThat(other.numbers()).isEqualTo(expected));
      await().untilAsserted(() -> assertThat(one.numbers()).isEqualTo(expected));
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
      assertThat(other.eventsOf(one.id())).containsExactly(LinkEvent.UP);
      LinkStatistics mine = one.transport.statistics();
      LinkStatistics theirs = other.transport.statistics();
      assertThat(mine.outgoing() + mine.incoming()).isEqualTo(1);
      assertThat(theirs.outgoing()).isEqualTo(mine.incoming());
      assertThat(theirs.incoming()).isEqualTo(mine.outgoing());
      assertThat(mine.dropped().get(Drop.LINK_LOST)).isZero();
      assertThat(theirs.dropped().get(Drop.LINK_LOST)).isZero();
    }
  }

  @RepeatedTest(5)
  void connectsFromBothSidesAndSendsShareOneLink() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, CONFIG);
        TestPeer other = TestPeer.start(vertx, CONFIG)) {
      List<CompletableFuture<PeerRef>> connects =
          List.of(
              one.transport.connect(other.endpoint(), Optional.empty()),
              other.transport.connect(one.endpoint(), Optional.empty()),
              one.transport.connect(other.endpoint(), Optional.of(other.id())),
              one.transport.connect(other.endpoint(), Optional.empty()),
              other.transport.connect(one.endpoint(), Optional.of(one.id())));
      one.send(other, Note.request(1));
      other.send(one, Note.request(2));
      for (CompletableFuture<PeerRef> connect : connects) {
        assertThat(connect.get(10, SECONDS).id()).isIn(one.id(), other.id());
      }
      await().until(() -> other.numbers().equals(List.of(1L)));
      await().until(() -> one.numbers().equals(List.of(2L)));
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
      assertThat(other.eventsOf(one.id())).containsExactly(LinkEvent.UP);
    }
  }

  // ---- ends

  @Test
  void aClosedLinkIsReportedOnBothSidesAndComesBackOnDemand() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, CONFIG);
        TestPeer other = TestPeer.start(vertx, CONFIG)) {
      one.connect(other);
      for (int i = 0; i < 500; i++) {
        one.send(other, Note.request(i));
      }
      one.transport.close(other.id());
      await().until(() -> other.eventsOf(one.id()).equals(List.of(LinkEvent.UP, LinkEvent.DOWN)));
      await().until(() -> one.eventsOf(other.id()).equals(List.of(LinkEvent.UP, LinkEvent.DOWN)));
      // What was queued had been written.
      assertThat(other.numbers()).isEqualTo(LongStream.range(0, 500).boxed().toList());
      other.send(one, Note.request(7));
      await().until(() -> one.numbers().equals(List.of(7L)));
    }
  }

  @Test
  void aPeerThatIsGoneIsRefusedAtOnceAfterTheLinkWentDown() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, CONFIG)) {
      TestPeer other = TestPeer.start(vertx, CONFIG);
      PeerRef ref = other.ref();
      one.connect(other);
      other.close();
      await().until(() -> one.eventsOf(ref.id()).contains(LinkEvent.DOWN));
      assertThat(one.transport.send(ref, Note.control(1))).isEqualTo(SendResult.QUEUED);
      await()
          .until(
              () ->
                  one.eventsOf(ref.id())
                      .equals(List.of(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.REFUSED)));
      assertThat(one.transport.statistics().dropped().get(Drop.LINK_LOST)).isEqualTo(1);
    }
  }

  @Test
  void dialsToAPeerThatIsNotThereAreSpacedOut() throws Exception {
    int closed;
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      closed = server.getLocalPort();
    }
    LinkTimes times =
        LinkTimes.defaults().withBackOff(Duration.ofMillis(300), Duration.ofSeconds(60));
    try (TestPeer one = TestPeer.start(vertx, times(times))) {
      PeerRef nobody = new PeerRef(Identity.ephemeral().id(), new Endpoint("127.0.0.1", closed), 1);
      for (int i = 1; i <= 4; i++) {
        int attempts = i;
        assertThat(one.transport.send(nobody, Note.control(1))).isEqualTo(SendResult.QUEUED);
        await().until(() -> one.events.size() == attempts);
      }
      assertThat(one.eventsOf(nobody.id())).containsOnly(LinkEvent.UNREACHABLE).hasSize(4);
      List<Long> at = List.copyOf(one.eventNanos);
      // 300, 600 and 1200 ms, less a quarter of jitter.
      assertThat(at.get(1) - at.get(0)).isGreaterThan(220_000_000L);
      assertThat(at.get(2) - at.get(1)).isGreaterThan(440_000_000L);
      assertThat(at.get(3) - at.get(2)).isGreaterThan(880_000_000L);
    }
  }

  @Test
  void aPeerThatComesBackIsReachedAgain() throws Exception {
    Identity identity = Identity.ephemeral();
    try (TestPeer one = TestPeer.start(vertx, times(brisk()))) {
      TestPeer other = TestPeer.start(vertx, identity, 1, CONFIG);
      PeerRef ref = other.ref();
      one.connect(other);
      other.close();
      await().until(() -> one.eventsOf(ref.id()).contains(LinkEvent.DOWN));
      one.transport.send(ref, Note.control(1));
      await().until(() -> one.eventsOf(ref.id()).contains(LinkEvent.REFUSED));
      try (TestPeer again =
          TestPeer.start(vertx, identity, 2, CONFIG.withBind("127.0.0.1", ref.endpoint().port()))) {
        await()
            .until(
                () -> {
                  one.transport.send(ref, Note.control(2));
                  return again.heard.size() > 0;
                });
        assertThat(one.transport.isUp(identity.id())).isTrue();
      }
    }
  }

  @Test
  void aPeerThatLostTheLinkUnnoticedGetsANewOne() throws Exception {
    TransportConfig config = CONFIG.withTls(false);
    try (TestPeer one = TestPeer.start(vertx, config)) {
      RawPeer raw = RawPeer.dial(one).greet();
      PeerId id = raw.identity.id();
      await().until(() -> one.transport.isUp(id));
      // It never answers the question whether it is still there, so its second link is let in.
      try (RawPeer second = RawPeer.dial(one, raw.identity).greet()) {
        second.write(RawPeer.note(3));
        await().until(() -> one.numbers().equals(List.of(3L)));
        assertThat(one.eventsOf(id)).containsExactly(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.UP);
        assertThat(raw.isClosed()).isTrue();
      }
      raw.close();
    }
  }

  // ---- silence

  @Test
  void aPeerThatDoesNotAnswerPingsIsGivenUp() throws Exception {
    LinkTimes times = LinkTimes.defaults().withPing(Duration.ofMillis(100), Duration.ofMillis(300));
    try (TestPeer one = TestPeer.start(vertx, CONFIG.withTls(false).withTimes(times));
        RawPeer raw = RawPeer.dial(one).greet()) {
      await().until(() -> one.eventsOf(raw.identity.id()).contains(LinkEvent.DOWN));
      assertThat(one.transport.statistics().dropped().get(Drop.PING_TIMEOUT)).isEqualTo(1);
    }
  }

  @Test
  void aPeerThatStopsReadingIsGivenUpThoughItsSocketIsFull() throws Exception {
    LinkTimes times = LinkTimes.defaults().withPing(Duration.ofMillis(100), Duration.ofMillis(500));
    try (TestPeer one = TestPeer.start(vertx, CONFIG.withTls(false).withTimes(times));
        RawPeer raw = RawPeer.dial(one).greet()) {
      await().until(() -> one.transport.isUp(raw.identity.id()));
      PeerRef ref = one.events.peek().peer();
      SendResult last = SendResult.SENT;
      while (last == SendResult.SENT) {
        last = one.transport.send(ref, Note.bulk(1, 60_000));
      }
      await().until(() -> one.eventsOf(ref.id()).contains(LinkEvent.DOWN));
      assertThat(one.transport.statistics().dropped().get(Drop.PING_TIMEOUT)).isEqualTo(1);
    }
  }

  @Test
  void peersThatAnswerStayAndTheRoundTripIsKnown() throws Exception {
    LinkTimes times = LinkTimes.defaults().withPing(Duration.ofMillis(50), Duration.ofSeconds(5));
    try (TestPeer one = TestPeer.start(vertx, times(times));
        TestPeer other = TestPeer.start(vertx, CONFIG)) {
      one.connect(other);
      await().until(() -> one.transport.roundTrip(other.id()).isPresent());
      assertThat(one.transport.roundTrip(other.id()).orElseThrow())
          .isBetween(Duration.ZERO, Duration.ofSeconds(5));
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
    }
  }

  // ---- how many

  @Test
  void theLeastUsedIdleLinkMakesRoom() throws Exception {
    TransportConfig config =
        times(LinkTimes.defaults().withIdle(Duration.ofMillis(1)))
            .withLimits(LinkLimits.defaults().withLinks(2));
    try (TestPeer hub = TestPeer.start(vertx, config);
        TestPeer a = TestPeer.start(vertx, CONFIG);
        TestPeer b = TestPeer.start(vertx, CONFIG);
        TestPeer c = TestPeer.start(vertx, CONFIG)) {
      hub.connect(a);
      hub.connect(b);
      hub.send(b, Note.request(1));
      await().until(() -> b.heard.size() == 1);
      hub.send(a, Note.request(1));
      await().until(() -> a.heard.size() == 1);
      hub.connect(c);
      await().until(() -> !hub.transport.isUp(b.id()));
      assertThat(hub.transport.isUp(a.id())).isTrue();
      assertThat(hub.transport.isUp(c.id())).isTrue();
      await().until(() -> b.eventsOf(hub.id()).equals(List.of(LinkEvent.UP, LinkEvent.DOWN)));
    }
  }

  @Test
  void aLinkThatMustBeKeptIsNeverTheVictim() throws Exception {
    TransportConfig config =
        times(LinkTimes.defaults().withIdle(Duration.ofMillis(1)).withUnused(Duration.ofMillis(1)))
            .withLimits(LinkLimits.defaults().withLinks(1));
    try (TestPeer hub = TestPeer.start(vertx, config);
        TestPeer kept = TestPeer.start(vertx, CONFIG);
        TestPeer other = TestPeer.start(vertx, CONFIG);
        TestPeer last = TestPeer.start(vertx, CONFIG)) {
      hub.transport.keep(Set.of(kept.id()));
      hub.connect(kept);
      hub.connect(other);
      await().until(() -> hub.eventsOf(other.id()).contains(LinkEvent.DOWN));
      hub.connect(last);
      await().until(() -> hub.eventsOf(last.id()).contains(LinkEvent.DOWN));
      assertThat(hub.eventsOf(kept.id())).containsExactly(LinkEvent.UP);
      hub.transport.keep(Set.of());
      await().until(() -> hub.eventsOf(kept.id()).contains(LinkEvent.DOWN));
    }
  }

  @Test
  void aLinkThatNobodyUsesIsClosedThoughThereIsRoom() throws Exception {
    TransportConfig config = times(LinkTimes.defaults().withUnused(Duration.ofMillis(100)));
    try (TestPeer one = TestPeer.start(vertx, config);
        TestPeer other = TestPeer.start(vertx, CONFIG)) {
      one.connect(other);
      await().until(() -> other.eventsOf(one.id()).equals(List.of(LinkEvent.UP, LinkEvent.DOWN)));
      await().until(() -> one.eventsOf(other.id()).contains(LinkEvent.DOWN));
      // And it comes back when it is needed.
      other.send(one, Note.request(1));
      await().until(() -> one.numbers().equals(List.of(1L)));
    }
  }

  @Test
  void aBusyLinkIsNotClosedToMakeRoom() throws Exception {
    TransportConfig config = CONFIG.withLimits(LinkLimits.defaults().withLinks(1));
    try (TestPeer hub = TestPeer.start(vertx, config);
        TestPeer a = TestPeer.start(vertx, CONFIG);
        TestPeer b = TestPeer.start(vertx, CONFIG)) {
      hub.connect(a);
      hub.connect(b);
      assertThat(hub.transport.isUp(a.id())).isTrue();
      assertThat(hub.transport.isUp(b.id())).isTrue();
      assertThat(hub.transport.statistics().outgoing()).isEqualTo(2);
    }
  }

  @Test
  void closingWritesWhatIsQueuedAndTakesNothingMore() throws Exception {
    try (TestPeer other = TestPeer.start(vertx, CONFIG)) {
      TestPeer one = TestPeer.start(vertx, CONFIG);
      one.connect(other);
      for (int i = 0; i < 300; i++) {
        one.send(other, Note.request(i));
      }
      PeerRef ref = one.ref();
      one.close();
      await().until(() -> other.heard.size() == 300);
      assertThat(one.send(other, Note.request(1))).isEqualTo(SendResult.CLOSED);
      await().until(() -> !other.transport.isUp(ref.id()));
    }
  }
}
