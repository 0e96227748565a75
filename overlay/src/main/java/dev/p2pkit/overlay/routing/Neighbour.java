// What the router knows of the link to one peer.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;

/** A peer to which messages go or from which they come, and what waits for its link. */
final class Neighbour {
  final PeerId id;
  PeerRef ref;
  boolean up;

  /** Grows each time the link opens: what left on an earlier session may be lost. */
  int session;

  boolean dialling;
  long diallingSince;

  /** Set when the last attempt to dial came to nothing, until the link opens. */
  boolean unreachable;

  /** The latest incarnation that is known to be dead. */
  long deadIncarnation = Long.MIN_VALUE;

  /** Dropped by the view while the link is still up, as a peer that leaves in an orderly way. */
  boolean departed;

  /** Calls pinned to this peer: waiting for the link, or sent. */
  final CallList calls = new CallList();

  /** Of these, the sent ones. */
  int unanswered;

  /** Messages of others that wait for the link. */
  final ArrayDeque<Relay.Waiting> forwards = new ArrayDeque<>();

  Neighbour(PeerRef ref) {
    this.id = ref.id();
    this.ref = ref;
  }

  boolean isDead(PeerRef process) {
    return process.incarnation() <= deadIncarnation;
  }

  boolean idle() {
    return !up && !dialling && calls.isEmpty() && forwards.isEmpty();
  }
}
