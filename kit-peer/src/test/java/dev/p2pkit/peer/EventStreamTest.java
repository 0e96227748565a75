// Who keeps up sees every event; who does not is ended and sees nothing more.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private final ExecutorService executor = Executors.newFixedThreadPool(2);

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private static NetworkEvent event(long number) {
    return new NetworkEvent.PeerJoined(new PeerId(Key.of(number)));
  }

  @Test
  void aSubscriberThatLeavesTooManyUnreadIsEndedAndTheOthersAreNot() {
    EventStream stream = new EventStream(executor, 8, event -> {});
    Reader slow = new Reader(1);
    Reader quick = new Reader(Long.MAX_VALUE);
    stream.publisher().subscribe(slow);
    stream.publisher().subscribe(quick);
    for (long i = 0; i < 24; i++) {
      int seen = (int) i;
      stream.publish(event(i));
      await().pollInterval(Duration.ofMillis(1)).until(() -> quick.seen.size() > seen);
    }
    await().until(() -> slow.failure.get() != null);
    assertThat(KitException.from(slow.failure.get()).code()).isEqualTo(ErrorCode.SLOW_CONSUMER);
    assertThat(slow.seen).containsExactly(event(0));
    assertThat(quick.failure.get()).isNull();
  }

  @Test
  void aFirstListenerThatThrowsKeepsNothingFromTheSubscribers() {
    EventStream stream =
        new EventStream(
            executor,
            8,
            event -> {
              throw new IllegalStateException("a listener with a defect");
            });
    Reader reader = new Reader(Long.MAX_VALUE);
    stream.publisher().subscribe(reader);
    stream.publish(event(1));
    await().until(() -> reader.seen.equals(List.of(event(1))));
    stream.close();
    stream.publish(event(2));
    await().until(() -> reader.completed);
    assertThat(reader.seen).containsExactly(event(1));
  }

  private static final class Reader implements Flow.Subscriber<NetworkEvent> {
    private final long wanted;
    private final List<NetworkEvent> seen = new CopyOnWriteArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean completed;

    Reader(long wanted) {
      this.wanted = wanted;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(wanted);
    }

    @Override
    public void onNext(NetworkEvent event) {
      seen.add(event);
    }

    @Override
    public void onError(Throwable thrown) {
      failure.set(thrown);
    }

    @Override
    public void onComplete() {
      completed = true;
    }
  }
}
