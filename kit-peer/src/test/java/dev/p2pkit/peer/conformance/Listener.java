// A subscriber that remembers what it saw.
package dev.p2pkit.peer.conformance;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;

/** Subscribes at once, asks for everything, and keeps it. */
final class Listener<T> implements Flow.Subscriber<T> {
  final List<T> seen = new CopyOnWriteArrayList<>();
  volatile boolean ended;

  static <T> Listener<T> to(Flow.Publisher<T> publisher) {
    Listener<T> listener = new Listener<>();
    publisher.subscribe(listener);
    return listener;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(T item) {
    seen.add(item);
  }

  @Override
  public void onError(Throwable thrown) {
    ended = true;
  }

  @Override
  public void onComplete() {
    ended = true;
  }
}
