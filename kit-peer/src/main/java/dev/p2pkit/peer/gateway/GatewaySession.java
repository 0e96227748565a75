// A session as its proxy peer sees it: decides everything, knows no socket, thread or clock.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Predicate;

/**
 * The proxy peer's end of one session: what waits for the client, within bounds, and what it has
 * acknowledged. Not thread-safe. What must be called outside of the driver's lock (callbacks,
 * sources) is collected; the driver takes it with {@link #takeEffects} after each call.
 */
final class GatewaySession {
  /** An answer without a body is counted as this many bytes. */
  private static final int ANSWER_BYTES = 256;

  private static final long SLOW_NOTICE_MICROS = 1_000_000;

  private final Key id;
  private final GatewayConfig config;
  private final Predicate<SessionMessage> link;
  private final Map<Long, Outflow> outflows = new LinkedHashMap<>();
  private final Map<String, Outflow> proxies = new LinkedHashMap<>();
  private final Deque<SessionMessage> answers = new ArrayDeque<>();
  private List<Runnable> effects = new ArrayList<>();
  private long answerBytes;
  private int waitingMessages;
  private long waitingBytes;
  private long flyingBytes;
  private int openRequests;
  private long slowNoticeAt;
  private boolean closed;

  /**
   * A session that is open.
   *
   * @param link queues a message for the client; false if there is no room
   */
  GatewaySession(Key id, GatewayConfig config, Predicate<SessionMessage> link) {
    this.id = id;
    this.config = config;
    this.link = link;
  }

  Key id() {
    return id;
  }

  /** What is to be run now, outside of the driver's lock. */
  List<Runnable> takeEffects() {
    if (effects.isEmpty()) {
      return List.of();
    }
    List<Runnable> due = effects;
    effects = new ArrayList<>();
    return due;
  }

  /** Counts a request in; false if there are too many. */
  boolean requestOpened() {
    if (openRequests >= config.openRequests()) {
      return false;
    }
    openRequests++;
    return true;
  }

  void requestClosed() {
    openRequests--;
  }

  int openRequests() {
    return openRequests;
  }

  /**
   * Sends an answer, or keeps it until there is room.
   *
   * @param bytes the size of its body
   * @return false if the client takes so little that the bound is reached: the session must end
   */
  boolean answer(SessionMessage answer, int bytes) {
    if (closed || (answers.isEmpty() && link.test(answer))) {
      return true;
    }
    answers.add(answer);
    answerBytes += ANSWER_BYTES + bytes;
    return answerBytes <= config.queuedBytes();
  }

  /** Begins a subscription; a reason if that cannot be. */
  Optional<String> subscribe(long subscription, Feed feed, String accessPoint, int credit) {
    if (outflows.containsKey(subscription)) {
      return Optional.of("the subscription " + subscription + " exists already");
    }
    if (feed == Feed.PROXY && proxies.containsKey(accessPoint)) {
      return Optional.of("the session has a proxy of that name already");
    }
    if (outflows.size() >= config.subscriptions()) {
      return Optional.of(
          "the session has " + outflows.size() + " subscriptions; end some of them first");
    }
    Outflow outflow = new Outflow(subscription, feed, accessPoint, credit);
    outflows.put(subscription, outflow);
    if (feed == Feed.PROXY) {
      proxies.put(accessPoint, outflow);
    }
    return Optional.empty();
  }

  /** The source of a feed is ready. */
  void source(long subscription, Flow.Subscription source) {
    Outflow outflow = outflows.get(subscription);
    if (outflow == null) {
      effects.add(source::cancel);
      return;
    }
    outflow.source(source);
    drain(outflow);
  }

  /** An item of a feed: one that was asked for. */
  void fed(long subscription, Object item) {
    Outflow outflow = outflows.get(subscription);
    if (outflow == null) {
      return;
    }
    if (item instanceof Message message && message.body().length() > config.largestBody()) {
      sourceEnded(
          subscription,
          Optional.of(ErrorCode.MESSAGE_TOO_LARGE),
          "a message of " + message.body().length() + " bytes is too large for a client");
      return;
    }
    enqueue(outflow, Outflow.Item.of(item));
    drain(outflow);
  }

  /** The source of a feed has ended; the client is told. */
  void sourceEnded(long subscription, Optional<ErrorCode> code, String detail) {
    Outflow outflow = outflows.get(subscription);
    if (outflow != null) {
      forget(outflow, ErrorCode.CLOSED, detail);
      answer(new Ended(subscription, code, detail), 0);
    }
  }

  /** A message for a proxy. */
  void deliver(long now, String accessPoint, Message message, DeliveryCallback callback) {
    Outflow proxy = proxies.get(accessPoint);
    if (closed) {
      effects.add(() -> callback.failed(ErrorCode.SESSION_EXPIRED, "the client has gone"));
    } else if (proxy == null) {
      effects.add(
          () ->
              callback.failed(
                  ErrorCode.NO_SUCH_ACCESS_POINT, "the client has no proxy of that name"));
    } else if (message.body().length() > config.largestBody()) {
      effects.add(
          () ->
              callback.failed(
                  ErrorCode.MESSAGE_TOO_LARGE,
                  "a message for a client has at most " + config.largestBody() + " bytes"));
    } else {
      Outflow.Item item = Outflow.Item.of(message, callback);
      if (waitingMessages >= config.queuedMessages()
          || waitingBytes + item.bytes() > config.queuedBytes()) {
        refuse(now, proxy, callback);
      } else {
        enqueue(proxy, item);
        drain(proxy);
      }
    }
  }

  private void refuse(long now, Outflow proxy, DeliveryCallback callback) {
    proxy.refuse();
    effects.add(
        () ->
            callback.failed(
                ErrorCode.SLOW_CONSUMER,
                "the client does not keep up and its queue at the proxy peer is full; send more"
                    + " slowly"));
    notice(now);
  }

  /** Tells the client of its refused messages, at most once a second. */
  private void notice(long now) {
    if (now < slowNoticeAt) {
      return;
    }
    for (Outflow proxy : proxies.values()) {
      long refused = proxy.takeRefused();
      if (refused > 0) {
        slowNoticeAt = now + SLOW_NOTICE_MICROS;
        answer(new Event(0, 0, new NetworkEvent.SlowConsumer(proxy.accessPoint, refused)), 0);
      }
    }
  }

  private void enqueue(Outflow outflow, Outflow.Item item) {
    outflow.enqueue(item);
    waitingMessages++;
    waitingBytes += item.bytes();
  }

  /** Sends what credit, window and link allow; asks the source for more when nothing waits. */
  private void drain(Outflow outflow) {
    Optional<Outflow.Item> head = outflow.head();
    while (head.isPresent() && outflow.hasCredit()) {
      int bytes = head.get().bytes();
      // One message may always fly, however large it is.
      boolean room = flyingBytes == 0 || flyingBytes + bytes <= config.flightBytes();
      if (!room || !link.test(outflow.frame(head.get()))) {
        return;
      }
      outflow.sent();
      waitingMessages--;
      waitingBytes -= bytes;
      flyingBytes += bytes;
      head = outflow.head();
    }
    if (outflow.ask()) {
      outflow.source().ifPresent(source -> effects.add(() -> source.request(1)));
    }
  }

  /** The client grants credit and acknowledges; a complaint if it claims what cannot be. */
  Optional<String> onCredit(Credit credit) {
    Outflow outflow = outflows.get(credit.subscription());
    if (outflow == null) {
      return Optional.empty();
    }
    if (!outflow.isKnown(credit.acceptedUpTo()) || !outflow.grant(credit.credit())) {
      return Optional.of("a client acknowledged or granted more than there is");
    }
    Optional<Outflow.Item> item = outflow.acknowledged(credit.acceptedUpTo());
    while (item.isPresent()) {
      flyingBytes -= item.get().bytes();
      effects.add(item.get().callback()::accepted);
      item = outflow.acknowledged(credit.acceptedUpTo());
    }
    // The window is shared: what one has freed, another may use.
    outflows.values().forEach(this::drain);
    return Optional.empty();
  }

  /** The client ends a subscription. */
  void onEnded(long subscription) {
    Outflow outflow = outflows.get(subscription);
    if (outflow != null) {
      forget(outflow, ErrorCode.NO_SUCH_ACCESS_POINT, "the client has closed this proxy");
      outflows.values().forEach(this::drain);
    }
  }

  private void forget(Outflow outflow, ErrorCode code, String detail) {
    outflows.remove(outflow.subscription);
    if (outflow.feed == Feed.PROXY) {
      proxies.remove(outflow.accessPoint);
    }
    outflow.source().ifPresent(source -> effects.add(source::cancel));
    for (Outflow.Item item : outflow.waiting()) {
      waitingMessages--;
      waitingBytes -= item.bytes();
      effects.add(() -> item.callback().failed(code, detail));
    }
    for (Outflow.Item item : outflow.flying()) {
      flyingBytes -= item.bytes();
      effects.add(
          () ->
              item.callback()
                  .failed(
                      ErrorCode.DELIVERY_UNKNOWN,
                      "the client went before it acknowledged the message"));
    }
  }

  /** Time has passed: what found no room is tried again. */
  void onTick(long now) {
    while (!answers.isEmpty() && link.test(answers.peek())) {
      answers.remove();
    }
    if (answers.isEmpty()) {
      answerBytes = 0;
    }
    outflows.values().forEach(this::drain);
    notice(now);
  }

  /** The session is over. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Outflow outflow : List.copyOf(outflows.values())) {
      forget(outflow, ErrorCode.SESSION_EXPIRED, "the client has gone");
    }
    answers.clear();
  }

  /** How many messages wait for the client. */
  int waitingMessages() {
    return waitingMessages;
  }

  /** How many bytes are on the way to the client. */
  long flyingBytes() {
    return flyingBytes;
  }
}
