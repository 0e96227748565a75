// Who gets a message that arrived, and what the sender is told.
package dev.p2pkit.peer.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.peer.service.DeliveryThreads;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.peer.service.RuntimeConfig;
import dev.p2pkit.peer.service.ServiceRuntime;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessPointsTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final PeerId HERE = new PeerId(Key.of(7));

  @TempDir Path directory;
  private ServiceRuntime services;
  private ExecutorService executor;
  private AccessPoints points;

  @BeforeEach
  void start() {
    services =
        new ServiceRuntime(
            RuntimeConfig.DEFAULT,
            HERE,
            Map.of(),
            directory,
            key -> {
              throw new AssertionError("no service is installed");
            },
            new DeliveryThreads() {
              @Override
              public boolean mayRunTurns() {
                return false;
              }

              @Override
              public void stuck(Thread thread) {}
            },
            event -> {},
            (key, status) -> {});
    executor = Executors.newFixedThreadPool(2);
    points = new AccessPoints(services, executor, new AccessLimits(10, 1_000));
  }

  @AfterEach
  void stop() {
    points.close();
    services.close();
    executor.shutdownNow();
  }

  /** Records the one answer. */
  private static final class Arrival implements Incoming {
    private final Message message;
    final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();
    volatile boolean enqueued;

    Arrival(Object body) {
      message =
          new Message(
              new Source.OfClient(),
              new Destination.OfPeer(HERE),
              "news",
              Payload.of(body),
              Optional.empty());
    }

    @Override
    public Message message() {
      return message;
    }

    @Override
    public long deadlineNanos() {
      return System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    }

    @Override
    public void enqueued() {
      enqueued = true;
    }

    @Override
    public void processed() {
      answers.add("processed");
    }

    @Override
    public void reply(Payload body) {
      answers.add("reply " + body.as(String.class));
    }

    @Override
    public void fail(ErrorCode code, String detail) {
      answers.add(code.name());
    }
  }

  private Arrival deliver(Object body) {
    Arrival arrival = new Arrival(body);
    points.deliver(arrival);
    return arrival;
  }

  /** A subscriber that asks for what it is told to ask for. */
  private static final class Reader implements Flow.Subscriber<Message> {
    final ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    volatile Flow.Subscription subscription;
    volatile Throwable failure;
    private final long first;

    Reader(long first) {
      this.first = first;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      if (first > 0) {
        given.request(first);
      }
    }

    @Override
    public void onNext(Message message) {
      seen.add(message.body(Long.class));
    }

    @Override
    public void onError(Throwable thrown) {
      failure = thrown;
    }

    @Override
    public void onComplete() {
      throw new AssertionError("a stream has no end of its own");
    }

    void saw(Long... expected) {
      await().atMost(MOMENT).untilAsserted(() -> assertThat(seen).containsExactly(expected));
    }
  }

  private Reader reader(long first) {
    Reader reader = new Reader(first);
    points.stream("news").subscribe(reader);
    return reader;
  }

  @Test
  void nobodyThere() {
    assertThat(points.has("news")).isFalse();
    assertThat(deliver(1L).answers).containsExactly("NO_SUCH_ACCESS_POINT");
  }

  @Test
  void everySubscriberSeesEveryMessageAfterItsCall() {
    Reader first = reader(Long.MAX_VALUE);
    assertThat(deliver(1L).answers).containsExactly("processed");
    Reader second = reader(Long.MAX_VALUE);
    deliver(2L);
    first.saw(1L, 2L);
    second.saw(2L);
  }

  @Test
  void messagesWaitUntilTheyAreAskedFor() {
    Reader reader = reader(0);
    deliver(1L);
    deliver(2L);
    deliver(3L);
    reader.subscription.request(2);
    reader.saw(1L, 2L);
    reader.subscription.request(1);
    reader.saw(1L, 2L, 3L);
  }

  @Test
  void aSubscriberThatDoesNotKeepUpIsEndedAndTheSenderToldAndNobodyElseHasTheMessage() {
    Reader slow = reader(0);
    Reader quick = reader(Long.MAX_VALUE);
    for (long i = 1; i <= 10; i++) {
      assertThat(deliver(i).answers).containsExactly("processed");
    }
    quick.saw(LongStream.rangeClosed(1, 10).boxed().toArray(Long[]::new));
    assertThat(deliver(11L).answers).containsExactly("SLOW_CONSUMER");
    await().atMost(MOMENT).until(() -> slow.failure != null);
    assertThat(KitException.from(slow.failure).code()).isEqualTo(ErrorCode.SLOW_CONSUMER);
    assertThat(deliver(11L).answers).as("sent again").containsExactly("processed");
    quick.saw(LongStream.rangeClosed(1, 11).boxed().toArray(Long[]::new));
    assertThat(slow.seen).isEmpty();
  }

  @Test
  void theBufferIsBoundedInBytes() {
    Reader slow = reader(0);
    deliver("x".repeat(900));
    assertThat(deliver("y".repeat(200)).answers).containsExactly("SLOW_CONSUMER");
    await().atMost(MOMENT).until(() -> slow.failure != null);
  }

  @Test
  void whoHasCancelledGetsNoMoreAndThePointIsGone() {
    Reader reader = reader(Long.MAX_VALUE);
    deliver(1L);
    reader.saw(1L);
    reader.subscription.cancel();
    assertThat(deliver(2L).answers).containsExactly("NO_SUCH_ACCESS_POINT");
    assertThat(reader.seen).containsExactly(1L);
  }

  @Test
  void askingForNothingIsAnError() {
    Reader reader = reader(0);
    reader.subscription.request(-1);
    await().atMost(MOMENT).until(() -> reader.failure instanceof IllegalArgumentException);
    assertThat(points.has("news")).isFalse();
  }

  @Test
  void aHandlerGetsOneMessageAtATimeAndEachIsAcknowledgedAfterwards() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Long> seen = new ArrayList<>();
    points.handle(
        "news",
        message -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          // Not synchronised: the handler is called by one thread at a time.
          seen.add(message.body(Long.class));
        });
    List<Arrival> arrivals = new ArrayList<>();
    for (long i = 1; i <= 10; i++) {
      arrivals.add(deliver(i));
    }
    assertThat(arrivals).allMatch(arrival -> arrival.answers.isEmpty() && arrival.enqueued);
    go.countDown();
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () ->
                assertThat(arrivals)
                    .allMatch(
                        arrival -> List.copyOf(arrival.answers).equals(List.of("processed"))));
    assertThat(seen).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
  }

  @Test
  void aHandlerThatIsBusyAndFullSaysSo() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    points.handle(
        "news",
        message -> {
          begun.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    List<Arrival> arrivals = new ArrayList<>();
    arrivals.add(deliver(0L));
    // With one message in the handler's hands, ten more fit behind it.
    await().atMost(MOMENT).until(() -> begun.getCount() == 0);
    for (long i = 1; i < 12; i++) {
      arrivals.add(deliver(i));
    }
    assertThat(arrivals.get(11).answers).containsExactly("MAILBOX_FULL");
    go.countDown();
    await().atMost(MOMENT).until(() -> !arrivals.get(9).answers.isEmpty());
  }

  @Test
  void aHandlerThatThrowsAnswersWithACode() {
    points.handle(
        "news",
        message -> {
          if (message.body(Long.class) == 1L) {
            throw new KitException(ErrorCode.QUOTA, "enough");
          }
          throw new IllegalStateException("oh");
        });
    Arrival refused = deliver(1L);
    Arrival crashed = deliver(2L);
    await().atMost(MOMENT).until(() -> !crashed.answers.isEmpty());
    assertThat(refused.answers).containsExactly("QUOTA");
    assertThat(crashed.answers).containsExactly("SERVICE_CRASHED");
  }

  @Test
  void thePeersOwnReceiverAnswersItself() {
    Runnable end = points.receive("news", incoming -> incoming.reply(Payload.of("here")));
    Reader reader = reader(Long.MAX_VALUE);
    assertThat(deliver(1L).answers).containsExactly("reply here");
    reader.saw(1L);
    reader.subscription.cancel();
    end.run();
    assertThat(deliver(2L).answers).containsExactly("NO_SUCH_ACCESS_POINT");
  }

  @Test
  void closingEndsStreamsAndRefusesMessages() {
    Reader reader = reader(Long.MAX_VALUE);
    points.close();
    await().atMost(MOMENT).until(() -> reader.failure != null);
    assertThat(KitException.from(reader.failure).code()).isEqualTo(ErrorCode.CLOSED);
  }
}
