// Whole overlays on real sockets: joining, calling, dying, leaving.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.peer.TestRing.Member;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverlayRingTest {
  private static final Duration LIFE = Duration.ofSeconds(20);

  private final TestRing ring = new TestRing(true);

  @AfterEach
  void close() {
    ring.close();
  }

  private static ErrorCode code(Throwable thrown) {
    return KitException.from(thrown).code();
  }

  @Test
  void threePeersCallEachOtherByKeyAndByPeer() {
    ring.of(3);
    int number = 0;
    for (Member caller : ring.members) {
      for (int i = 0; i < 30; i++) {
        Key key = Key.hash(i);
        Outcome outcome = caller.key(key, number++, LIFE).join();
        assertThat(outcome).isInstanceOf(Outcome.Replied.class);
        assertThat(outcome.peer()).isEqualTo(ring.owner(key).id());
      }
      for (Member target : ring.members) {
        Outcome outcome = caller.peer(target.id(), number++, LIFE).join();
        assertThat(outcome).isInstanceOf(Outcome.Replied.class);
        assertThat(outcome.peer()).isEqualTo(target.id());
      }
    }
    assertThat(ring.timesProcessed())
        .hasSize(number)
        .allSatisfy((n, times) -> assertThat(times).isEqualTo(1));
    Outcome nobody = ring.members.get(0).peer(new PeerId(Key.of(1)), number, LIFE).join();
    assertThat(((Outcome.Failed) nobody).code()).isEqualTo(ErrorCode.NO_SUCH_PEER);
  }

  @Test
  void aBroadcastReachesAllAndSaysSo() {
    ring.of(5);
    BroadcastReport report =
        ring.members
            .get(2)
            .overlay
            .broadcast(
                RingMachine.TOPIC_APPLICATION,
                "hello".getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(10))
            .join();
    assertThat(report.complete()).isTrue();
    assertThat(report.reached()).isEqualTo(5);
    assertThat(ring.members).allSatisfy(member -> assertThat(member.broadcasts).contains("hello"));
  }

  @Test
  void aKilledPeerLeavesItsCallsUnknownAndItsKeysAreTakenOver() {
    ring.of(5);
    Member caller = ring.members.get(0);
    Member victim = ring.members.get(3);
    Key key = victim.id().position();
    Queue<Inbound> held = new ConcurrentLinkedQueue<>();
    victim.handler = held::add;
    CompletableFuture<Outcome> open = caller.key(key, 1, LIFE);
    Awaitility.await().atMost(TestRing.LIMIT).until(() -> !held.isEmpty());
    ring.kill(victim);
    // The end of the link may still be on its way: then this one is sent into it.
    CompletableFuture<Outcome> early = caller.key(key, 2, LIFE);
    assertThat(((Outcome.Failed) open.join()).code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    CompletableFuture<Outcome> next = caller.key(key, 3, LIFE);
    assertThat(next.join()).isInstanceOf(Outcome.Replied.class);
    assertThat(ring.timesProcessed().get(1)).isNull();
    assertThat(ring.timesProcessed().get(3)).isEqualTo(1);
    if (early.join() instanceof Outcome.Failed failed) {
      assertThat(failed.code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
      assertThat(ring.timesProcessed().get(2)).isNull();
    } else {
      assertThat(early.join()).isInstanceOf(Outcome.Replied.class);
      assertThat(ring.timesProcessed().get(2)).isEqualTo(1);
    }
    Awaitility.await()
        .atMost(TestRing.LIMIT)
        .until(() -> caller.events.contains(new NetworkEvent.PeerFailed(victim.id())));
    ring.awaitViews();
  }

  @Test
  void aPeerThatLeavesHandsItsKeysOverAndNoCallFails() {
    ring.of(4);
    Member caller = ring.members.get(0);
    Member leaver = ring.members.get(2);
    List<CompletableFuture<Outcome>> calls = new ArrayList<>();
    Semaphore pace = new Semaphore(50);
    CompletableFuture<Void> left = new CompletableFuture<>();
    for (int i = 0; i < 2_000; i++) {
      if (i == 500) {
        left = leaver.overlay.leave();
        leaver.alive = false;
      }
      pace.acquireUninterruptibly();
      CompletableFuture<Outcome> call = caller.key(Key.hash(i), i, LIFE);
      CompletableFuture<Outcome> unused = call.whenComplete((outcome, failed) -> pace.release());
      calls.add(call);
    }
    for (CompletableFuture<Outcome> call : calls) {
      assertThat(call.join()).isInstanceOf(Outcome.Replied.class);
    }
    left.join();
    leaver.overlay.close().join();
    assertThat(ring.timesProcessed()).hasSize(2_000);
    Outcome gone = caller.peer(leaver.id(), 9_000, LIFE).join();
    assertThat(((Outcome.Failed) gone).code()).isEqualTo(ErrorCode.NO_SUCH_PEER);
    assertThat(((Outcome.Failed) leaver.key(Key.ZERO, 9_001, LIFE).join()).code())
        .isEqualTo(ErrorCode.CLOSED);
    Awaitility.await()
        .atMost(TestRing.LIMIT)
        .until(() -> caller.events.contains(new NetworkEvent.PeerLeft(leaver.id())));
  }

  @Test
  void tenThousandCallsWithAJoinAndACrashInBetweenAreNeitherLostNorDoubled() throws Exception {
    ring.of(4);
    Member victim = ring.members.get(3);
    List<Member> callers = List.copyOf(ring.members.subList(0, 3));
    Map<Integer, Outcome> outcomes = new ConcurrentHashMap<>();
    Semaphore pace = new Semaphore(200);
    int total = 10_000;
    for (int i = 0; i < total; i++) {
      if (i == total / 3) {
        CompletableFuture<Void> unused =
            CompletableFuture.runAsync(ring::join, task -> new Thread(task).start());
      }
      if (i == 2 * total / 3) {
        ring.kill(victim);
      }
      int number = i;
      pace.acquireUninterruptibly();
      CompletableFuture<Outcome> unused =
          callers
              .get(i % 3)
              .key(Key.hash(i), i, LIFE)
              .whenComplete(
                  (outcome, failed) -> {
                    outcomes.put(number, outcome);
                    pace.release();
                  });
    }
    assertThat(pace.tryAcquire(200, 60, TimeUnit.SECONDS)).isTrue();
    assertThat(outcomes).hasSize(total);
    Map<Integer, Integer> times = ring.timesProcessed();
    Map<ErrorCode, Integer> failures = new LinkedHashMap<>();
    outcomes.forEach(
        (number, outcome) -> {
          int processed = times.getOrDefault(number, 0);
          assertThat(processed).as("call " + number + " " + outcome).isLessThanOrEqualTo(1);
          if (outcome instanceof Outcome.Failed failed) {
            failures.merge(failed.code(), 1, Integer::sum);
            if (failed.code().delivery() == Delivery.NOT_DELIVERED) {
              assertThat(processed).as("call " + number + " " + outcome).isZero();
            }
          } else {
            assertThat(processed).as("call " + number).isEqualTo(1);
          }
        });
    // What was at the dead peer when it died, and nothing else.
    assertThat(failures.keySet()).isSubsetOf(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(failures.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(400);
  }

  @Test
  void twentyFourPeersOnRealSocketsAgreeAndAnswer() {
    ring.of(24);
    int number = 0;
    for (Member caller : ring.members) {
      for (int i = 0; i < 8; i++) {
        Key key = Key.hash(number);
        Outcome outcome = caller.key(key, number++, LIFE).join();
        assertThat(outcome).isInstanceOf(Outcome.Replied.class);
        assertThat(outcome.peer()).isEqualTo(ring.owner(key).id());
      }
    }
    assertThat(ring.timesProcessed()).hasSize(number);
    ring.kill(ring.members.get(5));
    ring.kill(ring.members.get(11));
    ring.awaitViews();
    for (Member caller : ring.alive()) {
      assertThat(caller.key(Key.hash(number), number++, LIFE).join())
          .isInstanceOf(Outcome.Replied.class);
    }
  }

  @Test
  void joinOnlyFailsWithinItsLimitAndNamesEveryEntryPointWithItsReason() throws Exception {
    Member alone = ring.listening();
    EntryPoint dead = new EntryPoint(new Endpoint("127.0.0.1", freePort()), Optional.empty());
    EntryPoint other = new EntryPoint(new Endpoint("127.0.0.1", freePort()), Optional.empty());
    CompletableFuture<Void> joined =
        alone.overlay.enter(List.of(dead, other), EntryMode.JOIN_ONLY, Duration.ofMillis(1_500));
    assertThatThrownBy(joined::join)
        .satisfies(thrown -> assertThat(code(thrown)).isEqualTo(ErrorCode.NO_ROUTE))
        .hasMessageContaining(dead.toString())
        .hasMessageContaining(other.toString());
    assertThat(alone.overlay.view().joined()).isFalse();
  }

  @Test
  void joinOnlyWaitsForAnEntryPointThatComesLater() throws Exception {
    int port = freePort();
    Member early = ring.listening();
    CompletableFuture<Void> joined =
        early.overlay.enter(
            List.of(new EntryPoint(new Endpoint("127.0.0.1", port), Optional.empty())),
            EntryMode.JOIN_ONLY,
            TestRing.LIMIT);
    Member late =
        new Member(
            ring.vertx,
            dev.p2pkit.overlay.transport.Identity.ephemeral(),
            ring.config.withTransport(ring.config.transport().withBind("127.0.0.1", port)));
    late.overlay.listen().join();
    ring.members.add(late);
    late.overlay.enter(List.of(), EntryMode.CREATE_OR_JOIN, TestRing.LIMIT).join();
    joined.join();
    ring.awaitViews();
  }

  @Test
  void createOrJoinFoundsARingWhenNobodyAnswersAndJoinsWhenSomebodyDoes() throws Exception {
    Member first = ring.listening();
    EntryPoint dead = new EntryPoint(new Endpoint("127.0.0.1", freePort()), Optional.empty());
    first
        .overlay
        .enter(List.of(dead, first.entryPoint()), EntryMode.CREATE_OR_JOIN, TestRing.LIMIT)
        .join();
    assertThat(first.overlay.view().joined()).isTrue();
    Member second = ring.listening();
    second
        .overlay
        .enter(List.of(dead, first.entryPoint()), EntryMode.CREATE_OR_JOIN, TestRing.LIMIT)
        .join();
    ring.awaitViews();
    assertThat(first.events).contains(new NetworkEvent.PeerJoined(second.id()));
  }

  @Test
  void anEntryPointThatIsAnotherPeerThanExpectedIsAnError() {
    Member first = ring.join();
    Member second = ring.listening();
    EntryPoint wrong =
        new EntryPoint(first.overlay.self().endpoint(), Optional.of(new PeerId(Key.of(5))));
    CompletableFuture<Void> joined =
        second.overlay.enter(List.of(wrong), EntryMode.JOIN_ONLY, TestRing.LIMIT);
    assertThatThrownBy(joined::join)
        .satisfies(thrown -> assertThat(code(thrown)).isEqualTo(ErrorCode.UNAUTHORISED));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
