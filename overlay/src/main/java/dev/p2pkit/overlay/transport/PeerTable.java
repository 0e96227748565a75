// All other peers that this one has to do with.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All other peers that this one has to do with. Thread-safe. */
final class PeerTable {
  private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

  /** How often to look for links to close and neighbours to forget. */
  private static final long SWEEP_MILLIS = 1000;

  private final LinkSetup setup;
  private final TransportListener listener;
  private final EventLoops loops;
  private final NetClient client;
  private final ConcurrentHashMap<PeerId, Neighbour> neighbours = new ConcurrentHashMap<>();
  private final Set<PeerId> revoked = ConcurrentHashMap.newKeySet();
  private volatile Set<PeerId> kept = Set.of();
  private volatile Set<PeerId> severed = Set.of();
  private final long sweepTimer;
  private final CompletableFuture<Endpoint> address = new CompletableFuture<>();
  private volatile boolean closed;

  PeerTable(LinkSetup setup, TransportListener listener, EventLoops loops, TlsOptions tls) {
    this.setup = setup;
    this.listener = listener;
    this.loops = loops;
    this.client = client(setup, tls);
    this.sweepTimer = setup.vertx().setPeriodic(SWEEP_MILLIS, ignored -> sweep());
  }

  /** A client for sockets that {@link Attempt} makes. */
  static NetClient client(LinkSetup setup, TlsOptions tls) {
    NetClientOptions options = new NetClientOptions().setTcpNoDelay(true);
    if (setup.config().tls()) {
      tls.apply(options, setup.config().times().greeting().toMillis());
    }
    return setup.vertx().createNetClient(options);
  }

  LinkSetup setup() {
    return setup;
  }

  TransportListener listener() {
    return listener;
  }

  /** Where this peer can be dialled; known once it listens. */
  Endpoint address() {
    if (!address.isDone()) {
      throw new IllegalStateException("listen() comes first: others must know where to dial");
    }
    return address.join();
  }

  /** Completes with {@link #address}. */
  CompletableFuture<Endpoint> listening() {
    return address;
  }

  // ---- for callers

  SendResult send(PeerRef to, WireMessage message) {
    if (closed || to.id().equals(setup.identity().id()) || revoked.contains(to.id())) {
      return SendResult.CLOSED;
    }
    while (true) {
      Neighbour neighbour = neighbours.get(to.id());
      if (neighbour == null) {
        neighbour = neighbours.computeIfAbsent(to.id(), ignored -> new Neighbour(this, to));
      }
      SendResult result = neighbour.send(to, message);
      if (result != null) {
        return result;
      }
      neighbours.remove(to.id(), neighbour);
    }
  }

  CompletableFuture<PeerRef> connect(Endpoint endpoint, Optional<PeerId> expected) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.CLOSED, "this peer is closed"));
    }
    CompletableFuture<PeerRef> result = new CompletableFuture<>();
    if (expected.isPresent() && !expected.get().equals(setup.identity().id())) {
      PeerId id = expected.get();
      if (revoked.contains(id)) {
        return CompletableFuture.failedFuture(notTrusted(id).exception());
      }
      Neighbour neighbour;
      do {
        neighbour = neighbour(new PeerRef(id, endpoint, 0));
      } while (!neighbour.connect(endpoint, result));
    } else {
      start(attempt(endpoint, expected, new Search(result)));
    }
    return result;
  }

  /** A dial that learns who is there. */
  private final class Search implements Attempt.Target {
    private final CompletableFuture<PeerRef> result;
    private boolean handedOver;

    Search(CompletableFuture<PeerRef> result) {
      this.result = result;
    }

    @Override
    public boolean proving(Attempt attempt, Connection connection) {
      PeerRef found = connection.peer();
      if (revoked.contains(found.id())) {
        throw notTrusted(found.id()).exception();
      }
      if (severed.contains(found.id())) {
        throw cutOff(found.id()).exception();
      }
      handedOver = true;
      Optional<Boolean> wanted;
      do {
        wanted = neighbour(found).adopt(attempt, result);
      } while (wanted.isEmpty());
      return wanted.get();
    }

    @Override
    public void welcomed(Attempt attempt, Connection connection) {
      throw new IllegalStateException("the attempt belongs to the peer that it has found");
    }

    @Override
    public void rival(LinkFrame.Rival rival) {
      PeerTable.this.rival(rival);
    }

    @Override
    public void failed(Attempt attempt, Closure why) {
      if (!handedOver) {
        result.completeExceptionally(why.exception());
      }
    }
  }

  /** The one object for a peer; a fresh one if the last was given up. */
  private Neighbour neighbour(PeerRef ref) {
    return neighbours.compute(
        ref.id(),
        (id, known) -> known == null || known.isRemoved() ? new Neighbour(this, ref) : known);
  }

  static Closure notTrusted(PeerId id) {
    return Closure.rejected(
        ErrorCode.UNAUTHORISED, "trust in peer " + id + " was revoked; readmit it to use it");
  }

  private static Closure cutOff(PeerId id) {
    return Closure.lost("nothing passes between this peer and " + id + ": a test has cut them off");
  }

  boolean isUp(PeerId id) {
    Neighbour neighbour = neighbours.get(id);
    return neighbour != null && neighbour.isUp();
  }

  /** Whether a second link to the peer waits for the first. */
  boolean holdsAnother(PeerId id) {
    Neighbour neighbour = neighbours.get(id);
    return neighbour != null && neighbour.holdsAnother();
  }

  Optional<Connection> link(PeerId id) {
    return Optional.ofNullable(neighbours.get(id)).map(Neighbour::link);
  }

  void close(PeerId id, Reason reason, String detail) {
    Neighbour neighbour = neighbours.get(id);
    if (neighbour != null) {
      neighbour.close(reason, detail);
    }
  }

  void abandon(PeerId id) {
    Neighbour neighbour = neighbours.get(id);
    if (neighbour != null) {
      neighbour.abandon();
    }
  }

  void keep(Set<PeerId> ids) {
    kept = Set.copyOf(ids);
  }

  void revoke(PeerId id) {
    revoked.add(id);
    Neighbour neighbour = neighbours.get(id);
    if (neighbour != null) {
      neighbour.cut(notTrusted(id));
    }
  }

  void readmit(PeerId id) {
    revoked.remove(id);
  }

  boolean isRevoked(PeerId id) {
    return revoked.contains(id);
  }

  synchronized void sever(Set<PeerId> ids) {
    Set<PeerId> before = severed;
    severed = Set.copyOf(ids);
    for (Neighbour neighbour : neighbours.values()) {
      if (severed.contains(neighbour.id())) {
        neighbour.sever(cutOff(neighbour.id()));
      } else if (before.contains(neighbour.id())) {
        neighbour.mend();
      }
    }
  }

  boolean isSevered(PeerId id) {
    return severed.contains(id);
  }

  Collection<Neighbour> all() {
    return neighbours.values();
  }

  /** No new links from now on. */
  void shut() {
    closed = true;
    setup.vertx().cancelTimer(sweepTimer);
    Closure why = new Closure(Closure.Kind.CLOSED_HERE, ErrorCode.CLOSED, "this peer is closed");
    for (Neighbour neighbour : neighbours.values()) {
      neighbour.cutPending(why);
      neighbour.close(Reason.CLOSED, "this peer is closing");
    }
  }

  boolean isClosed() {
    return closed;
  }

  CompletableFuture<Void> closeClient() {
    return client.close().toCompletionStage().toCompletableFuture();
  }

  // ---- for neighbours

  /** A peer has dialled this one. */
  void offered(Connection connection) {
    PeerRef from = connection.peer();
    if (revoked.contains(from.id())) {
      throw notTrusted(from.id()).exception();
    }
    if (closed) {
      throw new KitException(ErrorCode.BUSY, "this peer is closing");
    }
    while (!neighbour(from).offer(connection)) {
      Thread.onSpinWait();
    }
  }

  Attempt attempt(Endpoint endpoint, Optional<PeerId> expected, Attempt.Target target) {
    Endpoint own = address();
    return new Attempt(
        setup, loops.next(), endpoint, expected, () -> setup.helloOfPeer(own), target);
  }

  void start(Attempt attempt) {
    Optional<PeerId> cutOff = attempt.expected().filter(severed::contains);
    if (cutOff.isPresent()) {
      attempt.lose(cutOff(cutOff.get()));
    } else {
      attempt.start(client);
    }
  }

  /** Another process has this one's identity, somebody says; believed if that process says so. */
  void rival(LinkFrame.Rival rival) {
    if (!LaterProcess.isProved(setup.identity(), setup.incarnation(), rival)) {
      setup.counters().dropped(Drop.UNAUTHORISED, 1);
      LOG.warn("somebody claims that a process at {} has this peer's identity", rival.other());
      return;
    }
    boolean stays = rival.incarnation() < setup.incarnation();
    LOG.warn(
        "another process with the identity of this peer is at {}; {}",
        rival.other(),
        stays ? "this one stays" : "that one stays");
    listener.onRival(rival.other(), stays);
  }

  void report(PeerRef peer, LinkEvent event, String detail) {
    if (event == LinkEvent.REJECTED) {
      LOG.warn("no link to {} ({}): {}", peer.id(), peer.endpoint(), detail);
    } else {
      LOG.debug("link to {}: {} {}", peer, event, detail);
    }
    listener.onLink(peer, event);
  }

  /** Makes room if there are too many links. */
  void linkOpened() {
    int most = setup.config().limits().links();
    List<Neighbour> up = neighbours.values().stream().filter(Neighbour::isUp).toList();
    if (up.size() <= most) {
      return;
    }
    long now = System.nanoTime();
    long idle = setup.config().times().idle().toNanos();
    up.stream()
        .filter(neighbour -> !kept.contains(neighbour.id()) && neighbour.isIdle(now, idle))
        .sorted(Comparator.comparingLong(neighbour -> neighbour.lastUsedNanos() - now))
        .limit(up.size() - most)
        .forEach(neighbour -> neighbour.close(Reason.IDLE, "the link was idle and others are not"));
  }

  private void sweep() {
    long now = System.nanoTime();
    neighbours.values().removeIf(neighbour -> neighbour.removeIfUnused(now));
    long unused = setup.config().times().unused().toNanos();
    for (Neighbour neighbour : neighbours.values()) {
      if (!kept.contains(neighbour.id()) && neighbour.isIdle(now, unused)) {
        neighbour.close(Reason.IDLE, "the link was not used");
      }
    }
    linkOpened();
  }
}
