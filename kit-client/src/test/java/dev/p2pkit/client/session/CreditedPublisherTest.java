// One buffer, many subscribers, each at its own pace.
package dev.p2pkit.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CreditedPublisherTest {
  private final AtomicLong consumed = new AtomicLong();
  private final AtomicInteger unused = new AtomicInteger();

  private static class Reader implements Flow.Subscriber<Integer> {
    final List<Object> seen = new ArrayList<>();
    final long first;
    Flow.Subscription subscription;

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
    public void onNext(Integer item) {
      seen.add(item);
    }

    @Override
    public void onError(Throwable thrown) {
      seen.add(thrown instanceof KitException kit ? kit.code() : thrown.getClass());
    }

    @Override
    public void onComplete() {
      seen.add("end");
    }
  }

  private CreditedPublisher<Integer> publisher(boolean opened) {
    return new CreditedPublisher<>(
        opened, Runnable::run, consumed::addAndGet, unused::incrementAndGet);
  }

  @Test
  void whatComesBeforeTheFirstSubscriberIsKeptForIt() {
    CreditedPublisher<Integer> publisher = publisher(true);
    publisher.offer(1);
    publisher.offer(2);
    assertThat(publisher.buffered()).isEqualTo(2);
    Reader first = new Reader(Long.MAX_VALUE);
    publisher.subscribe(first);
    Reader second = new Reader(Long.MAX_VALUE);
    publisher.subscribe(second);
    publisher.offer(3);
    assertThat(first.seen).containsExactly(1, 2, 3);
    assertThat(second.seen).containsExactly(3);
    assertThat(consumed).hasValue(3);
  }

  @Test
  void theSlowestDecidesWhatCountsAsTaken() {
    CreditedPublisher<Integer> publisher = publisher(true);
    Reader fast = new Reader(Long.MAX_VALUE);
    Reader slow = new Reader(1);
    publisher.subscribe(fast);
    publisher.subscribe(slow);
    for (int i = 0; i < 5; i++) {
      publisher.offer(i);
    }
    assertThat(fast.seen).hasSize(5);
    assertThat(slow.seen).containsExactly(0);
    assertThat(consumed).hasValue(1);
    slow.subscription.request(2);
    assertThat(consumed).hasValue(3);
    slow.subscription.cancel();
    assertThat(consumed).as("who has gone holds nothing up").hasValue(5);
    assertThat(unused).hasValue(0);
    fast.subscription.cancel();
    assertThat(unused).hasValue(1);
  }

  @Test
  void subscribersOfAClosedDoorWaitForIt() {
    CreditedPublisher<Integer> publisher = publisher(false);
    Reader reader = new Reader(Long.MAX_VALUE);
    publisher.subscribe(reader);
    assertThat(reader.subscription).isNull();
    publisher.open();
    assertThat(reader.subscription).isNotNull();
  }

  @Test
  void theEndComesAfterWhatIsBuffered() {
    CreditedPublisher<Integer> publisher = publisher(true);
    Reader reader = new Reader(1);
    publisher.subscribe(reader);
    publisher.offer(1);
    publisher.offer(2);
    publisher.end(Optional.of(new KitException(ErrorCode.CLOSED, "gone")));
    publisher.offer(3);
    assertThat(reader.seen).containsExactly(1);
    reader.subscription.request(5);
    assertThat(reader.seen).containsExactly(1, 2, ErrorCode.CLOSED);
    Reader late = new Reader(1);
    publisher.subscribe(late);
    assertThat(late.seen).containsExactly(ErrorCode.CLOSED);
  }

  @Test
  void askingForNothingIsAnError() {
    CreditedPublisher<Integer> publisher = publisher(true);
    Reader reader = new Reader(0);
    publisher.subscribe(reader);
    reader.subscription.request(0);
    assertThat(reader.seen).containsExactly(IllegalArgumentException.class);
  }

  @Test
  void aSubscriberThatThrowsIsOutAndHarmsNobody() {
    CreditedPublisher<Integer> publisher = publisher(true);
    Reader bad =
        new Reader(Long.MAX_VALUE) {
          @Override
          public void onNext(Integer item) {
            throw new IllegalStateException("bad");
          }
        };
    Reader good = new Reader(Long.MAX_VALUE);
    publisher.subscribe(bad);
    publisher.subscribe(good);
    publisher.offer(1);
    publisher.offer(2);
    assertThat(good.seen).containsExactly(1, 2);
    assertThat(consumed).hasValue(2);
  }

  @Test
  void ordersAndLosesNothingOnManyThreads() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    CreditedPublisher<Integer> publisher =
        new CreditedPublisher<>(true, threads, consumed::addAndGet, () -> {});
    Reader one = new Reader(Long.MAX_VALUE);
    Reader other = new Reader(Long.MAX_VALUE);
    publisher.subscribe(one);
    publisher.subscribe(other);
    List<Object> expected = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      publisher.offer(i);
      expected.add(i);
    }
    publisher.end(Optional.empty());
    expected.add("end");
    await().untilAsserted(() -> assertThat(consumed.get()).isEqualTo(20_000));
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(one.seen).isEqualTo(expected);
    assertThat(other.seen).isEqualTo(expected);
  }
}
