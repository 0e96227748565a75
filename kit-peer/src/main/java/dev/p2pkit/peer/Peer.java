// A full peer, as the program that started it sees it.
package dev.p2pkit.peer;

import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.peer.EntryPoint;
import dev.p2pkit.peer.service.DeadLetter;
import dev.p2pkit.peer.service.RuntimeStatistics;
import dev.p2pkit.peer.trust.TrustNotice;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Connection;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.MulticastReport;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;

/**
 * A full peer: a member of the ring that runs services, sends and receives, and is a proxy for
 * clients. Thread-safe.
 *
 * <p>Node-local state of a service that is not durable dies with its peer.
 */
public final class Peer implements Network {
  private final PeerAssembly assembly;
  private final PeerParts parts;
  private final PeerNetwork network;

  Peer(PeerAssembly assembly, PeerParts parts, PeerNetwork network) {
    this.assembly = assembly;
    this.parts = parts;
    this.network = network;
  }

  /** Begins to configure a peer. */
  public static PeerBuilder builder() {
    return new PeerBuilder();
  }

  /** This peer with the address that others dial. */
  public PeerRef ref() {
    return parts.overlay().self();
  }

  /** What others pass to {@link PeerBuilder#entryPoints}: {@code host:port#id}. */
  public String entryPoint() {
    return new EntryPoint(ref().endpoint(), Optional.of(peerId())).toString();
  }

  /**
   * A ticket with which a client can attach to this peer for so long and do all that clients can;
   * see {@code Client.connect}.
   */
  public String clientTicket(Duration validity) {
    return clientTicket(validity, Right.all());
  }

  /**
   * A ticket with which a client can attach to this peer for so long, and do only this. Whatever
   * else it asks for ends as {@link dev.p2pkit.sdk.ErrorCode#UNAUTHORISED}.
   *
   * @throws IllegalArgumentException if there is no right
   */
  public String clientTicket(Duration validity, Set<Right> rights) {
    if (rights.isEmpty()) {
      throw new IllegalArgumentException(
          "a ticket gives at least one right: " + Right.text(Right.all()));
    }
    return assembly.clientTicket(validity, rights);
  }

  /** What this peer was started with. */
  public PeerSettings settings() {
    return assembly.settings();
  }

  /**
   * The routing table: all peers that this one believes alive, itself included, in the order of
   * their positions. Asks nobody; {@link #ring} does.
   */
  public List<PeerRef> members() {
    return parts.overlay().view().members();
  }

  /** The observers that reach the ring through this peer; see {@link JoinMode#OBSERVE}. */
  public CompletableFuture<List<PeerId>> observers() {
    return parts.elsewhere(parts.overlay().observers());
  }

  /** Identity, place, neighbours and counters of this peer. */
  public PeerInfo info() {
    return parts.info();
  }

  /** What the services on this peer have done and cost so far. */
  public RuntimeStatistics serviceStatistics() {
    return parts.runtimeStatistics();
  }

  /** What each service on this peer has done and used up. */
  public List<ServiceFigures> serviceFigures() {
    return parts.runtime().figures();
  }

  /** Messages that services gave up with nobody left to tell, oldest first. */
  public List<DeadLetter> deadLetters() {
    return parts.runtime().deadLetters();
  }

  /**
   * Brings a dead letter to its service again. It stays one until its turn has ended well, so a
   * peer that dies meanwhile may process it twice.
   *
   * <p>Fails with {@link dev.p2pkit.sdk.ErrorCode#PROTOCOL_ERROR} if there is none of this number,
   * {@link dev.p2pkit.sdk.ErrorCode#NO_SUCH_SERVICE} if its service does not run here, {@link
   * dev.p2pkit.sdk.ErrorCode#BUSY} if it is being tried, and as any message does.
   *
   * @param limit how long it may wait for its turn
   */
  public CompletableFuture<Void> retryDeadLetter(long number, Duration limit) {
    return parts.elsewhere(parts.runtime().retryDeadLetter(number, limit));
  }

  /** Forgets a dead letter; false if there is none of this number. */
  public boolean dropDeadLetter(long number) {
    return parts.runtime().dropDeadLetter(number);
  }

  /**
   * Publishes a ban, or the end of one, to the whole network. Fails with {@link
   * dev.p2pkit.sdk.ErrorCode#UNAUTHORISED} if neither the network's root nor an administrator it
   * has named has signed it; the detail says what is wrong.
   */
  public CompletableFuture<Void> publish(BanNotice notice) {
    return parts.banKeeper().publish(parts.bans(), notice);
  }

  /**
   * Publishes a word of the network's root on an owner or a name to the whole network. Fails with
   * {@link dev.p2pkit.sdk.ErrorCode#UNAUTHORISED} if this peer does not obey it: without a root key
   * it obeys none.
   */
  public CompletableFuture<Void> publish(TrustNotice notice) {
    return parts.trustKeeper().publish(parts.trust(), notice);
  }

  /** The latest word on each owner and each pattern of names, in the order of the subjects. */
  public CompletableFuture<List<TrustNotice>> trust() {
    return parts.trustKeeper().notices(parts.trust());
  }

  /** All notices of bans that this peer knows, those of lifted bans too, in the order of ids. */
  public CompletableFuture<List<BanNotice>> bans() {
    return parts.banKeeper().notices(parts.bans());
  }

  /**
   * From now on nothing passes between this peer and these others, as where a cable is cut; with
   * nobody named, everything passes again, and this peer looks for the others at once, not when
   * their turn comes. A cut has two sides: both peers have to be told. For tests; {@code
   * dev.p2pkit.peer.testing.TestNetwork} tells both.
   */
  public void cutOff(Set<PeerId> others) {
    parts.overlay().transport().sever(others);
    if (others.isEmpty()) {
      parts.overlay().lookAround();
    }
  }

  /**
   * Opens a stream of messages to an access point of a peer: in order, without a gap, and with what
   * was not acknowledged handed back at its end. Fails as {@link #rpcPeer} does, and with {@link
   * dev.p2pkit.sdk.ErrorCode#QUOTA} if there are too many.
   */
  public <C> CompletableFuture<Connection<C>> connect(PeerId peer, String accessPoint) {
    return network.connect(peer, accessPoint);
  }

  /**
   * Leaves the ring in an orderly way: the neighbours take over at once, then everything is closed.
   * Completes when the port is free.
   */
  public CompletableFuture<Void> leave() {
    return assembly.leave();
  }

  /** {@link #leave}, and waits for it. */
  @Override
  public void close() {
    try {
      leave().join();
    } catch (CompletionException e) {
      // Whatever could not be closed in order is gone with the process; the caller cannot mend it.
      org.slf4j.LoggerFactory.getLogger(Peer.class).warn("closing a peer failed", e);
    }
  }

  @Override
  public PeerId peerId() {
    return network.peerId();
  }

  @Override
  public Flow.Publisher<Message> stream(String accessPoint) {
    return network.stream(accessPoint);
  }

  @Override
  public Flow.Publisher<NetworkEvent> events() {
    return network.events();
  }

  @Override
  public CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options) {
    return network.sendPeer(peer, accessPoint, message, options);
  }

  @Override
  public CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options) {
    return network.sendKey(key, accessPoint, message, options);
  }

  @Override
  public CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options) {
    return network.sendTo(address, message, options);
  }

  @Override
  public <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return network.rpcPeer(peer, accessPoint, message, replyType, options);
  }

  @Override
  public <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options) {
    return network.rpcKey(key, accessPoint, message, replyType, options);
  }

  @Override
  public <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options) {
    return network.rpcTo(address, message, replyType, options);
  }

  @Override
  public CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options) {
    return network.broadcast(accessPoint, message, options);
  }

  @Override
  public CompletableFuture<MulticastReport> multicast(
      Collection<? extends Destination> targets,
      String accessPoint,
      Object message,
      SendOptions options) {
    return network.multicast(targets, accessPoint, message, options);
  }

  @Override
  public CompletableFuture<ServiceHandle> service(String name) {
    return network.service(name);
  }

  @Override
  public CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options) {
    return network.install(archive, options);
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    return network.services();
  }

  @Override
  public CompletableFuture<PeerInfo> info(PeerId peer) {
    return network.info(peer);
  }

  @Override
  public CompletableFuture<List<PeerInfo>> ring() {
    return network.ring();
  }
}
