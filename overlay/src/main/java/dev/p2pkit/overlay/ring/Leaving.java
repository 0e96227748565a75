// Leaving in an orderly way.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.RingMessage.Leave;
import dev.p2pkit.overlay.ring.RingMessage.LeaveAnswer;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A leaving peer sends what it remembers ahead, if that is much, and serves on meanwhile; it stops
 * serving, tells its two neighbours, which take over at once, and then everybody. What a service
 * keeps for the keys of the peer is handed over before that, by whoever keeps it, when it sees that
 * the peer does not serve any more.
 */
final class Leaving {
  private static final long NEVER = Long.MIN_VALUE;

  /** So many times as long as others have to take over may the memory of the arc be on its way. */
  static final int COPY_LIMITS = 5;

  /** How often it looks whether the memory has arrived. */
  private static final long COPY_POLL = 20_000;

  private final RingCore core;
  private final Map<PeerId, PeerRef> neighbours = new TreeMap<>();
  private Optional<Arc> arc = Optional.empty();
  private long until;
  private boolean saidFarewell;
  private boolean told;

  /** Since when what is remembered goes ahead of the arc; nothing has been given up yet. */
  private long copyingSince = NEVER;

  Leaving(RingCore core) {
    this.core = core;
  }

  void begin(long now) {
    if (core.phase == Phase.LEAVING) {
      return;
    }
    if (core.phase != Phase.MEMBER || core.alone()) {
      finish(now);
      return;
    }
    if (copyingSince == NEVER) {
      copyingSince = now;
    }
    long late = copyingSince + COPY_LIMITS * core.config.leaveLimit();
    if (now < late && !core.ownership.mayRelease(now)) {
      core.effects.timer(Timers.LEAVE, Math.min(late, now + COPY_POLL));
      return;
    }
    copyingSince = NEVER;
    core.phase = Phase.LEAVING;
    arc = core.ownership.release(now);
    until = now + core.config.leaveLimit();
    saidFarewell = false;
    told = false;
    neighbours.clear();
    core.pointers.successor().ifPresent(ref -> neighbours.put(ref.id(), ref));
    core.pointers.predecessor().ifPresent(ref -> neighbours.put(ref.id(), ref));
    tellNeighbours(now);
  }

  private void tellNeighbours(long now) {
    Leave leave =
        new Leave(
            core.refutation.number(),
            core.pointers.predecessors(),
            core.pointers.successors(),
            Optional.empty());
    PeerId heir = core.pointers.successor().map(PeerRef::id).orElse(core.self.id());
    neighbours
        .values()
        .forEach(ref -> core.effects.send(ref, ref.id().equals(heir) ? leave.with(arc) : leave));
    core.effects.timer(Timers.LEAVE, Math.min(until, now + core.config.answer()));
  }

  void onTimer(long now) {
    if (copyingSince != NEVER) {
      begin(now);
      return;
    }
    if (core.phase != Phase.LEAVING) {
      return;
    }
    if (now >= until) {
      if (saidFarewell) {
        finish(now);
      } else {
        farewell(now);
      }
    } else if (!saidFarewell) {
      tellNeighbours(now);
    }
  }

  void onAnswer(long now, PeerId from) {
    if (core.phase == Phase.LEAVING
        && neighbours.remove(from) != null
        && neighbours.isEmpty()
        && !saidFarewell) {
      farewell(now);
    }
  }

  private void farewell(long now) {
    saidFarewell = true;
    until = now + core.config.leaveLimit();
    core.effects.timer(Timers.LEAVE, until);
    core.dissemination.farewell(now, core.aboutSelf(Kind.LEFT), () -> told = true);
  }

  /** The step is over; everybody may have been told in it. */
  void settle(long now) {
    if (core.phase == Phase.LEAVING && told) {
      finish(now);
    }
  }

  private void finish(long now) {
    copyingSince = NEVER;
    core.effects.cancel(Timers.LEAVE);
    core.goOutside(now);
    core.listener.onLeft();
  }

  /** A neighbour leaves. */
  void onLeave(long now, PeerRef from, Leave leave) {
    core.effects.send(from, new LeaveAnswer());
    if (!core.phase.hasPlace()) {
      return;
    }
    leave.arc().ifPresent(left -> core.ownership.onRelease(now, from.id(), left));
    boolean before = core.pointers.predecessor().map(p -> p.equals(from)).orElse(false);
    boolean after = core.pointers.successor().map(s -> s.equals(from)).orElse(false);
    core.learn(now, new MemberNews(Kind.LEFT, from, leave.refutation()));
    if (core.inFullMesh()) {
      return;
    }
    List<PeerRef> predecessors = known(leave.predecessors());
    if (before && !predecessors.isEmpty()) {
      core.pointers.precede(predecessors.get(0), predecessors.subList(1, predecessors.size()));
    }
    List<PeerRef> successors = known(leave.successors());
    if (after && !successors.isEmpty()) {
      core.pointers.follow(successors.get(0), successors.subList(1, successors.size()));
    }
    core.stabiliser.soon(now);
  }

  private List<PeerRef> known(List<PeerRef> list) {
    return list.stream().filter(ref -> !core.isSelf(ref.id()) && !core.table.isGone(ref)).toList();
  }
}
