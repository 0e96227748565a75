// A transport with a listener that remembers, for tests.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** A peer on 127.0.0.1 that remembers what it hears. */
final class TestPeer implements TransportListener, AutoCloseable {
  record Event(PeerRef peer, LinkEvent event) {}

  record Rival(Endpoint other, boolean stays) {}

  record Heard(PeerRef from, Note note) {}

  final Transport transport;
  final Identity identity;
  final Queue<Event> events = new ConcurrentLinkedQueue<>();
  final Queue<Long> eventNanos = new ConcurrentLinkedQueue<>();
  final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
  final Queue<Rival> rivals = new ConcurrentLinkedQueue<>();
  final Queue<ClientLink> clients = new ConcurrentLinkedQueue<>();
  final Queue<Note> fromClients = new ConcurrentLinkedQueue<>();
  final Queue<String> clientsGone = new ConcurrentLinkedQueue<>();
  volatile Function<ClientGreeting, ClientAdmission> admission =
      TransportListener.super::admitClient;

  TestPeer(Vertx vertx, Identity identity, long incarnation, TransportConfig config) {
    this.identity = identity;
    this.transport = new Transport(vertx, identity, incarnation, config, List.of(Note.CODEC), this);
  }

  static TestPeer start(Vertx vertx, TransportConfig config) throws Exception {
    return start(vertx, Identity.ephemeral(), 1, config);
  }

  static TestPeer start(Vertx vertx, Identity identity, long incarnation, TransportConfig config)
      throws Exception {
    TestPeer peer = new TestPeer(vertx, identity, incarnation, config);
    peer.transport.listen().get(10, SECONDS);
    return peer;
  }

  PeerRef ref() {
    return transport.self();
  }

  PeerId id() {
    return identity.id();
  }

  Endpoint endpoint() {
    return ref().endpoint();
  }

  SendResult send(TestPeer to, Note note) {
    return transport.send(to.ref(), note);
  }

  void connect(TestPeer to) throws Exception {
    transport.connect(to.endpoint(), Optional.of(to.id())).get(10, SECONDS);
    await().until(() -> to.transport.isUp(id()));
  }

  List<LinkEvent> eventsOf(PeerId peer) {
    return events.stream()
        .filter(event -> event.peer().id().equals(peer))
        .map(Event::event)
        .toList();
  }

  List<Long> numbers() {
    return heard.stream().map(each -> each.note().number()).toList();
  }

  @Override
  public void onMessage(PeerRef from, WireMessage message) {
    heard.add(new Heard(from, (Note) message));
  }

  @Override
  public void onLink(PeerRef peer, LinkEvent event) {
    eventNanos.add(System.nanoTime());
    events.add(new Event(peer, event));
  }

  @Override
  public void onRival(Endpoint other, boolean stays) {
    rivals.add(new Rival(other, stays));
  }

  @Override
  public ClientAdmission admitClient(ClientGreeting greeting) {
    return admission.apply(greeting);
  }

  @Override
  public void onClientUp(ClientLink link) {
    clients.add(link);
  }

  @Override
  public void onClientMessage(ClientLink link, WireMessage message) {
    fromClients.add((Note) message);
    link.send(message);
  }

  @Override
  public void onClientDown(ClientLink link, String reason) {
    clientsGone.add(reason);
  }

  @Override
  public void close() {
    transport.close().orTimeout(10, SECONDS).join();
  }
}
