// The events of a peer, for any number of subscribers.
package dev.p2pkit.peer;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to everybody who subscribed before them. A subscriber that leaves too many unread
 * is ended. Thread-safe; publishing never blocks.
 */
final class EventStream implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventStream.class);

  private final SubmissionPublisher<NetworkEvent> publisher;
  private final Executor executor;
  private final Consumer<NetworkEvent> first;

  /**
   * A stream.
   *
   * @param waiting how many events may wait for one subscriber
   * @param first sees each event before the subscribers, from the very beginning
   */
  EventStream(Executor executor, int waiting, Consumer<NetworkEvent> first) {
    this.publisher = new SubmissionPublisher<>(executor, waiting);
    this.executor = executor;
    this.first = first;
  }

  void publish(NetworkEvent event) {
    try {
      first.accept(event);
    } catch (RuntimeException e) {
      log.error("the listener that the peer was started with failed at {}", event, e);
    }
    try {
      publisher.offer(event, EventStream::end);
    } catch (IllegalStateException closed) {
      log.debug("after the end: {}", event);
    }
  }

  /** Called for a subscriber without room; the event is not offered again. */
  private static boolean end(
      Flow.Subscriber<? super NetworkEvent> subscriber, NetworkEvent missed) {
    if (subscriber instanceof Ending ending) {
      ending.endSlow();
    }
    return false;
  }

  Flow.Publisher<NetworkEvent> publisher() {
    return subscriber -> publisher.subscribe(new Ending(subscriber, executor));
  }

  @Override
  public void close() {
    publisher.close();
  }

  /** A subscriber that can be ended from outside; nothing reaches it after its end. */
  private static final class Ending implements Flow.Subscriber<NetworkEvent> {
    private final Flow.Subscriber<? super NetworkEvent> target;
    private final Executor executor;
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean slow;
    // Guarded by this.
    private boolean ended;

    Ending(Flow.Subscriber<? super NetworkEvent> target, Executor executor) {
      this.target = target;
      this.executor = executor;
    }

    void endSlow() {
      if (slow) {
        return;
      }
      slow = true;
      Flow.Subscription upstream = subscription;
      if (upstream != null) {
        upstream.cancel();
      }
      executor.execute(
          () ->
              onError(
                  new KitException(
                      ErrorCode.SLOW_CONSUMER,
                      "a subscriber of events left too many unread; ask for more of them, or subscribe again")));
    }

    @Override
    public void onSubscribe(Flow.Subscription upstream) {
      subscription = upstream;
      target.onSubscribe(upstream);
    }

    @Override
    public void onNext(NetworkEvent event) {
      synchronized (this) {
        if (!ended) {
          target.onNext(event);
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      synchronized (this) {
        if (!ended) {
          ended = true;
          target.onError(failure);
        }
      }
    }

    @Override
    public void onComplete() {
      synchronized (this) {
        if (!ended) {
          ended = true;
          target.onComplete();
        }
      }
    }
  }
}
