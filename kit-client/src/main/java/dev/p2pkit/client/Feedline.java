// What a client subscribes to, across the sessions it has one after the other.
package dev.p2pkit.client;

import dev.p2pkit.client.session.ClientSession;
import dev.p2pkit.client.session.CreditedPublisher;
import dev.p2pkit.client.session.Outcome;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A feed of the proxy peer as a publisher; each new session of the client subscribes it again. */
final class Feedline<T> {
  /** More of a client's own events are not kept for a subscriber that does not take them. */
  private static final int MOST_WAITING = 8_192;

  private final Lifeline lifeline;
  private final Feed feed;
  private final String accessPoint;
  private final Class<T> type;
  private final CreditedPublisher<T> publisher;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final Object lock = new Object();
  // Guarded by lock.
  private @Nullable Attachment attachment;
  private long subscription;
  private boolean over;

  /**
   * A line that is not attached yet.
   *
   * @param type what the feed delivers: messages or events
   */
  Feedline(Lifeline lifeline, Feed feed, String accessPoint, Class<T> type) {
    this.lifeline = lifeline;
    this.feed = feed;
    this.accessPoint = accessPoint;
    this.type = type;
    // A proxy is there before and after its subscribers; other lines are for one subscriber.
    boolean proxy = feed == Feed.PROXY;
    this.publisher =
        new CreditedPublisher<>(
            proxy, lifeline.executor(), this::consumed, proxy ? () -> {} : this::close);
  }

  /** Attaches to the client's sessions from now on. */
  Feedline<T> start() {
    lifeline.add(this);
    return this;
  }

  CreditedPublisher<T> publisher() {
    return publisher;
  }

  /** Completes on the executor when the proxy peer delivers; fails if it refuses. */
  CompletableFuture<Void> ready() {
    return ready;
  }

  void attach(Attachment session) {
    synchronized (lock) {
      if (over) {
        return;
      }
      attachment = session;
      subscription =
          session.subscribe(feed, accessPoint, lifeline.subscribeDeadline(), new Inlet(session));
    }
  }

  private void consumed(long count) {
    synchronized (lock) {
      if (attachment != null) {
        attachment.consumed(subscription, count);
      }
    }
  }

  /** An event of the client's own, if this line is for events. */
  void own(NetworkEvent event) {
    if (feed == Feed.EVENTS && publisher.buffered() < MOST_WAITING && type.isInstance(event)) {
      publisher.offer(type.cast(event));
    }
  }

  /** Ends the subscription at the proxy peer and the publisher. */
  void close() {
    synchronized (lock) {
      over = true;
      if (attachment != null) {
        attachment.unsubscribe(subscription);
        attachment = null;
      }
    }
    lifeline.remove(this);
    end(Optional.empty());
  }

  /** Ends the publisher. */
  void end(Optional<KitException> reason) {
    synchronized (lock) {
      over = true;
    }
    publisher.end(reason);
    lifeline
        .executor()
        .execute(
            () ->
                ready.completeExceptionally(
                    reason.orElseGet(
                        () -> new KitException(ErrorCode.CLOSED, "this was closed before"))));
  }

  /** Where the deliveries of one session come in. */
  private final class Inlet implements ClientSession.Sink {
    private final Attachment session;

    Inlet(Attachment session) {
      this.session = session;
    }

    @Override
    public void opened() {
      publisher.open();
      lifeline.executor().execute(() -> ready.complete(null));
    }

    @Override
    public void message(Message message) {
      take(message);
    }

    @Override
    public void event(NetworkEvent event) {
      take(event);
    }

    private void take(Object item) {
      if (type.isInstance(item)) {
        publisher.offer(type.cast(item));
      }
    }

    @Override
    public void ended(Optional<Outcome.Failed> failure) {
      // Called with the session's lock held, so everything else goes elsewhere.
      lifeline.executor().execute(() -> over(failure));
    }

    private void over(Optional<Outcome.Failed> failure) {
      if (session.end().isPresent()) {
        // The whole session is gone; the lifeline decides what becomes of this line.
        return;
      }
      if (feed == Feed.EVENTS) {
        // The client's own events go on without the peer's.
        opened();
        return;
      }
      lifeline.remove(Feedline.this);
      end(failure.map(failed -> new KitException(failed.code(), failed.detail())));
    }
  }
}
