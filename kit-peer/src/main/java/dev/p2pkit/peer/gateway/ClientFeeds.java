// The feeds of this peer that one client has subscribed to.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * Subscribes a client to events, to streams and to what its own proxies get, and carries the items
 * into its session. Thread-safe.
 */
final class ClientFeeds {
  /** Leaves room for the prefix that names the session at this peer. */
  private static final int LONGEST_PROXY_NAME = 200;

  private final LockedSession session;
  private final Network network;

  ClientFeeds(LockedSession session, Network network) {
    this.session = session;
    this.network = network;
  }

  /** Begins a feed for a client that has the right to it, or says why not. */
  void subscribe(Subscribe subscribe) {
    boolean proxy = subscribe.feed() == Feed.PROXY;
    if (proxy && subscribe.accessPoint().length() > LONGEST_PROXY_NAME) {
      session.fail(
          subscribe.id(),
          ErrorCode.PROTOCOL_ERROR,
          "a proxy's name has at most " + LONGEST_PROXY_NAME + " characters");
      return;
    }
    if (!proxy && SessionAccessPoint.isOne(subscribe.accessPoint())) {
      session.fail(
          subscribe.id(),
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "the names that begin with " + SessionAccessPoint.PREFIX + " belong to clients' proxies");
      return;
    }
    Optional<String> reason =
        session.with(
            known ->
                known.subscribe(
                    subscribe.subscription(),
                    subscribe.feed(),
                    subscribe.accessPoint(),
                    subscribe.credit()),
            Optional.of("the client has gone"));
    if (reason.isPresent()) {
      session.fail(subscribe.id(), ErrorCode.QUOTA, reason.get());
    } else if (proxy) {
      session.answer(done(subscribe.id()), 0);
    } else {
      tap(subscribe);
    }
  }

  private void tap(Subscribe subscribe) {
    try {
      Flow.Publisher<?> source =
          subscribe.feed() == Feed.EVENTS
              ? network.events()
              : network.stream(subscribe.accessPoint());
      source.subscribe(new Tap(subscribe));
    } catch (RuntimeException e) {
      KitException reason = KitException.from(e);
      session.run(known -> known.onEnded(subscribe.subscription()));
      session.fail(subscribe.id(), reason.code(), reason.detail());
    }
  }

  private static SessionMessage done(long id) {
    return new SessionMessage.Done(id, true, new SessionResult.Nothing());
  }

  /** Carries the items of a feed of this peer into the session. */
  private final class Tap implements Flow.Subscriber<Object> {
    private final Subscribe subscribe;

    Tap(Subscribe subscribe) {
      this.subscribe = subscribe;
    }

    @Override
    public void onSubscribe(Flow.Subscription source) {
      // The client knows of the feed before its first item comes.
      session.answer(done(subscribe.id()), 0);
      session.run(known -> known.source(subscribe.subscription(), source));
    }

    @Override
    public void onNext(Object item) {
      session.run(known -> known.fed(subscribe.subscription(), item));
    }

    @Override
    public void onError(Throwable thrown) {
      KitException reason = KitException.from(thrown);
      session.run(
          known ->
              known.sourceEnded(
                  subscribe.subscription(), Optional.of(reason.code()), reason.detail()));
    }

    @Override
    public void onComplete() {
      session.run(known -> known.sourceEnded(subscribe.subscription(), Optional.empty(), ""));
    }
  }
}
