// The rows on messages to several targets and on streams that hand back what was not acknowledged.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Connection;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.MulticastReport;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GroupsAndStreamsTest {
  private static final PeerId NOBODY = new PeerId(Key.parse("0123456789abcdef0123456789abcdef"));
  private static TestRing ring;

  /** What arrived where, as {@code peer destination body}. */
  private static final ConcurrentLinkedQueue<String> arrived = new ConcurrentLinkedQueue<>();

  private static final ConcurrentLinkedQueue<Source> sources = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void start() {
    ring = new TestRing();
    for (int i = 0; i < 5; i++) {
      int number = i;
      Peer unused =
          ring.start(settings -> settings.accessPoint("group", message -> note(number, message)));
    }
    ring.awaitClosed();
  }

  private static void note(int number, Message message) {
    sources.add(message.source());
    arrived.add(number + " " + message.destination() + " " + message.body(Long.class));
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  @Test
  void multicast_reachesEachListedPeerAndKeyOnceAndNobodyElse() {
    arrived.clear();
    sources.clear();
    Peer sender = ring.peer(0);
    List<Destination> targets = new ArrayList<>();
    targets.add(new Destination.OfPeer(sender.peerId()));
    targets.add(new Destination.OfPeer(ring.peer(3).peerId()));
    targets.add(new Destination.OfPeer(ring.peer(3).peerId()));
    for (int i = 0; i < 200; i++) {
      targets.add(new Destination.OfKey(Key.hash(i)));
    }
    long before = sender.info().statistics().dataMessagesRemote();
    MulticastReport report = get(sender.multicast(targets, "group", 7L));
    long sent = sender.info().statistics().dataMessagesRemote() - before;
    assertThat(report.complete()).isTrue();
    assertThat(report.delivered()).hasSize(202);
    assertThat(arrived).hasSize(202).doesNotHaveDuplicates();
    assertThat(sources).containsOnly(new Source.OfPeer(sender.peerId()));
    for (Map.Entry<Destination, Receipt> one : report.delivered().entrySet()) {
      if (one.getKey() instanceof Destination.OfKey of) {
        assertThat(one.getValue().peer()).isEqualTo(ring.ownerOf(of.key()).peerId());
      }
    }
    // Naive would be one for each of more than 150 targets elsewhere.
    assertThat(sent).isBetween(1L, 8L);
  }

  @Test
  void multicast_namesEachTargetThatItMissedAndWhy() {
    List<Destination> targets =
        List.of(
            new Destination.OfPeer(ring.peer(1).peerId()),
            new Destination.OfPeer(NOBODY),
            new Destination.OfPeer(ring.peer(2).peerId()));
    MulticastReport report = get(ring.peer(0).multicast(targets, "group", 8L));
    assertThat(report.delivered()).hasSize(2);
    assertThat(report.failed().get(new Destination.OfPeer(NOBODY)).code())
        .isEqualTo(ErrorCode.NO_SUCH_PEER);
    MulticastReport nobody = get(ring.peer(0).multicast(targets, "nobody-listens", 8L));
    assertThat(nobody.delivered()).isEmpty();
    assertThat(nobody.failed().get(new Destination.OfPeer(ring.peer(1).peerId())).code())
        .isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
    KitException tooMany =
        failure(
            ring.peer(0)
                .multicast(
                    IntStream.range(0, 5_000)
                        .mapToObj(i -> new Destination.OfKey(Key.of(i)))
                        .toList(),
                    "group",
                    8L));
    assertThat(tooMany.code()).isEqualTo(ErrorCode.QUOTA);
  }

  @Test
  void multicast_byAClientReachesEachTargetOnce() {
    arrived.clear();
    String ticket = ring.peer(2).clientTicket(Duration.ofMinutes(5));
    try (Client client = get(Client.connect(List.of(ticket)))) {
      List<Destination> targets =
          List.of(
              new Destination.OfPeer(ring.peer(1).peerId()),
              new Destination.OfKey(ring.keyOf(ring.peer(4))));
      MulticastReport report = get(client.multicast(targets, "group", 9L));
      assertThat(report.complete()).isTrue();
      assertThat(arrived).hasSize(2);
    }
  }

  @Test
  void sendToSucc_reachesSoManyPeersAfterTheSenderAndNamesTheListsLength() {
    List<Peer> ordered = new ArrayList<>(ring.peers());
    ordered.sort(Comparator.comparing(Peer::peerId));
    Peer sender = ordered.get(0);
    for (int count : new int[] {0, 1, 3, 4, 16}) {
      for (boolean myself : new boolean[] {false, true}) {
        arrived.clear();
        MulticastReport report =
            get(sender.sendToSuccessors(count, myself, "group", 10L, SendOptions.DEFAULT));
        List<PeerId> expected = new ArrayList<>();
        if (myself) {
          expected.add(sender.peerId());
        }
        for (int i = 1; i <= Math.min(count, 4); i++) {
          expected.add(ordered.get(i).peerId());
        }
        assertThat(report.delivered().values().stream().map(Receipt::peer).toList())
            .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(arrived).hasSize(expected.size());
      }
    }
    KitException tooLarge =
        failure(sender.sendToSuccessors(17, false, "group", 10L, SendOptions.DEFAULT));
    assertThat(tooLarge.code()).isEqualTo(ErrorCode.QUOTA);
    assertThat(tooLarge.detail()).contains("16").contains("17");
  }

  @Test
  void sendToSucc_ofAPeerThatIsAloneIsNoFailure() {
    AtomicInteger here = new AtomicInteger();
    try (TestRing one = new TestRing()) {
      Peer alone =
          one.start(settings -> settings.accessPoint("group", message -> here.incrementAndGet()));
      MulticastReport nobody =
          get(alone.sendToSuccessors(3, false, "group", 1L, SendOptions.DEFAULT));
      assertThat(nobody.complete()).isTrue();
      assertThat(nobody.delivered()).isEmpty();
      MulticastReport myself =
          get(alone.sendToSuccessors(3, true, "group", 1L, SendOptions.DEFAULT));
      assertThat(myself.delivered()).hasSize(1);
      assertThat(here).hasValue(1);
    }
  }

  @Test
  void rsend_keepsTheOrderOfManyMessagesUnderWay() {
    List<Long> taken = new ArrayList<>();
    Peer receiver =
        ring.start(
            settings ->
                settings.accessPoint(
                    "log",
                    message -> {
                      synchronized (taken) {
                        taken.add(message.body(Long.class));
                      }
                    }));
    try {
      Connection<String> connection = get(ring.peer(0).connect(receiver.peerId(), "log"));
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      for (long i = 0; i < 5_000; i++) {
        receipts.add(connection.send(i, "context " + i));
      }
      receipts.forEach(TestRing::get);
      assertThat(get(connection.end())).isEmpty();
      assertThat(taken).containsExactlyElementsOf(LongStream.range(0, 5_000).boxed().toList());
      assertThat(failure(connection.send(1L, "late")).code()).isEqualTo(ErrorCode.CLOSED);
    } finally {
      ring.leave(receiver);
    }
  }

  @Test
  void rsend_handsBackExactlyWhatWasNotAcknowledgedAndBothEndsAreTold() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    AtomicInteger taken = new AtomicInteger();
    Peer receiver =
        ring.start(
            settings ->
                settings.accessPoint(
                    "gate",
                    message -> {
                      if (taken.incrementAndGet() > 3) {
                        gate.join();
                      }
                    }));
    Peer sender = ring.peer(0);
    Listener<NetworkEvent> atSender = Listener.to(sender.events());
    Listener<NetworkEvent> atReceiver = Listener.to(receiver.events());
    Connection<String> connection = get(sender.connect(receiver.peerId(), "gate"));
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    for (long i = 0; i < 10; i++) {
      receipts.add(connection.send(i, "context " + i));
    }
    for (int i = 0; i < 3; i++) {
      assertThat(get(receipts.get(i)).peer()).isEqualTo(receiver.peerId());
    }
    CompletableFuture<List<Connection.Unacknowledged<String>>> ended = connection.end();
    await()
        .untilAsserted(
            () ->
                assertThat(atReceiver.seen)
                    .contains(new NetworkEvent.ConnectionOpened(sender.peerId(), "gate")));
    gate.completeExceptionally(new IllegalStateException("the receiver gives up"));
    List<Connection.Unacknowledged<String>> left = get(ended);
    assertThat(left).isNotEmpty();
    assertThat(left.stream().map(Connection.Unacknowledged::context).toList())
        .containsExactlyElementsOf(
            IntStream.range(10 - left.size(), 10).mapToObj(i -> "context " + i).toList());
    // Each receipt completes on its own; the end of the stream does not wait for that.
    await().until(() -> receipts.stream().allMatch(CompletableFuture::isDone));
    for (int i = 0; i < 10; i++) {
      boolean acknowledged = !receipts.get(i).isCompletedExceptionally();
      assertThat(acknowledged).isEqualTo(i < 10 - left.size());
    }
    assertThat(left.get(0).delivery()).isEqualTo(Delivery.UNKNOWN);
    await()
        .untilAsserted(
            () -> {
              assertThat(atSender.seen)
                  .contains(
                      new NetworkEvent.ConnectionOpened(receiver.peerId(), "gate"),
                      new NetworkEvent.ConnectionClosed(receiver.peerId(), "gate", left.size()));
              assertThat(atReceiver.seen)
                  .contains(new NetworkEvent.ConnectionClosed(sender.peerId(), "gate", 0));
            });
    ring.leave(receiver);
  }

  @Test
  void rsend_toAPeerThatLeavesEndsAndTellsWhatIsLeft() {
    Peer receiver = ring.start(settings -> settings.accessPoint("log", message -> {}));
    Connection<Integer> connection = get(ring.peer(1).connect(receiver.peerId(), "log"));
    assertThat(get(connection.send("one", 1)).peer()).isEqualTo(receiver.peerId());
    ring.leave(receiver);
    assertThat(get(connection.ended())).isEmpty();
    assertThat(failure(ring.peer(1).connect(NOBODY, "log")).code())
        .isEqualTo(ErrorCode.NO_SUCH_PEER);
  }
}
