// What the router knows of the link to one peer.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;

/** A peer to which messages go or from which they come, and what waits for its link. */
final class Neighbour {
  private static final long DEATH_BELIEVED = 3_000_000;

  final PeerId id;
  PeerRef ref;
  boolean up;

  /** Grows each time the link opens: what left on an earlier session may be lost. */
  int session;

  /** When the link opened, or was first known to be open: what comes on it has left since. */
  long upSince;

  /** Its clock, and how fast it answers. */
  final LinkClock clock = new LinkClock();

  boolean dialling;
  long diallingSince;

  /** Set when the last attempt to dial came to nothing, until the link opens. */
  boolean unreachable;

  /** The incarnation that is being dialled: a refusal is about that one. */
  long diallingIncarnation;

  /** The latest incarnation that is known to be dead. */
  private long deadIncarnation = Long.MIN_VALUE;

  private long deadSince;

  /** Dropped by the view while the link is still up, as a peer that leaves in an orderly way. */
  boolean departed;

  /** Calls pinned to this peer: waiting for the link, or sent. */
  final CallList calls = new CallList();

  /** Of these, the sent ones. */
  int unanswered;

  /** The bytes of their bodies. */
  long unansweredBytes;

  /** Messages of others that wait for the link. */
  final ArrayDeque<Relay.Waiting> forwards = new ArrayDeque<>(1);

  Neighbour(PeerRef ref) {
    this.id = ref.id();
    this.ref = ref;
  }

  /**
   * Whether a process was found dead a moment ago. The knowledge lapses, so that an error in it
   * heals: then the process is dialled again.
   */
  boolean isDead(PeerRef process, long now) {
    return process.incarnation() <= deadIncarnation && now - deadSince < DEATH_BELIEVED;
  }

  void died(long incarnation, long now) {
    deadIncarnation = Math.max(deadIncarnation, incarnation);
    deadSince = now;
  }

  void lives() {
    deadIncarnation = Long.MIN_VALUE;
  }

  /** When it was told last which calls are open. */
  long settledAt = Long.MIN_VALUE / 2;

  /** Its messages that wait here to be passed on, and their bytes. */
  int passing;

  long passingBytes;

  /** Its messages that wait here for a lease. */
  int parked;

  /** Messages without a pin that wait for the link, or for the word that they have arrived. */
  int passages;

  boolean idle() {
    return !up
        && !dialling
        && calls.isEmpty()
        && forwards.isEmpty()
        && passages + passing + parked == 0;
  }
}
