// The links of one peer: listens, dials, sends.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The links of one peer: at most one to each other peer, made when there is something to send, with
 * both sides' keys proved by TLS and their membership by the greeting. Thread-safe.
 *
 * <p>Messages to one peer on one channel arrive in the order in which they were sent, or not at
 * all. What is lost is what was queued when {@link TransportListener#onLink} says anything but UP.
 */
public final class Transport {
  /** How often {@link #close} looks whether the last link has ended. */
  private static final long CLOSE_STEP_MILLIS = 10;

  /** How long {@link #close} waits for what is queued to be written. */
  private static final long CLOSE_LIMIT_MILLIS = 1500;

  private final LinkSetup setup;
  private final EventLoops loops;
  private final PeerTable peers;
  private final Acceptor acceptor;

  /**
   * A transport that does not listen yet.
   *
   * @param incarnation grows with each start of this peer's process (milliseconds since 1970)
   * @param codecs the codecs of all machines that are hosted; their frame types do not overlap
   * @throws IllegalArgumentException if two codecs claim the same frame type
   */
  public Transport(
      Vertx vertx,
      Identity identity,
      long incarnation,
      TransportConfig config,
      List<WireCodec> codecs,
      TransportListener listener) {
    setup =
        new LinkSetup(
            vertx,
            identity,
            incarnation,
            config,
            new CodecTable(codecs),
            new Counters(),
            Sources.of(config.limits()),
            new LinkBeat(vertx, PingClock.beatMillis(config.times())),
            Handshakes.of(vertx),
            new AtomicReference<>(Bytes.EMPTY));
    TlsOptions tls = new TlsOptions(identity);
    loops = new EventLoops(vertx);
    peers = new PeerTable(setup, listener, loops, tls);
    acceptor = new Acceptor(setup, peers, tls, loops);
  }

  /**
   * Options of a {@link Vertx} that is made for transports: daemon threads, and no directory for
   * files of the class path, which nothing here reads and which a process that is killed would
   * leave in the directory for temporary files.
   */
  public static VertxOptions vertxOptions() {
    return new VertxOptions()
        .setUseDaemonThread(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /**
   * Binds and accepts links. Completes on an event loop with the advertised endpoint; fails with a
   * KitException: ADDRESS_IN_USE; UNAUTHORISED if the address is not loopback and there is no proof
   * of membership or no TLS; NO_ROUTE if the address is not this machine's.
   */
  public CompletableFuture<Endpoint> listen() {
    return acceptor
        .listen()
        .thenApply(
            endpoint -> {
              peers.listening().complete(endpoint);
              return endpoint;
            });
  }

  /**
   * This peer.
   *
   * @throws IllegalStateException before {@link #listen} has completed
   */
  public PeerRef self() {
    return new PeerRef(setup.identity().id(), peers.address(), setup.incarnation());
  }

  /**
   * Queues a message on the link to a peer; dials if there is none. Cheap, never blocks. A message
   * to this peer itself is not taken: CLOSED.
   *
   * @throws IllegalArgumentException if no codec writes the message
   */
  public SendResult send(PeerRef to, WireMessage message) {
    return peers.send(to, message);
  }

  /** Whether there is a proven link to the peer. */
  public boolean isUp(PeerId peer) {
    return peers.isUp(peer);
  }

  /**
   * Opens a link to whoever answers at an endpoint, or to the expected peer only. Completes on an
   * event loop, after UP has been reported; fails with a KitException: NO_ROUTE (nobody listens
   * there, no answer in time, or it is this very peer), NETWORK_MISMATCH, UNAUTHORISED (another
   * peer than expected is there), VERSION_SKEW, PROTOCOL_ERROR (no peer at all) or CLOSED.
   */
  public CompletableFuture<PeerRef> connect(Endpoint endpoint, Optional<PeerId> expected) {
    return peers.connect(endpoint, expected);
  }

  /** Whether a second link to the peer, dialled by it, waits for the outcome of our own dial. */
  boolean holdsAnother(PeerId peer) {
    return peers.holdsAnother(peer);
  }

  /** Closes the link to a peer after what is queued has been written. */
  public void close(PeerId peer) {
    peers.close(peer, Reason.CLOSED, "the link is no longer needed");
  }

  /**
   * Gives the link to a peer up at once, without a word that nobody would hear: the peer was found
   * dead. If it lives, the next message opens another link.
   */
  public void abandon(PeerId peer) {
    peers.abandon(peer);
  }

  /**
   * From now on links to these peers, and to no others, are never closed for being idle: those next
   * to this one on the ring. Takes the place of what was said before.
   */
  public void keep(Set<PeerId> peers) {
    this.peers.keep(peers);
  }

  /** Closes the link to a peer at once and refuses links to and from it until {@link #readmit}. */
  public void revoke(PeerId peer) {
    peers.revoke(peer);
  }

  /** Takes a {@link #revoke} back. */
  public void readmit(PeerId peer) {
    peers.readmit(peer);
  }

  /**
   * From now on nothing passes between this peer and these others, as where a cable is cut: links
   * to them end without a word, dials find nobody, and what they dial is dropped. Takes the place
   * of what was said before; with nobody named, everything passes again, and who was cut off is
   * dialled without the pause that failures have earned. A cut has two sides: both have to be told.
   * For tests of what a network does then.
   */
  public void sever(Set<PeerId> peers) {
    this.peers.sever(peers);
  }

  /** How long the last ping to a peer took there and back; empty without link or ping so far. */
  public Optional<Duration> roundTrip(PeerId peer) {
    return peers
        .link(peer)
        .map(Connection::roundTripNanos)
        .filter(nanos -> nanos > 0)
        .map(Duration::ofNanos);
  }

  /** What was done so far. */
  public LinkStatistics statistics() {
    int outgoing = 0;
    int incoming = 0;
    int dialling = 0;
    for (Neighbour neighbour : peers.all()) {
      Connection link = neighbour.link();
      if (link != null && link.dialler()) {
        outgoing++;
      } else if (link != null) {
        incoming++;
      } else if (neighbour.isDialling()) {
        dialling++;
      }
    }
    return setup.counters().read(outgoing, incoming, dialling, setup.handshakes());
  }

  /**
   * Writes what is queued, says goodbye on all links, releases the port. Takes at most about two
   * seconds; completes on an event loop.
   */
  public CompletableFuture<Void> close() {
    peers.shut();
    acceptor.closeClients();
    CompletableFuture<Void> done = new CompletableFuture<>();
    long deadline = System.nanoTime() + CLOSE_LIMIT_MILLIS * 1_000_000;
    // Set on an event loop: a timer that is set elsewhere may fire before it can be cancelled.
    loops.next().runOnContext(ignored -> closeWhenEnded(deadline, done));
    return done;
  }

  private void closeWhenEnded(long deadline, CompletableFuture<Void> done) {
    setup
        .vertx()
        .setPeriodic(
            CLOSE_STEP_MILLIS,
            timer -> {
              boolean ended =
                  peers.all().stream().noneMatch(Neighbour::isUp)
                      && setup.counters().clients.get() == 0;
              if (ended || System.nanoTime() - deadline > 0) {
                setup.vertx().cancelTimer(timer);
                var unused =
                    acceptor
                        .close()
                        .thenCompose(ignored -> peers.closeClient())
                        .whenComplete((ignored, thrown) -> done.complete(null));
              }
            });
  }
}
