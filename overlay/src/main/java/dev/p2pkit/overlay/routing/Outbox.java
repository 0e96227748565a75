// What the host is to be told, once the router's state is whole again.
package dev.p2pkit.overlay.routing;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Deliveries and ended calls in the order in which they came about. They are handed to the host at
 * the end of a step, so that a host which calls the router again finds it in order.
 */
final class Outbox {
  private final RouterListener listener;
  private final ArrayDeque<Object> waiting = new ArrayDeque<>(1);

  Outbox(RouterListener listener) {
    this.listener = listener;
  }

  void deliver(Inbound inbound) {
    waiting.add(inbound);
  }

  void done(Call call, Outcome outcome) {
    waiting.add(call.whenDone);
    waiting.add(outcome);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Hands over one thing. */
  @SuppressWarnings("unchecked") // done() puts the callback right before its outcome
  void handOver() {
    Object next = waiting.remove();
    if (next instanceof Inbound inbound) {
      listener.deliver(inbound);
    } else {
      listener.done((Consumer<Outcome>) next, (Outcome) waiting.remove());
    }
  }
}
