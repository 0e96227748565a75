// Tells of arcs that peers of two rings have held at the same time.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;

/**
 * After two rings have become one, this peer may find a peer of the other ring inside of its arc:
 * both have served keys there. That is told when that peer has said under which epoch it held its
 * arc, or when it has not said so for long.
 */
final class Reunion {
  private final RingCore core;
  private boolean open;
  private Key from = Key.ZERO;
  private long epoch;
  private long until;

  Reunion(RingCore core) {
    this.core = core;
  }

  /** A peer of another ring is about to become a member. */
  void met(long now, PeerId stranger) {
    Key here = core.self.id().position();
    Key arcFrom = core.table.before(here).id().position();
    Key place = stranger.position();
    if (core.phase.hasPlace() && !place.equals(arcFrom) && place.isIn(arcFrom, here) && !open) {
      open = true;
      from = arcFrom;
      epoch = core.ownership.isHeld(now) ? core.ownership.leaseState().epoch() : 0;
      until = now + 2 * core.config.lease().length();
    }
  }

  /** A peer has asked this one to prolong its lease, or to let it in. */
  void asked(PeerId peer, long itsEpoch) {
    Key place = peer.position();
    if (open
        && itsEpoch > 0
        && !place.equals(from)
        && place.isIn(from, core.self.id().position())) {
      tell(itsEpoch);
    }
  }

  /** At every heartbeat. */
  void tick(long now) {
    if (open && now >= until) {
      tell(0);
    }
  }

  private void tell(long itsEpoch) {
    open = false;
    core.tell(new NetworkEvent.Merged(from, core.self.id().position(), epoch, itsEpoch));
  }

  void clear() {
    open = false;
  }
}
