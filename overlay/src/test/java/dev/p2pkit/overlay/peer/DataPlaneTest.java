// The data plane between two peers on real sockets, without a ring around them.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.peer.TestRing.Member;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DataPlaneTest {
  private static final Duration LIFE = Duration.ofSeconds(20);

  private final TestRing ring = new TestRing(true);
  private final Member one = alone();
  private final Member two = alone();

  private Member alone() {
    Member member = ring.listening();
    member.overlay.create().join();
    return member;
  }

  @AfterEach
  void close() {
    ring.close();
  }

  private void meet() {
    // The first handshake of a busy machine may take longer than a dial may.
    Awaitility.await()
        .atMost(TestRing.LIMIT)
        .ignoreExceptions()
        .until(() -> one.overlay.meet(two.entryPoint()).join().id().equals(two.id()));
  }

  @Test
  void aMessageGoesThereAndItsReplyComesBack() {
    meet();
    assertThat(one.peer(two.id(), 7, LIFE).join()).isInstanceOf(Outcome.Replied.class);
    assertThat(two.peer(one.id(), 8, LIFE).join()).isInstanceOf(Outcome.Replied.class);
    Outcome sent = one.open(Draft.toPeer(two.id(), "ap", 0, TestRing.body(9), 20_000_000)).join();
    assertThat(sent).isEqualTo(new Outcome.Acknowledged(two.id(), true, 0));
    assertThat(two.processed).containsExactly(7, 9);
    assertThat(one.overlay.statistics().sentElsewhere()).isEqualTo(2);
    assertThat(one.overlay.statistics().deliveredHere()).isEqualTo(1);
  }

  @Test
  void aMessageToThisPeerNeedsNoSocket() {
    assertThat(one.peer(one.id(), 1, LIFE).join()).isInstanceOf(Outcome.Replied.class);
    assertThat(one.overlay.statistics().sentElsewhere()).isZero();
  }

  @Test
  void callsFromManyThreadsAreEachProcessedOnceAndInTheOrderOfTheirSender() throws Exception {
    meet();
    int threads = 4;
    int each = 5_000;
    Semaphore inFlight = new Semaphore(500);
    Queue<Outcome> failures = new ConcurrentLinkedQueue<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int first = i * each;
      String lane = "lane" + i;
      Thread caller =
          new Thread(
              () -> {
                for (int number = first; number < first + each; number++) {
                  inFlight.acquireUninterruptibly();
                  Draft draft =
                      Draft.toPeer(two.id(), lane, Envelope.RPC, TestRing.body(number), 20_000_000);
                  one.overlay.open(
                      draft,
                      outcome -> {
                        inFlight.release();
                        if (!(outcome instanceof Outcome.Replied)) {
                          failures.add(outcome);
                        }
                      });
                }
              });
      callers.add(caller);
      caller.start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(inFlight.tryAcquire(500, 30, TimeUnit.SECONDS)).isTrue();
    assertThat(failures).isEmpty();
    assertThat(two.processed).hasSize(threads * each).doesNotHaveDuplicates();
    for (int i = 0; i < threads; i++) {
      int from = i * each;
      assertThat(two.processed.stream().filter(n -> n / each == from / each)).isSorted();
    }
    assertThat(one.overlay.statistics().data().open()).isZero();
    Awaitility.await()
        .atMost(TestRing.LIMIT)
        .until(() -> two.overlay.statistics().data().remembered() == 0);
  }

  @Test
  void aPeerThatClosesLeavesOpenCallsUnknownAndLaterOnesUndelivered() {
    meet();
    Queue<Inbound> held = new ConcurrentLinkedQueue<>();
    two.handler = held::add;
    CompletableFuture<Outcome> open = one.peer(two.id(), 1, LIFE);
    Awaitility.await().atMost(TestRing.LIMIT).until(() -> !held.isEmpty());
    ring.kill(two);
    assertThat(open.join())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN));
    assertThat(one.peer(two.id(), 2, LIFE).join())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.NO_SUCH_PEER));
    Awaitility.await()
        .atMost(TestRing.LIMIT)
        .until(() -> one.events.contains(new NetworkEvent.LinkClosed(two.id(), 1)));
    assertThat(one.events).contains(new NetworkEvent.LinkOpened(two.id()));
  }

  @Test
  void aBodyOverTheLimitIsRefusedBeforeAnythingLeaves() {
    meet();
    Outcome outcome =
        one.open(Draft.toPeer(two.id(), "ap", 0, new byte[1 << 20], 1_000_000)).join();
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
    assertThat(one.overlay.statistics().sentElsewhere()).isZero();
    byte[] largest = new byte[ring.config.router().maxBody()];
    assertThat(one.open(Draft.toPeer(two.id(), "a".repeat(255), 0, largest, 20_000_000)).join())
        .isInstanceOf(Outcome.Acknowledged.class);
  }

  @Test
  void aLinkThatCannotKeepUpMakesCallsBusyInsteadOfGrowing() {
    meet();
    two.handler = inbound -> {};
    byte[] large = new byte[1_000_000];
    List<CompletableFuture<Outcome>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(one.open(Draft.toPeer(two.id(), "ap", 0, large, 3_000_000)));
    }
    List<ErrorCode> codes =
        calls.stream().map(call -> ((Outcome.Failed) call.join()).code()).toList();
    assertThat(codes).contains(ErrorCode.BUSY).contains(ErrorCode.DELIVERY_UNKNOWN);
  }

  @Test
  void closingEndsOpenCallsWithACode() {
    meet();
    two.handler = inbound -> {};
    CompletableFuture<Outcome> open = one.peer(two.id(), 1, LIFE);
    Awaitility.await()
        .atMost(TestRing.LIMIT)
        .until(() -> two.overlay.statistics().deliveredHere() == 1);
    ring.kill(one);
    assertThat(((Outcome.Failed) open.join()).code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(((Outcome.Failed) one.peer(two.id(), 2, LIFE).join()).code())
        .isEqualTo(ErrorCode.CLOSED);
  }

  @Test
  void aReceiverThatIsStuckDoesNotKeepCallsOfItsPeerFromEnding() throws Exception {
    meet();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    two.handler = inbound -> hold(entered, release);
    CompletableFuture<Outcome> stuck = one.peer(two.id(), 1, LIFE);
    try {
      assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
      // To the same peer, so that its outcome and the stuck message have the same share.
      Outcome ended = two.peer(one.id(), 2, Duration.ofMillis(500)).get(20, TimeUnit.SECONDS);
      assertThat(ended).isNotNull();
      assertThat(stuck).isNotDone();
    } finally {
      release.countDown();
    }
  }

  @Test
  void aReceiverThatIsStuckIsRelievedAndTheRestKeepsItsOrder() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicReference<Thread> stuck = new AtomicReference<>();
    one.handler =
        inbound -> {
          if (stuck.compareAndSet(null, Thread.currentThread())) {
            hold(entered, release);
          } else {
            one.answer(inbound);
          }
        };
    Thread caller = new Thread(() -> one.peer(one.id(), 0, LIFE));
    caller.start();
    try {
      assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
      List<CompletableFuture<Outcome>> behind = new ArrayList<>();
      for (int i = 1; i <= 3_000; i++) {
        behind.add(one.peer(one.id(), i, LIFE));
      }
      assertThat(one.processed).isEmpty();
      one.overlay.relieve(Thread.currentThread());
      assertThat(one.processed).as("it was not this thread").isEmpty();
      one.overlay.relieve(stuck.get());
      for (CompletableFuture<Outcome> call : behind) {
        assertThat(call.get(30, TimeUnit.SECONDS)).isInstanceOf(Outcome.Replied.class);
      }
      assertThat(List.copyOf(one.processed)).hasSize(3_000).isSorted();
    } finally {
      release.countDown();
      caller.join();
    }
  }

  @Test
  void aCallerDoesNotDeliverForOthersNorDoesTheControlThread() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Queue<String> threads = new ConcurrentLinkedQueue<>();
    one.handler =
        inbound -> {
          threads.add(Thread.currentThread().getName());
          if (threads.size() == 1) {
            hold(entered, release);
          }
          one.answer(inbound);
        };
    Thread caller = new Thread(() -> one.peer(one.id(), 0, LIFE), "caller");
    caller.start();
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    List<CompletableFuture<Outcome>> others = new ArrayList<>();
    for (int i = 1; i <= 3_000; i++) {
      others.add(one.peer(one.id(), i, LIFE));
    }
    release.countDown();
    caller.join();
    for (CompletableFuture<Outcome> call : others) {
      assertThat(call.get(30, TimeUnit.SECONDS)).isInstanceOf(Outcome.Replied.class);
    }
    assertThat(List.copyOf(one.processed)).hasSize(3_001).isSorted();
    assertThat(threads.poll()).isEqualTo("caller");
    assertThat(threads).allSatisfy(name -> assertThat(name).startsWith("p2pkit-data-"));
  }

  private static void hold(CountDownLatch entered, CountDownLatch release) {
    entered.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
