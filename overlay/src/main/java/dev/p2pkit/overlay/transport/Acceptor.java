// Listens, and passes on who has proved to be a peer or a client.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Role;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Context;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on one port with one server per event loop, so that links are spread over them. */
final class Acceptor implements Connection.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
  private static final LogLimit BAD_INPUT = new LogLimit(LOG);

  /** Servers with the same negative port share one free port. */
  private static final AtomicInteger SHARED_PORT = new AtomicInteger();

  private final LinkSetup setup;
  private final PeerTable peers;
  private final TlsOptions tls;
  private final EventLoops loops;
  private final List<NetServer> servers = new ArrayList<>();
  private final Set<ServedClient> clients = ConcurrentHashMap.newKeySet();

  Acceptor(LinkSetup setup, PeerTable peers, TlsOptions tls, EventLoops loops) {
    this.setup = setup;
    this.peers = peers;
    this.tls = tls;
    this.loops = loops;
  }

  /** Binds; where others can dial. */
  CompletableFuture<Endpoint> listen() {
    TransportConfig config = setup.config();
    CompletableFuture<Endpoint> result = new CompletableFuture<>();
    loops
        .next()
        .<Boolean>executeBlocking(
            () -> {
              checkMayBind(config);
              checkFree(config);
              return true;
            })
        .compose(ignored -> bindAll(config))
        .onComplete(
            bound -> {
              if (bound.succeeded()) {
                try {
                  result.complete(advertised(config, bound.result()));
                } catch (KitException e) {
                  closeAndFail(result, e);
                }
              } else {
                closeAndFail(result, explain(config, bound.cause()));
              }
            });
    return result;
  }

  private void closeAndFail(CompletableFuture<Endpoint> result, KitException why) {
    var unused = close().whenComplete((done, thrown) -> result.completeExceptionally(why));
  }

  private static void checkMayBind(TransportConfig config) {
    if (Loopback.is(config.host())) {
      return;
    }
    if (!config.tls()) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "without TLS a peer listens on loopback only, not on "
              + config.host()
              + "; switch TLS on or use --host 127.0.0.1");
    }
    if (config.membership().isOpen() && !config.open()) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "a network without a secret or a root is open to everybody, so it listens on loopback"
              + " only, not on "
              + config.host()
              + "; give it --secret-file, or --open if that is what you want");
    }
  }

  /** Servers in one Vert.x share a port silently; another transport's port must be refused. */
  private static void checkFree(TransportConfig config) throws IOException {
    if (config.port() > 0) {
      try (ServerSocket probe = new ServerSocket()) {
        probe.setReuseAddress(true);
        probe.bind(new InetSocketAddress(config.host(), config.port()));
      }
    }
  }

  private io.vertx.core.Future<Integer> bindAll(TransportConfig config) {
    int port = config.port() > 0 ? config.port() : -1 - (SHARED_PORT.getAndIncrement() & 0xFFFFFF);
    io.vertx.core.Future<Integer> bound = io.vertx.core.Future.succeededFuture(0);
    for (Context context : loops.all()) {
      // One after the other: the first binds, the others join it.
      bound = bound.compose(before -> bind(config, port, context, before));
    }
    return bound;
  }

  private io.vertx.core.Future<Integer> bind(
      TransportConfig config, int port, Context context, int before) {
    NetServerOptions options = new NetServerOptions().setTcpNoDelay(true);
    if (config.tls()) {
      tls.apply(
          options,
          config.times().greeting().toMillis(),
          new AcceptedTurns(setup.handshakes(), config.limits()));
    }
    io.vertx.core.Promise<Integer> bound = io.vertx.core.Promise.promise();
    context.runOnContext(
        ignored -> {
          NetServer server = setup.vertx().createNetServer(options);
          synchronized (servers) {
            servers.add(server);
          }
          server
              .connectHandler(socket -> accept(socket, context))
              .exceptionHandler(this::handshakeFailed)
              .listen(port, config.host())
              .map(done -> before == 0 ? done.actualPort() : before)
              .onComplete(bound);
        });
    return bound.future();
  }

  private static Endpoint advertised(TransportConfig config, int port) {
    if (config.advertise().isPresent()) {
      return config.advertise().get();
    }
    return new Endpoint(Loopback.isWildcard(config.host()) ? ownAddress() : config.host(), port);
  }

  /** The first v4 address of this machine that others may reach. */
  private static String ownAddress() {
    try {
      for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
        for (InetAddress address : each.inetAddresses().toList()) {
          if (address instanceof Inet4Address
              && !address.isLoopbackAddress()
              && !address.isLinkLocalAddress()) {
            return address.getHostAddress();
          }
        }
      }
    } catch (SocketException e) {
      LOG.debug("the network interfaces cannot be listed", e);
    }
    throw new KitException(
        ErrorCode.NO_ROUTE,
        "no address was found under which others reach this machine; name it with --advertise"
            + " host:port");
  }

  private static KitException explain(TransportConfig config, Throwable thrown) {
    if (thrown instanceof KitException kit) {
      return kit;
    }
    if (thrown instanceof BindException && String.valueOf(thrown.getMessage()).contains("in use")) {
      return new KitException(
          ErrorCode.ADDRESS_IN_USE,
          "port "
              + config.port()
              + " on host "
              + config.host()
              + " is taken by another program; choose another with --port or 0",
          thrown);
    }
    return new KitException(
        ErrorCode.NO_ROUTE,
        "cannot listen on "
            + config.host()
            + " port "
            + config.port()
            + " ("
            + thrown.getMessage()
            + "); name an address of this machine and a port that this user may use",
        thrown);
  }

  private void handshakeFailed(Throwable thrown) {
    if (AcceptedTurns.isRefusal(thrown)) {
      setup.counters().dropped(Drop.TOO_MANY, 1);
      BAD_INPUT.warn(
          "a connection to {} is refused: {}",
          setup.config().host(),
          String.valueOf(thrown.getMessage()));
      return;
    }
    setup.counters().dropped(Drop.HANDSHAKE, 1);
    BAD_INPUT.warn(
        "somebody connected to {} without speaking TLS 1.3 with an Ed25519 certificate: {}",
        setup.config().host(),
        thrown.toString());
  }

  private void accept(NetSocket socket, Context context) {
    String source = socket.remoteAddress().hostAddress();
    if (!setup.sources().begin(source, System.nanoTime())) {
      refuse(socket, Drop.SOURCE);
      return;
    }
    if (peers.isClosed() || !setup.counters().beginGreeting(setup.config().limits().greetings())) {
      setup.sources().end(source);
      refuse(socket, Drop.TOO_MANY);
      return;
    }
    if (peers.listening().isDone()) {
      greet(socket, context);
    } else {
      // Somebody was faster than the news that the port is bound.
      socket.pause();
      var unused =
          peers
              .listening()
              .thenRun(
                  () ->
                      context.runOnContext(
                          ignored -> {
                            greet(socket, context);
                            socket.resume();
                          }));
    }
  }

  private void refuse(NetSocket socket, Drop why) {
    setup.counters().dropped(why, 1);
    BAD_INPUT.warn(
        "a connection of {} is refused: {}", String.valueOf(socket.remoteAddress()), why.name());
    var unused = socket.close();
  }

  private void greet(NetSocket socket, Context context) {
    new Connection(setup, socket, context, false, setup.helloOfPeer(peers.address()), this).start();
  }

  @Override
  public void offered(Connection connection) {
    if (connection.greeting().other().role() == Role.PEER) {
      peers.offered(connection);
      return;
    }
    ClientGreeting greeting =
        new ClientGreeting(
            connection.greeting().otherId().position(),
            connection.greeting().other().ticket(),
            connection.remoteAddress());
    if (setup.counters().clients.get() >= setup.config().limits().clientLinks()) {
      throw new KitException(
          ErrorCode.BUSY, "this peer serves as many clients as it may; use another ticket");
    }
    ClientAdmission answer = peers.listener().admitClient(greeting);
    if (answer instanceof ClientAdmission.Refused refused) {
      throw new KitException(refused.code(), refused.detail());
    }
    ServedClient client =
        new ServedClient(setup, connection, greeting, peers.listener(), clients::remove);
    clients.add(client);
    client.begin();
  }

  @Override
  public void message(Connection connection, WireMessage message) {
    throw new IllegalStateException("a message before the welcome");
  }

  @Override
  public void ended(Connection connection, Closure why) {
    LOG.debug("{} did not become a link: {}", connection.remoteAddress(), why.detail());
  }

  /** Ends the links of all clients. */
  void closeClients() {
    clients.forEach(client -> client.close("this peer is closing"));
  }

  /** Releases the port. */
  CompletableFuture<Void> close() {
    List<io.vertx.core.Future<Void>> closing;
    synchronized (servers) {
      closing = servers.stream().map(NetServer::close).toList();
      servers.clear();
    }
    return io.vertx.core.Future.join(closing)
        .<Void>mapEmpty()
        .toCompletionStage()
        .toCompletableFuture();
  }
}
