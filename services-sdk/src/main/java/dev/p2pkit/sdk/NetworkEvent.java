// What a peer or client reports of the network.
package dev.p2pkit.sdk;

import java.util.List;

/** Something that happened to this peer, this client or the network around it. */
public sealed interface NetworkEvent {
  /** This peer is the only one it can reach. */
  record Alone() implements NetworkEvent {}

  /** This peer has become part of a ring, or this client of a peer's clients. */
  record Connected(PeerId through) implements NetworkEvent {}

  /** The peer before this one on the ring is another now. */
  record NewPredecessor(PeerId predecessor) implements NetworkEvent {}

  /** The peer after this one on the ring is another now. */
  record NewSuccessor(PeerId successor) implements NetworkEvent {}

  /** The list of peers after this one has changed. */
  record NewSuccessorList(List<PeerId> successors) implements NetworkEvent {
    /** Copies the list. */
    public NewSuccessorList {
      successors = List.copyOf(successors);
    }
  }

  /** The routing table has changed; it knows this many peers now, this one included. */
  record NewRoutingTable(int peers) implements NetworkEvent {}

  /** A peer has joined. */
  record PeerJoined(PeerId peer) implements NetworkEvent {}

  /** A peer has left in an orderly way. */
  record PeerLeft(PeerId peer) implements NetworkEvent {}

  /** A peer was found dead. */
  record PeerFailed(PeerId peer) implements NetworkEvent {}

  /**
   * More than three tenths of the network were found dead within a minute: this peer is probably on
   * one side of a cut. It goes on with those that it reaches and looks for the others for ever.
   *
   * @param missing how many were found dead in the last minute
   * @param reached how many are left, this peer included
   */
  record PartitionSuspected(int missing, int reached) implements NetworkEvent {}

  /**
   * Two rings that were cut apart are one again, and a part of the arc that this peer owned belongs
   * to a peer of the other ring: services may have to reconcile what both have stored. Told when
   * the peer of the other ring has asked for its lease, or two lease lengths later.
   *
   * @param from where the arc began, exclusive
   * @param to where it ends, inclusive: this peer's position
   * @param epoch the epoch under which this peer held it; 0 if it did not hold it
   * @param otherEpoch the epoch under which that peer held its arc; 0 if it has not said so
   */
  record Merged(Key from, Key to, long epoch, long otherEpoch) implements NetworkEvent {}

  /** A client has attached to this peer. */
  record ClientAttached(Key session) implements NetworkEvent {}

  /** A client of this peer has gone. */
  record ClientDetached(Key session) implements NetworkEvent {}

  /** This client has lost its proxy peer; what was open ended with a code. */
  record Disconnected(PeerId from, String reason) implements NetworkEvent {}

  /**
   * Messages for this client were refused, because its subscriber at this access point did not keep
   * up; their senders were told {@link ErrorCode#SLOW_CONSUMER}.
   *
   * @param refused how many since the last such event
   */
  record SlowConsumer(String accessPoint, long refused) implements NetworkEvent {}

  /** Peers that must be reached for a place on the ring cannot be reached. */
  record Rejected(String reason) implements NetworkEvent {}

  /**
   * Another live process has this peer's identity, because its data directory was copied. The one
   * that was started later stays in the network; the other serves nothing once its leases have run
   * out.
   *
   * @param other where the other process can be dialled, {@code host:port}
   * @param stays whether this process is the one that stays
   * @param advice what to do about it
   */
  record IdentityClash(String other, boolean stays, String advice) implements NetworkEvent {}

  /**
   * A peer was banned by the network's root or an administrator: all links to it are closed, and it
   * is not let in again.
   *
   * @param by who signed the ban: 16 hexadecimal digits of a public key's fingerprint
   */
  record PeerBanned(PeerId peer, String reason, String by) implements NetworkEvent {}

  /** The ban of a peer was lifted: it may join again. */
  record BanLifted(PeerId peer, String by) implements NetworkEvent {}

  /**
   * Broadcasts of a peer could not be had in time, and later ones of it are delivered now.
   *
   * @param count how many; each part of a long payload counts
   */
  record BroadcastsMissed(PeerId origin, long count) implements NetworkEvent {}

  /** A link to a peer has opened. */
  record LinkOpened(PeerId peer) implements NetworkEvent {}

  /** A link to a peer has closed; what it still held ends with the code that fits. */
  record LinkClosed(PeerId peer, int unacknowledged) implements NetworkEvent {}

  /** A peer outside of the ring reaches it through this peer now. */
  record ObserverAttached(PeerId observer) implements NetworkEvent {}

  /** A peer outside of the ring has gone, or reaches it through another peer now. */
  record ObserverDetached(PeerId observer) implements NetworkEvent {}

  /** A connection to an access point of a peer, or from a peer to one of this peer's, is open. */
  record ConnectionOpened(PeerId peer, String accessPoint) implements NetworkEvent {}

  /**
   * Such a connection has ended.
   *
   * @param unacknowledged how many of this peer's messages were not acknowledged; the {@link
   *     Connection} has them. 0 at the receiving end
   */
  record ConnectionClosed(PeerId peer, String accessPoint, int unacknowledged)
      implements NetworkEvent {}

  /** A service runs on this peer for the first time. */
  record ServiceInstalled(String name, String instance, long epoch) implements NetworkEvent {}

  /** A newer version of a service runs on this peer. */
  record ServiceUpgraded(String name, String instance, long epoch) implements NetworkEvent {}

  /**
   * The owner of a service has signed two records that follow the same one, for example on both
   * sides of a cut. One of them is in force everywhere; said once by each peer that learns of both.
   *
   * @param epoch the epoch that both bear
   */
  record ServiceForked(String name, String instance, long epoch) implements NetworkEvent {}

  /**
   * A new version of a service crashed, and the one before it is back.
   *
   * @param epoch the epoch that runs again
   * @param turnsLost how many turns of the new version that ended well are lost, as there was no
   *     way back for its state; 0 if the version before goes on with it
   */
  record ServiceReverted(String name, String instance, long epoch, long turnsLost)
      implements NetworkEvent {}

  /**
   * The file that holds a service's state on this peer cannot be used as it is; it was moved aside.
   *
   * @param file where it is now
   * @param startedAnew whether the service began with its initial state; else it does not run here
   * @param detail what is wrong with it
   */
  record ServiceStateDamaged(
      String name, String instance, String file, boolean startedAnew, String detail)
      implements NetworkEvent {}

  /**
   * A name was claimed by two owners, and this claim lost; the service stays reachable under the
   * other name.
   */
  record NameLost(String name, String nowReachableAs) implements NetworkEvent {}
}
