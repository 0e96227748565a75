// Everything a program can do with the network, on a full peer and on a thin client alike.
package dev.p2pkit.sdk;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * The network as a program sees it; a full peer and a thin client both are one. Every call returns
 * at once; what becomes of it completes the returned stage: with a value, or with a {@link
 * KitException} whose {@link ErrorCode} says why. Nothing is thrown for a failed call, and nothing
 * is dropped without a code.
 *
 * <p>Thread-safe. Stages complete on an executor of the network, never on an event loop: blocking
 * there delays other completions, so go elsewhere with long work.
 */
public interface Network extends AutoCloseable {
  /** The most targets of one multicast. */
  int MOST_TARGETS = 4_096;

  /** How many peers after it a peer knows for certain. */
  int MOST_SUCCESSORS = 16;

  /** The id of this peer; for a client, that of its present proxy peer. */
  PeerId peerId();

  /**
   * The messages that arrive at an access point from now on. Each subscriber sees every message; a
   * subscriber that does not keep up is ended with {@link ErrorCode#SLOW_CONSUMER}, and senders get
   * that code while a buffer is full.
   */
  Flow.Publisher<Message> stream(String accessPoint);

  /** What happens to the network and to this peer, from now on. */
  Flow.Publisher<NetworkEvent> events();

  /**
   * Sends to an access point of a peer. Fails with {@link ErrorCode#NO_SUCH_PEER} if there is no
   * such peer.
   */
  CompletableFuture<Receipt> sendPeer(
      PeerId peer, String accessPoint, Object message, SendOptions options);

  /** Sends to an access point of the owner of a key. */
  CompletableFuture<Receipt> sendKey(
      Key key, String accessPoint, Object message, SendOptions options);

  /** Sends to an address that came in a message: the way to answer for somebody else. */
  CompletableFuture<Receipt> sendTo(Address address, Object message, SendOptions options);

  /** Sends to a peer and waits for one reply; later replies are counted and dropped. */
  <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType, SendOptions options);

  /** Sends to the owner of a key and waits for one reply. */
  <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType, SendOptions options);

  /** Sends to an address and waits for one reply. */
  <T> CompletableFuture<T> rpcTo(
      Address address, Object message, Class<T> replyType, SendOptions options);

  /**
   * Sends to the access point on every peer, this one included, and reports whom it reached. Each
   * peer that is a member throughout gets it once, and all broadcasts of one peer in the order of
   * its calls; whom the report calls missed may still get it within seconds after it can be reached
   * again. A peer that could not get one in time skips it with {@link
   * NetworkEvent.BroadcastsMissed}.
   *
   * <p>Fails with {@link ErrorCode#MESSAGE_TOO_LARGE} beyond 1,000,000 bytes, and with {@link
   * ErrorCode#BUSY} if 32 broadcasts of this peer are open or it has begun too many in the last
   * seconds.
   */
  CompletableFuture<BroadcastReport> broadcast(
      String accessPoint, Object message, SendOptions options);

  /**
   * Sends once to each of these peers and owners of keys; one that is listed twice counts once. A
   * peer hands the message on in groups of targets that lie next to each other on the ring, so that
   * its own links carry few copies; a client's proxy peer does it for the client, one by one.
   *
   * <p>Completes when of each target it is known what became of it, at the latest at the deadline;
   * the report tells. Fails with {@link ErrorCode#QUOTA} for more than {@link #MOST_TARGETS}
   * targets, and with {@link ErrorCode#PROTOCOL_ERROR} for a target that is a client's session.
   */
  default CompletableFuture<MulticastReport> multicast(
      Collection<? extends Destination> targets,
      String accessPoint,
      Object message,
      SendOptions options) {
    return OneByOne.send(this, targets, accessPoint, message, options);
  }

  /**
   * Sends to the next {@code count} peers on the ring, and to this peer itself if asked to. Where
   * the ring has fewer, all of them get it; a peer that is alone reaches nobody else, which is no
   * failure. A client's message goes to the peers after its proxy peer.
   *
   * <p>Fails with {@link ErrorCode#QUOTA} if {@code count} is larger than {@link #MOST_SUCCESSORS},
   * the length of the list that a peer keeps; the detail names both.
   *
   * @param count at least 0
   */
  default CompletableFuture<MulticastReport> sendToSuccessors(
      int count, boolean toMyself, String accessPoint, Object message, SendOptions options) {
    return OneByOne.toSuccessors(this, count, toMyself, accessPoint, message, options);
  }

  /** {@link #multicast(Collection, String, Object, SendOptions)} with the default options. */
  default CompletableFuture<MulticastReport> multicast(
      Collection<? extends Destination> targets, String accessPoint, Object message) {
    return multicast(targets, accessPoint, message, SendOptions.DEFAULT);
  }

  /** {@link #sendPeer(PeerId, String, Object, SendOptions)} with the default options. */
  default CompletableFuture<Receipt> sendPeer(PeerId peer, String accessPoint, Object message) {
    return sendPeer(peer, accessPoint, message, SendOptions.DEFAULT);
  }

  /** {@link #sendKey(Key, String, Object, SendOptions)} with the default options. */
  default CompletableFuture<Receipt> sendKey(Key key, String accessPoint, Object message) {
    return sendKey(key, accessPoint, message, SendOptions.DEFAULT);
  }

  /** {@link #sendTo(Address, Object, SendOptions)} with the default options. */
  default CompletableFuture<Receipt> sendTo(Address address, Object message) {
    return sendTo(address, message, SendOptions.DEFAULT);
  }

  /** {@link #rpcPeer(PeerId, String, Object, Class, SendOptions)} with the default options. */
  default <T> CompletableFuture<T> rpcPeer(
      PeerId peer, String accessPoint, Object message, Class<T> replyType) {
    return rpcPeer(peer, accessPoint, message, replyType, SendOptions.DEFAULT);
  }

  /** {@link #rpcKey(Key, String, Object, Class, SendOptions)} with the default options. */
  default <T> CompletableFuture<T> rpcKey(
      Key key, String accessPoint, Object message, Class<T> replyType) {
    return rpcKey(key, accessPoint, message, replyType, SendOptions.DEFAULT);
  }

  /** {@link #broadcast(String, Object, SendOptions)} with the default options. */
  default CompletableFuture<BroadcastReport> broadcast(String accessPoint, Object message) {
    return broadcast(accessPoint, message, SendOptions.DEFAULT);
  }

  /**
   * The handle of a service that is installed; fails with {@link ErrorCode#NO_SUCH_SERVICE}
   * otherwise.
   */
  CompletableFuture<ServiceHandle> service(String name);

  /**
   * Installs a service on all peers, or upgrades it if its name and instance exist. Completes when
   * every peer that can be reached has reported; the handle then works from everywhere.
   *
   * <p>Fails with {@link ErrorCode#BAD_ARCHIVE}, {@link ErrorCode#UNAUTHORISED}, {@link
   * ErrorCode#NOT_UPGRADEABLE} or {@link ErrorCode#MIGRATION_FAILED}; then the old version goes on
   * everywhere.
   */
  CompletableFuture<ServiceHandle> install(Archive archive, InstallOptions options);

  /** The services that are known here, with the version that each peer runs. */
  CompletableFuture<List<ServiceStatus>> services();

  /** Identity, place, neighbours and counters of a peer. */
  CompletableFuture<PeerInfo> info(PeerId peer);

  /** The peers of the ring, in order of their position. */
  CompletableFuture<List<PeerInfo>> ring();

  /** Leaves the network and frees everything; open calls end with {@link ErrorCode#CLOSED}. */
  @Override
  void close();
}
