// Brings a message that arrived to all who receive at its access point.
package dev.p2pkit.peer.access;

import dev.p2pkit.peer.service.Fanout;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.peer.service.ServiceRuntime;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The access points of a peer. Each message goes to every subscriber of the access point's stream,
 * to the program's handler and to every processor of the service of that name; it is acknowledged
 * when the buffers of all subscribers have it and the handler and all processors are done.
 * Thread-safe; nothing blocks.
 */
public final class AccessPoints implements AutoCloseable {
  private final ServiceRuntime services;
  private final Executor executor;
  private final AccessLimits limits;
  private final ConcurrentHashMap<String, AccessPoint> points = new ConcurrentHashMap<>();
  private final LongAdder delivered = new LongAdder();
  private volatile boolean closed;

  /**
   * Without any access point yet.
   *
   * @param services the services, whose names are access points
   * @param executor where subscribers and handlers are called; must not be an event loop
   * @param limits how much may wait for each of them
   */
  public AccessPoints(ServiceRuntime services, Executor executor, AccessLimits limits) {
    this.services = services;
    this.executor = executor;
    this.limits = limits;
  }

  /**
   * Gives the messages of an access point to a handler, one at a time; a message is acknowledged
   * when the handler returns. It fails with {@link ErrorCode#SERVICE_CRASHED} if the handler
   * throws, or with the code of the {@link dev.p2pkit.sdk.KitException} it throws.
   *
   * @throws IllegalStateException if the access point has a handler
   */
  public void handle(String accessPoint, Consumer<Message> handler) {
    HandlerQueue queue = new HandlerQueue(accessPoint, handler, executor, limits);
    change(
        accessPoint,
        point -> {
          if (point.handler().isPresent()) {
            throw new IllegalStateException(accessPoint + " has a handler");
          }
          return point.with(queue);
        });
  }

  /**
   * Gives the messages of an access point to the peer itself, on the thread that brought them, with
   * the duty to answer for them: reply points of calls, sessions of clients.
   *
   * @return what ends it
   * @throws IllegalStateException if the access point has one
   */
  public Runnable receive(String accessPoint, Consumer<Incoming> receiver) {
    change(
        accessPoint,
        point -> {
          if (point.receiver().isPresent()) {
            throw new IllegalStateException(accessPoint + " has a receiver");
          }
          return point.receiver(Optional.of(receiver));
        });
    return () ->
        change(
            accessPoint,
            point ->
                point.receiver().filter(now -> now == receiver).isPresent()
                    ? point.receiver(Optional.empty())
                    : point);
  }

  /** See {@link dev.p2pkit.sdk.Network#stream}. */
  public Flow.Publisher<Message> stream(String accessPoint) {
    return subscriber -> subscribe(accessPoint, subscriber);
  }

  private void subscribe(String accessPoint, Flow.Subscriber<? super Message> subscriber) {
    // The subscription leaves by its own reference, which exists only after it was made.
    StreamSubscription[] self = new StreamSubscription[1];
    StreamSubscription subscription =
        new StreamSubscription(
            accessPoint,
            subscriber,
            executor,
            limits,
            () -> change(accessPoint, point -> point.without(self[0])));
    self[0] = subscription;
    change(accessPoint, point -> point.with(subscription));
    subscriber.onSubscribe(subscription);
    if (closed) {
      subscription.end(ErrorCode.CLOSED, "this peer is closed");
    }
  }

  private void change(String accessPoint, UnaryOperator<AccessPoint> change) {
    points.compute(
        accessPoint,
        (name, point) -> {
          AccessPoint next = change.apply(point == null ? AccessPoint.empty() : point);
          return next.isEmpty() ? null : next;
        });
  }

  /** Whether anybody receives there. */
  public boolean has(String accessPoint) {
    return points.containsKey(accessPoint) || services.has(accessPoint);
  }

  /**
   * Brings a message to everybody at its access point. Fails it with {@link
   * ErrorCode#NO_SUCH_ACCESS_POINT} if there is nobody, and with {@link ErrorCode#SLOW_CONSUMER} if
   * the buffer of a subscriber is full. That subscriber is then ended with the same code, and
   * nobody else gets the message, so that the sender may send it again.
   */
  public void deliver(Incoming incoming) {
    String accessPoint = incoming.message().accessPoint();
    AccessPoint point = points.get(accessPoint);
    boolean served = services.has(accessPoint);
    if (point == null) {
      if (served) {
        delivered.increment();
      }
      services.deliver(incoming);
      return;
    }
    if (closed) {
      incoming.fail(ErrorCode.CLOSED, "this peer is closed");
      return;
    }
    if (incoming.once().isPresent()) {
      incoming.fail(
          ErrorCode.PROTOCOL_ERROR,
          "'"
              + accessPoint
              + "' has receivers that cannot know a message again; send without once(), or to an"
              + " access point of a durable service alone");
      return;
    }
    boolean streamed = !point.subscribers().isEmpty();
    if (streamed && !stream(point, incoming)) {
      return;
    }
    List<Consumer<Incoming>> receivers = new ArrayList<>(3);
    if (streamed) {
      receivers.add(
          part -> {
            part.enqueued();
            part.processed();
          });
    }
    point.handler().ifPresent(handler -> receivers.add(handler::offer));
    point.receiver().ifPresent(receivers::add);
    if (served) {
      receivers.add(services::deliver);
    }
    if (streamed || served || point.handler().isPresent()) {
      delivered.increment();
    }
    Incoming[] parts = Fanout.split(incoming, receivers.size());
    for (int i = 0; i < parts.length; i++) {
      receivers.get(i).accept(parts[i]);
    }
  }

  /**
   * How many messages went to a program or a service so far. Each counts once, however many
   * received it; what only the peer itself receives does not count.
   */
  public long delivered() {
    return delivered.sum();
  }

  /** Puts a message into the buffers of all subscribers, or into none. */
  private static boolean stream(AccessPoint point, Incoming incoming) {
    Message message = incoming.message();
    List<StreamSubscription> slow = null;
    synchronized (point.order()) {
      for (StreamSubscription subscriber : point.subscribers()) {
        if (!subscriber.hasRoomFor(message)) {
          slow = added(slow, subscriber);
        }
      }
      if (slow == null) {
        point.subscribers().forEach(subscriber -> subscriber.offer(message));
        return true;
      }
    }
    for (StreamSubscription subscriber : slow) {
      subscriber.end(
          ErrorCode.SLOW_CONSUMER,
          "the buffer of this subscription is full; ask for more, sooner, and subscribe again");
    }
    incoming.fail(
        ErrorCode.SLOW_CONSUMER,
        "a subscriber of this access point did not keep up and was ended; try again");
    return false;
  }

  private static List<StreamSubscription> added(
      @Nullable List<StreamSubscription> list, StreamSubscription subscriber) {
    List<StreamSubscription> all = list == null ? new ArrayList<>(1) : list;
    all.add(subscriber);
    return all;
  }

  /** Ends all streams with {@link ErrorCode#CLOSED}; what waits for a handler fails with it. */
  @Override
  public void close() {
    closed = true;
    for (AccessPoint point : points.values()) {
      for (StreamSubscription subscriber : point.subscribers()) {
        subscriber.end(ErrorCode.CLOSED, "this peer was closed");
      }
      point.handler().ifPresent(HandlerQueue::close);
    }
  }
}
