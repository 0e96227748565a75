// With whom a peer compares its table next, and for how long with the same.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.EventLanes.Direction;
import dev.p2pkit.sdk.PeerId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * With whom a peer compares its table: with somebody drawn by chance, and for a minute or two with
 * the same, because a link to another costs both sides a handshake and memory.
 *
 * <p>Where tables hold an arc, those ahead of this peer know nothing of the far end behind it, and
 * those behind nothing of the far end ahead. So one is drawn on either side, and both are asked in
 * turns: where their arcs are as wide, they know all of this one's between them.
 */
final class Partners {
  /** How often one is asked who knows everybody, as this peer does. */
  private static final int TURNS = 12;

  /** How often one on either side is asked where an arc is compared, so much less often. */
  private static final int TURNS_ON_AN_ARC = 2;

  private record Partner(PeerId id, int turns) {}

  private final RingCore core;
  private final Map<Direction, Partner> drawn = new EnumMap<>(Direction.class);
  private Direction side = Direction.COUNTER_CLOCKWISE;

  Partners(RingCore core) {
    this.core = core;
  }

  /** Whose turn it is; this peer itself if there is nobody. */
  PeerRef next() {
    boolean complete = core.ladder.exact().complete();
    side = complete ? Direction.CLOCKWISE : side.opposite();
    int most = complete ? TURNS : TURNS_ON_AN_ARC;
    Optional<Partner> last = Optional.ofNullable(drawn.remove(side));
    Optional<PeerRef> again =
        last.filter(partner -> partner.turns() < most).flatMap(now -> core.table.find(now.id()));
    PeerRef next = again.orElseGet(complete ? this::anybody : this::anybodyOnThatSide);
    if (!core.isSelf(next.id())) {
      // Nobody stays with itself for so long.
      int turns = again.flatMap(same -> last).map(Partner::turns).orElse(0);
      drawn.put(side, new Partner(next.id(), turns + 1));
    }
    return next;
  }

  /** Anybody in the table, perhaps this peer itself. */
  PeerRef anybody() {
    return core.table.random(core.effects.random());
  }

  private PeerRef anybodyOnThatSide() {
    int ahead = reach(Direction.CLOCKWISE);
    int behind = reach(Direction.COUNTER_CLOCKWISE);
    if (ahead + behind == 0) {
      return core.self;
    }
    boolean clockwise = side == Direction.CLOCKWISE ? ahead > 0 : behind == 0;
    int places = 1 + core.effects.random().nextInt(clockwise ? ahead : behind);
    SortedPeers peers = core.table.peers();
    int here = peers.indexAtOrAfter(core.self.id().position());
    return peers.get(Math.floorMod(clockwise ? here + places : here - places, peers.size()));
  }

  private int reach(Direction direction) {
    return Dissemination.reach(core.table, core.ladder.exact(), core.self.id(), direction);
  }

  /** What this one knows is known to differ in more than members: another is asked next. */
  void forget(PeerId id) {
    drawn.values().removeIf(partner -> partner.id().equals(id));
  }
}
