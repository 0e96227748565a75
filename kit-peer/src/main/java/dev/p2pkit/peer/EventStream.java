// The events of a peer, for any number of subscribers.
package dev.p2pkit.peer;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;

/**
 * Brings events to everybody who subscribed before them. A subscriber that lags too far behind is
 * ended. Thread-safe.
 */
final class EventStream implements AutoCloseable {
  /** How many events may wait for one subscriber. */
  private static final int WAITING = 4_096;

  private final SubmissionPublisher<NetworkEvent> publisher;
  private final Consumer<NetworkEvent> first;

  /**
   * A stream.
   *
   * @param first sees each event before the subscribers, from the very beginning
   */
  EventStream(Executor executor, Consumer<NetworkEvent> first) {
    this.publisher = new SubmissionPublisher<>(executor, WAITING);
    this.first = first;
  }

  void publish(NetworkEvent event) {
    first.accept(event);
    if (publisher.isClosed()) {
      return;
    }
    publisher.offer(
        event,
        (subscriber, missed) -> {
          subscriber.onError(
              new KitException(
                  ErrorCode.SLOW_CONSUMER,
                  "a subscriber of events left more than "
                      + WAITING
                      + " unread; ask for more of them, or subscribe again"));
          return false;
        });
  }

  Flow.Publisher<NetworkEvent> publisher() {
    return publisher;
  }

  @Override
  public void close() {
    publisher.close();
  }
}
