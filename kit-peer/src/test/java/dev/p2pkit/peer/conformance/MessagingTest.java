// The founding API's rows on messages: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.InstallPolicy;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerSettings;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.Source;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MessagingTest {
  private static final PeerId NOBODY = new PeerId(Key.parse("0123456789abcdef0123456789abcdef"));
  private static TestRing ring;

  @BeforeAll
  static void start() {
    ring = TestRing.of(5);
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  @Test
  void resultConvention_aFailureCompletesTheStageAndIsNeverThrown() {
    Peer closed = ring.start(settings -> settings);
    ring.leave(closed);
    List<CompletableFuture<?>> failures =
        List.of(
            closed.sendPeer(ring.peer(0).peerId(), "a", 1L),
            closed.sendKey(Key.ZERO, "a", 1L),
            closed.rpcKey(Key.ZERO, "a", 1L, Long.class),
            closed.broadcast("a", 1L),
            closed.service("a"),
            closed.info(ring.peer(0).peerId()),
            ring.peer(0).sendPeer(NOBODY, "a", 1L),
            ring.peer(0).sendPeer(ring.peer(1).peerId(), "nobody-listens", 1L),
            ring.peer(0).sendKey(Key.ZERO, "a", new Object()),
            ring.peer(0).service("no-such-service"));
    List<ErrorCode> codes = failures.stream().map(stage -> failure(stage).code()).toList();
    assertThat(codes.subList(0, 6)).containsOnly(ErrorCode.CLOSED);
    assertThat(codes.get(6)).isEqualTo(ErrorCode.NO_SUCH_PEER);
    assertThat(codes.get(7)).isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
    assertThat(codes.get(9)).isEqualTo(ErrorCode.NO_SUCH_SERVICE);
  }

  @Test
  void synchronisation_aCallReturnsBeforeItsReceiverIsDone() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    Peer slow = ring.start(settings -> settings.accessPoint("gate", message -> gate.join()));
    try {
      CompletableFuture<Receipt> sent = ring.peer(0).sendPeer(slow.peerId(), "gate", "m");
      assertThat(sent).isNotDone();
      gate.complete(null);
      assertThat(get(sent).peer()).isEqualTo(slow.peerId());
    } finally {
      gate.complete(null);
      ring.leave(slow);
    }
  }

  @Test
  void getStream_showsOnlyLaterMessagesToEverySubscriber() {
    Peer peer = ring.peer(1);
    Listener<Message> early = Listener.to(peer.stream("stream"));
    get(ring.peer(0).sendPeer(peer.peerId(), "stream", "m1"));
    Listener<Message> first = Listener.to(peer.stream("stream"));
    Listener<Message> second = Listener.to(peer.stream("stream"));
    get(ring.peer(0).sendPeer(peer.peerId(), "stream", "m2"));
    await().untilAsserted(() -> assertThat(texts(early)).containsExactly("m1", "m2"));
    await().untilAsserted(() -> assertThat(texts(first)).containsExactly("m2"));
    await().untilAsserted(() -> assertThat(texts(second)).containsExactly("m2"));
  }

  @Test
  void messageRecord_namesSourceAndDestinationAsAddressed() {
    Peer sender = ring.peer(0);
    Peer receiver = ring.peer(2);
    Listener<Message> seen = Listener.to(receiver.stream("record"));
    Key key = ring.keyOf(receiver);
    get(sender.sendPeer(receiver.peerId(), "record", 1L));
    get(sender.sendKey(key, "record", 2L));
    get(sender.broadcast("record", 3L));
    await().untilAsserted(() -> assertThat(seen.seen).hasSize(3));
    assertThat(seen.seen)
        .allSatisfy(m -> assertThat(m.source()).isEqualTo(new Source.OfPeer(sender.peerId())));
    assertThat(seen.seen.stream().map(Message::destination))
        .containsExactly(
            new Destination.OfPeer(receiver.peerId()),
            new Destination.OfKey(key),
            new Destination.OfPeer(receiver.peerId()));
  }

  @Test
  void sendPeer_isAcknowledgedOnlyAfterReceiptAndFailsForAMissingPeer() {
    Listener<Message> seen = Listener.to(ring.peer(3).stream("send-peer"));
    Receipt receipt = get(ring.peer(0).sendPeer(ring.peer(3).peerId(), "send-peer", "x"));
    assertThat(receipt).isEqualTo(new Receipt(ring.peer(3).peerId(), Ack.PROCESSED));
    await().untilAsserted(() -> assertThat(texts(seen)).containsExactly("x"));
    assertThat(failure(ring.peer(0).sendPeer(NOBODY, "send-peer", "x")).code())
        .isEqualTo(ErrorCode.NO_SUCH_PEER);
  }

  @Test
  void sendPeer_toOneselfNeedsNoNetwork() {
    Peer self = ring.peer(0);
    Listener<Message> seen = Listener.to(self.stream("self"));
    assertThat(get(self.sendPeer(self.peerId(), "self", "me")).peer()).isEqualTo(self.peerId());
    await().untilAsserted(() -> assertThat(texts(seen)).containsExactly("me"));
  }

  @Test
  void sendKey_reachesTheOwnerThatTheRingsOrderDemands() {
    List<Listener<Message>> listeners =
        ring.peers().stream().map(peer -> Listener.to(peer.stream("send-key"))).toList();
    for (int i = 0; i < 100; i++) {
      Key key = Key.hash("key " + i);
      Receipt receipt = get(ring.peer(i % 5).sendKey(key, "send-key", (long) i));
      assertThat(receipt.peer()).isEqualTo(ring.ownerOf(key).peerId());
    }
    await()
        .untilAsserted(
            () -> assertThat(listeners.stream().mapToInt(l -> l.seen.size()).sum()).isEqualTo(100));
  }

  @Test
  void rpc_theFirstReplyWinsAlsoFromAThirdParty() {
    Peer caller = ring.peer(0);
    Peer first = ring.peer(1);
    Peer second = ring.peer(2);
    // The first passes the reply address on; the second answers twice.
    first.stream("pass-on")
        .subscribe(
            new Receiver(
                message ->
                    first.sendPeer(
                        second.peerId(), "answer", message.replyTo().orElseThrow().toString())));
    List<CompletableFuture<Receipt>> answers = new ArrayList<>();
    second.stream("answer")
        .subscribe(
            new Receiver(
                message -> {
                  Address to = Address.parse(message.body(String.class));
                  CompletableFuture<Receipt> early = second.sendTo(to, "first");
                  synchronized (answers) {
                    answers.add(early);
                    answers.add(early.thenCompose(done -> second.sendTo(to, "second")));
                  }
                }));
    assertThat(get(caller.rpcPeer(first.peerId(), "pass-on", "q", String.class)))
        .isEqualTo("first");
    await()
        .until(
            () -> {
              synchronized (answers) {
                return answers.size() == 2;
              }
            });
    get(answers.get(0));
    assertThat(failure(answers.get(1)).code()).isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
  }

  @Test
  void rpc_withoutAReplyEndsAtItsDeadlineWithACodeThatSaysItMayHaveBeenProcessed() {
    Listener.to(ring.peer(1).stream("mute"));
    KitException failure =
        failure(
            ring.peer(0)
                .rpcPeer(
                    ring.peer(1).peerId(),
                    "mute",
                    "q",
                    String.class,
                    SendOptions.within(Duration.ofMillis(300))));
    assertThat(failure.code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(failure.detail()).contains("repl");
  }

  @Test
  void rpcKey_isAnsweredByTheOwner() {
    for (Peer peer : ring.peers()) {
      peer.stream("who")
          .subscribe(
              new Receiver(m -> peer.sendTo(m.replyTo().orElseThrow(), peer.peerId().toString())));
    }
    for (int i = 0; i < 20; i++) {
      Key key = Key.hash(i);
      assertThat(get(ring.peer(i % 5).rpcKey(key, "who", "?", String.class)))
          .isEqualTo(ring.ownerOf(key).peerId().toString());
    }
  }

  @Test
  void broadcast_reachesEveryPeerOnceAndSaysWhom() {
    List<Listener<Message>> listeners =
        ring.peers().stream().map(peer -> Listener.to(peer.stream("all"))).toList();
    BroadcastReport report = get(ring.peer(2).broadcast("all", "hello"));
    assertThat(report.complete()).isTrue();
    assertThat(report.peers())
        .isEqualTo(ring.peers().stream().map(Peer::peerId).collect(Collectors.toSet()));
    assertThat(report.reached()).isEqualTo(ring.peers().size());
    await()
        .untilAsserted(
            () ->
                assertThat(listeners)
                    .allSatisfy(l -> assertThat(texts(l)).containsExactly("hello")));
  }

  @Test
  void broadcast_namesThePeersThatRefusedIt() {
    Peer only = ring.peer(4);
    Listener.to(only.stream("just-one"));
    BroadcastReport report = get(ring.peer(0).broadcast("just-one", "hello"));
    assertThat(report.complete()).isFalse();
    assertThat(report.refused()).hasSize(ring.peers().size() - 1).doesNotContainKey(only.peerId());
    assertThat(report.refused().values()).containsOnly(ErrorCode.NO_SUCH_ACCESS_POINT);
  }

  @Test
  void getPeerInfo_hasPlaceNeighboursAndCountersThatOnlyGrow() {
    Peer asked = ring.peer(3);
    PeerInfo before = get(ring.peer(0).info(asked.peerId()));
    assertThat(before.peer()).isEqualTo(asked.peerId());
    assertThat(before.port()).isEqualTo(asked.ref().endpoint().port());
    assertThat(before.successors()).hasSize(ring.peers().size() - 1);
    assertThat(before.statistics().useProxy()).isFalse();
    Listener.to(asked.stream("count"));
    for (int i = 0; i < 10; i++) {
      get(ring.peer(0).sendPeer(asked.peerId(), "count", (long) i));
    }
    PeerInfo after = get(ring.peer(0).info(asked.peerId()));
    assertThat(after.statistics().applicationMessages())
        .isGreaterThanOrEqualTo(before.statistics().applicationMessages() + 10);
    assertThat(after.statistics().dataMessagesLocal())
        .isGreaterThanOrEqualTo(before.statistics().dataMessagesLocal() + 10);
    assertThat(after.statistics().controlMessagesLocal())
        .isGreaterThanOrEqualTo(before.statistics().controlMessagesLocal());
    assertThat(after.statistics().inLinks() + after.statistics().outLinks()).isPositive();
  }

  @Test
  void getStatistics_countsAScriptExactly() {
    try (TestRing two = TestRing.of(2)) {
      Peer sender = two.peer(0);
      Peer receiver = two.peer(1);
      Listener.to(receiver.stream("counted"));
      // Two peers that dialled each other at once keep one link of the two.
      await().until(() -> sender.info().statistics().outLinks() + inLinks(sender) == 1);
      PeerInfo.Statistics sent = sender.info().statistics();
      PeerInfo.Statistics received = receiver.info().statistics();
      for (int i = 0; i < 10; i++) {
        get(sender.sendPeer(receiver.peerId(), "counted", (long) i));
      }
      for (int i = 0; i < 3; i++) {
        get(sender.info(receiver.peerId()));
      }
      get(sender.broadcast("counted", "to all"));
      get(receiver.sendPeer(receiver.peerId(), "counted", "to oneself"));
      PeerInfo.Statistics sentNow = sender.info().statistics();
      PeerInfo.Statistics receivedNow = receiver.info().statistics();
      assertThat(sentNow.dataMessagesRemote() - sent.dataMessagesRemote()).isEqualTo(10 + 3);
      assertThat(sentNow.dataMessagesLocal()).isEqualTo(sent.dataMessagesLocal());
      assertThat(sentNow.applicationMessages()).isEqualTo(sent.applicationMessages());
      assertThat(receivedNow.dataMessagesLocal() - received.dataMessagesLocal())
          .isEqualTo(10 + 3 + 1);
      assertThat(receivedNow.dataMessagesRemote()).isEqualTo(received.dataMessagesRemote());
      assertThat(receivedNow.applicationMessages() - received.applicationMessages())
          .isEqualTo(10 + 1 + 1);
      assertThat(receivedNow.controlMessagesLocal()).isGreaterThan(received.controlMessagesLocal());
      assertThat(sentNow.controlMessagesRemote()).isGreaterThan(sent.controlMessagesRemote());
      for (PeerInfo.Statistics present : List.of(sentNow, receivedNow)) {
        assertThat(present.useProxy()).isFalse();
        assertThat(present.clients()).isZero();
        assertThat(present.outLinks() + present.inLinks()).isEqualTo(1);
        assertThat(present.tableChanges()).isPositive();
        assertThat(present.successorChanges()).isPositive();
        assertThat(present.predecessorChanges()).isPositive();
      }
    }
  }

  private static int inLinks(Peer peer) {
    return peer.info().statistics().inLinks();
  }

  @Test
  void getConfig_saysWhatThePeerWasStartedWith() {
    try (TestRing named = new TestRing()) {
      Path home = named.directory().resolve("home");
      Peer peer =
          named.start(
              settings ->
                  settings.network("named").heartbeat(HeartbeatProfile.FAST).dataDirectory(home));
      PeerSettings settings = peer.settings();
      assertThat(settings.network()).isEqualTo("named");
      assertThat(settings.tls()).isTrue();
      assertThat(settings.successors()).isEqualTo(16);
      assertThat(settings.predecessors()).isEqualTo(8);
      assertThat(settings.heartbeat()).isEqualTo(HeartbeatProfile.FAST);
      assertThat(settings.joinMode()).isEqualTo(JoinMode.CREATE);
      assertThat(settings.installPolicy()).isEqualTo(InstallPolicy.TRUSTED);
      assertThat(settings.dataDirectory()).contains(home);
      assertThat(settings.host()).isEqualTo("127.0.0.1");
      assertThat(settings.port()).isZero();
      assertThat(settings.advertise()).isEmpty();
    }
  }

  @Test
  void getFT_isTheRoutingTableOfAllMembersInTheOrderOfTheRing() {
    List<PeerId> expected = ring.peers().stream().map(Peer::peerId).sorted().toList();
    for (Peer peer : ring.peers()) {
      // News of a peer that has left in another test may be on their way.
      await()
          .untilAsserted(
              () ->
                  assertThat(peer.members())
                      .extracting(PeerRef::id)
                      .containsExactlyElementsOf(expected));
    }
  }

  @Test
  void isResponsibleOf_isTrueForExactlyOnePeerOfTheRing() {
    List<PeerInfo> infos = get(ring.peer(0).ring());
    assertThat(infos).hasSize(ring.peers().size());
    IntStream.range(0, 200)
        .mapToObj(Key::hash)
        .forEach(
            key ->
                assertThat(
                        infos.stream()
                            .filter(info -> info.isResponsibleOf(key))
                            .map(PeerInfo::peer))
                    .containsExactly(ring.ownerOf(key).peerId()));
  }

  @Test
  void ack_enqueuedIsSaidInTheReceipt() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    Peer held = ring.start(settings -> settings.accessPoint("early", message -> gate.join()));
    try {
      CompletableFuture<Receipt> processed = ring.peer(0).sendPeer(held.peerId(), "early", "x");
      Receipt receipt =
          get(
              ring.peer(0)
                  .sendPeer(held.peerId(), "early", "y", SendOptions.DEFAULT.ack(Ack.ENQUEUED)));
      assertThat(receipt).isEqualTo(new Receipt(held.peerId(), Ack.ENQUEUED));
      assertThat(processed).as("the handler is held").isNotDone();
      gate.complete(null);
      assertThat(get(processed)).isEqualTo(new Receipt(held.peerId(), Ack.PROCESSED));
    } finally {
      gate.complete(null);
      ring.leave(held);
    }
  }

  @Test
  void messageTooLarge_isRefusedBeforeItLeaves() {
    KitException failure =
        failure(ring.peer(0).sendPeer(ring.peer(1).peerId(), "big", new byte[2 << 20]));
    assertThat(failure.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    assertThat(failure.detail()).containsPattern("[0-9]");
  }

  @Test
  void reservedAccessPoints_cannotBeAddressedByPrograms() {
    assertThat(failure(ring.peer(0).sendPeer(ring.peer(1).peerId(), "$info", "x")).code())
        .isEqualTo(ErrorCode.UNAUTHORISED);
    assertThatThrownBy(() -> ring.peer(0).stream("session/x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<String> texts(Listener<Message> listener) {
    return listener.seen.stream().map(message -> message.body(String.class)).toList();
  }
}
