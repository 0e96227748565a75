// A subscriber that does something with each message.
package dev.p2pkit.peer.conformance;

import dev.p2pkit.sdk.Message;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** Calls a function with each message. */
final class Receiver implements Flow.Subscriber<Message> {
  private final Consumer<Message> action;

  Receiver(Consumer<Message> action) {
    this.action = action;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(Message message) {
    action.accept(message);
  }

  @Override
  public void onError(Throwable thrown) {
    // The ring was closed under it.
  }

  @Override
  public void onComplete() {
    // The ring was closed under it.
  }
}
