// Who receives at one access point, apart from services.
package dev.p2pkit.peer.access;

import dev.p2pkit.peer.service.Incoming;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who receives at an access point; replaced as a whole, so that delivery reads it without a lock.
 *
 * @param order held while a message is put into the buffers, so that all see the same order
 * @param subscribers of the stream
 * @param handler the program's
 * @param receiver the peer's own
 */
record AccessPoint(
    Object order,
    List<StreamSubscription> subscribers,
    Optional<HandlerQueue> handler,
    Optional<Consumer<Incoming>> receiver) {

  static AccessPoint empty() {
    return new AccessPoint(new Object(), List.of(), Optional.empty(), Optional.empty());
  }

  boolean isEmpty() {
    return subscribers.isEmpty() && handler.isEmpty() && receiver.isEmpty();
  }

  AccessPoint with(StreamSubscription subscription) {
    List<StreamSubscription> more = new ArrayList<>(subscribers);
    more.add(subscription);
    return new AccessPoint(order, List.copyOf(more), handler, receiver);
  }

  AccessPoint without(StreamSubscription subscription) {
    List<StreamSubscription> fewer = new ArrayList<>(subscribers);
    fewer.remove(subscription);
    return new AccessPoint(order, List.copyOf(fewer), handler, receiver);
  }

  AccessPoint with(HandlerQueue other) {
    return new AccessPoint(order, subscribers, Optional.of(other), receiver);
  }

  AccessPoint receiver(Optional<Consumer<Incoming>> other) {
    return new AccessPoint(order, subscribers, handler, other);
  }
}
