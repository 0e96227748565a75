// What a peer tells of itself.
package dev.p2pkit.sdk;

import java.util.List;
import java.util.Map;

/**
 * Identity, place and counters of a peer.
 *
 * @param peer its id
 * @param host the host that others use to reach it
 * @param port the port that others use to reach it
 * @param predecessor the peer before it on the ring; itself if it is alone. It owns the keys after
 *     that peer up to its own
 * @param successors the peers after it, nearest first; empty if it is alone
 * @param clients the sessions attached to it
 * @param services the services it runs, as {@code name/instance version}
 * @param figures what each of these has done and used up, in the order of their names; of the first
 *     256
 * @param labels what its operator says of it; waves of a roll-out may name them
 * @param statistics its counters
 */
public record PeerInfo(
    PeerId peer,
    String host,
    int port,
    PeerId predecessor,
    List<PeerId> successors,
    List<Key> clients,
    List<String> services,
    List<ServiceFigures> figures,
    Map<String, String> labels,
    Statistics statistics) {
  /** Copies lists and map. */
  public PeerInfo {
    successors = List.copyOf(successors);
    clients = List.copyOf(clients);
    services = List.copyOf(services);
    figures = List.copyOf(figures);
    labels = Map.copyOf(labels);
  }

  /** Whether this peer owns the key, by its own pointers. */
  public boolean isResponsibleOf(Key key) {
    return key.isIn(predecessor.position(), peer.position());
  }

  /**
   * Counters since the start of the peer; each only grows, but for clients and links, which are
   * present numbers.
   *
   * @param useProxy whether it reaches the ring through another peer, as observers do
   * @param dataMessagesLocal sends and calls that were accepted on this peer, also those that the
   *     peer itself answers or passes to a client; broadcasts are not among them
   * @param dataMessagesRemote messages that were sent to or forwarded for other peers
   * @param controlMessagesLocal ring and registry messages received
   * @param controlMessagesRemote ring and registry messages sent
   * @param applicationMessages messages delivered to a stream, a handler or a service here,
   *     broadcasts included; each counts once
   * @param tableChanges changes of the routing table
   * @param successorChanges changes of the first successor
   * @param predecessorChanges changes of the predecessor
   * @param clients sessions attached now
   * @param outLinks open links that this peer dialled
   * @param inLinks open links that others dialled
   * @param dropped messages that were given up, by reason; each was answered with an error code
   *     where there was somebody to answer
   */
  public record Statistics(
      boolean useProxy,
      long dataMessagesLocal,
      long dataMessagesRemote,
      long controlMessagesLocal,
      long controlMessagesRemote,
      long applicationMessages,
      long tableChanges,
      long successorChanges,
      long predecessorChanges,
      int clients,
      int outLinks,
      int inLinks,
      Map<String, Long> dropped) {
    /** Copies the map. */
    public Statistics {
      dropped = Map.copyOf(dropped);
    }
  }
}
