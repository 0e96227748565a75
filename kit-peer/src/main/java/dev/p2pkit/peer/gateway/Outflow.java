// One subscription as the proxy peer sees it: what waits, what is on the way, what may leave.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Deliver;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Counts one subscription of one session. Not thread-safe. */
final class Outflow {
  /** What an item costs beside its body. */
  private static final int OVERHEAD = 128;

  /** More credit than this is a mistake of the client. */
  private static final long MOST_CREDIT = 16_384;

  private static final DeliveryCallback NOBODY_WAITS =
      new DeliveryCallback() {
        @Override
        public void accepted() {}

        @Override
        public void failed(ErrorCode code, String detail) {}
      };

  /** A message for a proxy or stream, or an event, with who waits for it. */
  record Item(Optional<Message> message, Optional<NetworkEvent> event, DeliveryCallback callback) {
    static Item of(Message message, DeliveryCallback callback) {
      return new Item(Optional.of(message), Optional.empty(), callback);
    }

    /** An item of a feed, whose source does not wait. */
    static Item of(Object fed) {
      return fed instanceof Message message
          ? of(message, NOBODY_WAITS)
          : new Item(Optional.empty(), Optional.of((NetworkEvent) fed), NOBODY_WAITS);
    }

    int bytes() {
      return OVERHEAD + message.map(known -> known.body().length()).orElse(0);
    }
  }

  private record Sent(long number, Item item) {}

  final long subscription;
  final Feed feed;
  final String accessPoint;
  private final Deque<Item> waiting = new ArrayDeque<>();
  private final Deque<Sent> flying = new ArrayDeque<>();
  private long credit;
  private long lastNumber;
  private Flow.@Nullable Subscription source;
  private boolean asked;
  private long refused;

  Outflow(long subscription, Feed feed, String accessPoint, int credit) {
    this.subscription = subscription;
    this.feed = feed;
    this.accessPoint = accessPoint;
    this.credit = credit;
  }

  /** The feed's source, from which items are asked for one by one. */
  void source(Flow.Subscription known) {
    source = known;
  }

  Optional<Flow.Subscription> source() {
    return Optional.ofNullable(source);
  }

  /** Adds credit; false if the client exaggerates. */
  boolean grant(int more) {
    credit += more;
    return credit <= MOST_CREDIT;
  }

  boolean hasCredit() {
    return credit > 0;
  }

  void enqueue(Item item) {
    asked = false;
    waiting.add(item);
  }

  /** The next item to leave, if any waits. */
  Optional<Item> head() {
    return Optional.ofNullable(waiting.peek());
  }

  /** The frame of an item under the next number. */
  SessionMessage frame(Item item) {
    return item.message().isPresent()
        ? new Deliver(subscription, lastNumber + 1, item.message().get())
        : new Event(subscription, lastNumber + 1, item.event().orElseThrow());
  }

  /** The head has left. */
  void sent() {
    credit--;
    lastNumber++;
    flying.add(new Sent(lastNumber, waiting.remove()));
  }

  /** Whether the client can have everything up to this number. */
  boolean isKnown(long number) {
    return number <= lastNumber;
  }

  /** The next item that is acknowledged by this number. */
  Optional<Item> acknowledged(long upTo) {
    Sent first = flying.peek();
    if (first == null || first.number() > upTo) {
      return Optional.empty();
    }
    return Optional.of(flying.remove().item());
  }

  /** Whether the source should be asked for one more item now; it is then asked. */
  boolean ask() {
    if (source == null || asked || !waiting.isEmpty() || credit == 0) {
      return false;
    }
    asked = true;
    return true;
  }

  Deque<Item> waiting() {
    return waiting;
  }

  /** What has left and is not acknowledged. */
  Deque<Item> flying() {
    Deque<Item> items = new ArrayDeque<>();
    flying.forEach(sent -> items.add(sent.item()));
    return items;
  }

  /** Counts a message that found no room. */
  void refuse() {
    refused++;
  }

  /** How many were refused since this was last asked. */
  long takeRefused() {
    long count = refused;
    refused = 0;
    return count;
  }
}
