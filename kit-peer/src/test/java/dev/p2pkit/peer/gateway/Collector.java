// A subscriber that keeps what it gets.
package dev.p2pkit.peer.gateway;

import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** Keeps items and the end. */
final class Collector<T> implements Flow.Subscriber<T> {
  final List<T> items = new CopyOnWriteArrayList<>();
  final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  final CompletableFuture<Void> end = new CompletableFuture<>();
  private final long first;

  private Collector(long first) {
    this.first = first;
  }

  /** Subscribes, asks for so much and waits until the subscription stands. */
  static <T> Collector<T> of(Flow.Publisher<T> publisher, long first) {
    Collector<T> collector = new Collector<>(first);
    publisher.subscribe(collector);
    collector.subscription.orTimeout(30, TimeUnit.SECONDS).join();
    return collector;
  }

  static <T> Collector<T> of(Flow.Publisher<T> publisher) {
    return of(publisher, Long.MAX_VALUE);
  }

  void request(long count) {
    subscription.join().request(count);
  }

  void awaitSize(int count) {
    await().atMost(Duration.ofSeconds(30)).until(() -> items.size() >= count);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    if (first > 0) {
      given.request(first);
    }
    subscription.complete(given);
  }

  @Override
  public void onNext(T item) {
    items.add(item);
  }

  @Override
  public void onError(Throwable thrown) {
    KitException reason = KitException.from(thrown);
    subscription.completeExceptionally(reason);
    end.completeExceptionally(reason);
  }

  @Override
  public void onComplete() {
    end.complete(null);
  }
}
