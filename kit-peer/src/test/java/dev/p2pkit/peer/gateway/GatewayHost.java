// A gateway on a real transport, without a ring behind it.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionCodec;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.Transport;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.overlay.transport.TransportListener;
import dev.p2pkit.sdk.Key;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** One peer as its clients see it. */
final class GatewayHost implements TransportListener, AutoCloseable {
  final Identity identity = Identity.ephemeral();
  final ExecutorService executor = Executors.newFixedThreadPool(2);
  final MemoryNetwork network = new MemoryNetwork(identity.id(), executor);
  final List<Key> attached = new CopyOnWriteArrayList<>();
  final List<Key> detached = new CopyOnWriteArrayList<>();
  final List<ClientLink> links = new CopyOnWriteArrayList<>();
  final Gateway gateway;
  final Endpoint endpoint;
  private final Vertx vertx;
  private final Transport transport;
  private final long ticker;

  GatewayHost(Vertx vertx, boolean tls, GatewayConfig config) {
    this(vertx, tls, config, Clock.systemUTC());
  }

  GatewayHost(Vertx vertx, boolean tls, GatewayConfig config, Clock clock) {
    this.vertx = vertx;
    this.gateway =
        new Gateway(
            identity,
            "p2pkit",
            tls,
            config,
            network,
            executor,
            new Gateway.SessionListener() {
              @Override
              public void attached(Key session) {
                attached.add(session);
              }

              @Override
              public void detached(Key session) {
                detached.add(session);
              }
            },
            clock);
    network.gateway = Optional.of(gateway);
    this.transport =
        new Transport(
            vertx,
            identity,
            System.currentTimeMillis(),
            TransportConfig.defaults().withTls(tls),
            List.of(new SessionCodec()),
            this);
    this.endpoint = transport.listen().orTimeout(30, TimeUnit.SECONDS).join();
    this.ticker = vertx.setPeriodic(20, timer -> gateway.tick());
  }

  String ticket() {
    return ticket(Right.all());
  }

  String ticket(Set<Right> rights) {
    return gateway.issue(List.of(endpoint), rights, Duration.ofHours(1)).text();
  }

  @Override
  public void onMessage(PeerRef from, WireMessage message) {}

  @Override
  public void onLink(PeerRef peer, LinkEvent event) {}

  @Override
  public ClientAdmission admitClient(ClientGreeting greeting) {
    return gateway.admitClient(greeting);
  }

  @Override
  public void onClientUp(ClientLink link) {
    links.add(link);
    gateway.onClientUp(link);
  }

  @Override
  public void onClientMessage(ClientLink link, WireMessage message) {
    gateway.onClientMessage(link, message);
  }

  @Override
  public void onClientDown(ClientLink link, String reason) {
    links.remove(link);
    gateway.onClientDown(link, reason);
  }

  @Override
  public void close() {
    vertx.cancelTimer(ticker);
    transport.close().orTimeout(30, TimeUnit.SECONDS).join();
    executor.shutdown();
  }
}
