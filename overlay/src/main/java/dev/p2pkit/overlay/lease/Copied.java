// The memory of an arc that comes ahead of the arc, at the peer that gets it.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Memory;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryPart;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryTaken;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import org.jspecify.annotations.Nullable;

/**
 * Takes the parts of a memory in their order and says how many it has. They are believed of the two
 * who may hand an arc to this peer, and of no arc but that: the one that this peer has asked for a
 * lease, and the one whose arc it grants.
 */
final class Copied {
  private final Lease lease;
  private final ArcMemory memory;
  private @Nullable PeerRef giver;
  private long copy;
  private int taken;

  Copied(Lease lease, ArcMemory memory) {
    this.lease = lease;
    this.memory = memory;
  }

  void clear() {
    giver = null;
    taken = 0;
  }

  void onPart(long now, PeerRef from, MemoryPart part) {
    if (!isExpected(now, from.id(), part)) {
      return;
    }
    boolean same = from.equals(giver) && part.copy() == copy;
    if (!same && part.number() == 0 && !(from.equals(giver) && part.copy() < copy)) {
      giver = from;
      copy = part.copy();
      taken = 0;
      same = true;
    }
    boolean refused = false;
    if (same && part.number() == taken) {
      refused = !memory.take(part.lo().position(), part.hi().position(), part.bytes());
      taken += refused ? 0 : 1;
    }
    lease.around.send(from.id(), new MemoryTaken(part.copy(), same ? taken : 0, refused));
  }

  /**
   * Nobody hands to one that has a lease what ends at itself, and whoever leaves gives no more than
   * it has registered: what is remembered of other keys would keep messages for them from being
   * taken.
   */
  private boolean isExpected(long now, PeerId from, MemoryPart part) {
    LeaseState state = lease.state;
    GrantRecord before = state.before;
    boolean newcomer =
        part.hi().equals(state.self)
            && !state.valid(now)
            && state.sent.stream().anyMatch(sent -> sent.to().equals(from));
    boolean heir =
        part.hi().equals(from)
            && before != null
            && before.holder().equals(from)
            && !state.inside(part.lo())
            && before
                .lo()
                .filter(registered -> LeaseState.within(part.lo(), registered, from))
                .isEmpty();
    return newcomer || heir;
  }

  /** Whether everything is here that went ahead of what came with an arc. */
  boolean isWhole(PeerId from, Memory rest) {
    return rest.ahead() == 0
        || (giver != null
            && from.equals(giver.id())
            && rest.copy() == copy
            && rest.ahead() == taken);
  }
}
