// A thin client that is attached to this peer.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.sdk.Key;
import java.util.function.Consumer;

/** A thin client that is attached to this peer. */
final class ServedClient implements ClientLink, Connection.Owner {
  private final LinkSetup setup;
  private final Connection connection;
  private final ClientGreeting greeting;
  private final TransportListener listener;
  private final Consumer<ServedClient> whenGone;
  private final LinkQueue queue;

  ServedClient(
      LinkSetup setup,
      Connection connection,
      ClientGreeting greeting,
      TransportListener listener,
      Consumer<ServedClient> whenGone) {
    this.setup = setup;
    this.connection = connection;
    this.greeting = greeting;
    this.listener = listener;
    this.whenGone = whenGone;
    this.queue = new LinkQueue(setup, connection);
  }

  void begin() {
    connection.owner(this);
    setup.counters().clients.incrementAndGet();
    listener.onClientUp(this);
    queue.begin();
  }

  @Override
  public Key clientKey() {
    return greeting.clientKey();
  }

  @Override
  public String remoteAddress() {
    return greeting.remoteAddress();
  }

  @Override
  public boolean send(WireMessage message) {
    return queue.send(message) == SendResult.SENT;
  }

  @Override
  public void close(String reason) {
    connection.run(() -> connection.endAfterQueue(Reason.CLOSED, reason));
  }

  @Override
  public void message(Connection from, WireMessage message) {
    listener.onClientMessage(this, message);
  }

  @Override
  public void ended(Connection closed, Closure why) {
    queue.end();
    setup.counters().clients.decrementAndGet();
    whenGone.accept(this);
    listener.onClientDown(this, why.detail());
  }

  @Override
  public String toString() {
    return "client " + clientKey() + " from " + remoteAddress();
  }
}
