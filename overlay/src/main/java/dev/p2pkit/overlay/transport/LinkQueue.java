// What waits for one connection that is not shared: the link between a client and its peer.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;

/** The queue of one connection that lives and dies with it. Thread-safe. */
final class LinkQueue {
  private final LinkSetup setup;
  private final Connection connection;
  private final Outbox outbox;
  private boolean ended;

  LinkQueue(LinkSetup setup, Connection connection) {
    this.setup = setup;
    this.connection = connection;
    this.outbox = new Outbox(setup.codecs(), setup.config().limits(), setup.counters());
    // Nobody drains it before begin() has.
    this.outbox.scheduled = true;
  }

  void begin() {
    connection.begin(this, outbox);
  }

  SendResult send(WireMessage message) {
    SendResult result;
    synchronized (this) {
      if (ended) {
        return SendResult.CLOSED;
      }
      result = outbox.add(message);
      if (result == SendResult.SENT && !outbox.scheduled) {
        outbox.scheduled = true;
        connection.wake();
      }
    }
    if (result != SendResult.SENT) {
      setup.counters().dropped(result == SendResult.FULL ? Drop.FULL : Drop.TOO_LARGE, 1);
    }
    return result;
  }

  synchronized boolean isUp() {
    return !ended;
  }

  synchronized void end() {
    ended = true;
    long dropped = outbox.clear();
    if (dropped > 0) {
      setup.counters().dropped(Drop.LINK_LOST, dropped);
    }
  }
}
