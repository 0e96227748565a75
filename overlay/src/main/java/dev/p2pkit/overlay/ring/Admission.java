// Lets others in: one at a time, at the place the ring gives them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.RingMessage.JoinAccept;
import dev.p2pkit.overlay.ring.RingMessage.JoinBusy;
import dev.p2pkit.overlay.ring.RingMessage.JoinDone;
import dev.p2pkit.overlay.ring.RingMessage.JoinRedirect;
import dev.p2pkit.overlay.ring.RingMessage.JoinRefused;
import dev.p2pkit.overlay.ring.RingMessage.NotMember;
import dev.p2pkit.overlay.ring.RingMessage.Snapshot;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Admits peers. In a ring, the one that admits is the predecessor of the new place (Zave's join);
 * up to the full-mesh size it is the peer with the lowest id, so that the base of the ring grows by
 * one at a time. The newcomer gets its lists and the membership table, and takes its place when its
 * successor knows it.
 */
final class Admission {
  private static final int MEMBERS_PER_SNAPSHOT = 512;

  /** How often one newcomer gets the table at most (microseconds). */
  private static final long AGAIN = 500_000;

  private final RingCore core;

  /** Who was pointed on last, and to whom. */
  private @Nullable PeerRef pointedOn;

  private @Nullable PeerRef pointedTo;
  private @Nullable PeerRef admitted;
  private boolean done;

  /** Whether that one's place was given to it by the one with the lowest id. */
  private boolean intoFullMesh;

  private long until;
  private long toldAt;

  private final JoinLimits limits;

  Admission(RingCore core) {
    this.core = core;
    limits = new JoinLimits(core.config.limits());
  }

  void onRequest(long now, PeerRef from) {
    if (core.phase == Phase.OUTSIDE || core.phase == Phase.LEAVING) {
      // Others may not know yet that this peer has gone; the newcomer finds another way.
      core.effects.send(from, new NotMember(0));
      return;
    }
    if (core.phase != Phase.MEMBER || !core.ownership.isSecure(now)) {
      // Without a lease here the newcomer would get none either. It would only stand between those
      // who have to find out that nobody holds anything, and come again and again. Where the lease
      // is not prolonged any more, the grantor may be dead, and the newcomer's place in the gap.
      core.effects.send(from, new JoinBusy());
      return;
    }
    Optional<PeerRef> later = laterProcess(from);
    if (later.isPresent()) {
      refuse(from, later.get());
      return;
    }
    if (admitted != null
        && (now >= until || (done && (intoFullMesh || core.pointers.contain(admitted.id()))))) {
      admitted = null;
    }
    if (admitted != null && !admitted.id().equals(from.id())) {
      core.effects.send(from, new JoinBusy());
      return;
    }
    Optional<PeerRef> other = better(now, from);
    if (other.isPresent()) {
      core.effects.send(
          from,
          core.isSelf(other.get().id())
              ? new JoinBusy()
              : new JoinRedirect(other.get(), successorOf(from)));
      return;
    }
    long pause =
        JoinLimits.isLocal(core.self.endpoint()) ? 0 : limits.pauseFor(from.endpoint(), now);
    if (pause > 0) {
      core.effects.send(from, new JoinBusy(pause));
      return;
    }
    boolean again = admitted != null;
    if (again && now - toldAt < AGAIN) {
      // A question is small and the table is large.
      core.effects.send(from, new JoinBusy());
      return;
    }
    if (!again) {
      // Whoever asks again and again does not keep the others out any longer for that.
      until = now + core.config.admission();
    }
    admit(now, from);
  }

  /** Who has to make room for a newcomer; this peer itself if it cannot tell. */
  private PeerRef successorOf(PeerRef newcomer) {
    Key place = newcomer.id().position();
    PeerRef after = core.table.after(place);
    Coverage known = core.ladder.exact();
    return known.covers(place) && known.covers(after.id().position()) ? after : core.self;
  }

  /** Who should admit this peer instead; this peer itself if it should, but not yet. */
  private Optional<PeerRef> better(long now, PeerRef from) {
    if (staysFullMesh(from)) {
      PeerRef lowest = core.table.get(0);
      if (lowest.id().equals(from.id())) {
        lowest = core.table.get(1);
      }
      return core.isSelf(lowest.id()) ? Optional.empty() : Optional.of(lowest);
    }
    PeerId id = from.id();
    boolean mine =
        core.pointers.wouldSucceed(id)
            || core.pointers.successor().map(s -> s.id().equals(id)).orElse(true);
    return mine ? Optional.empty() : Optional.of(nearer(now, from));
  }

  /** The last known peer before the place of a newcomer; another one if it comes back from that. */
  private PeerRef nearer(long now, PeerRef from) {
    PeerRef best = core.known.before(from.id().position());
    if (from.equals(pointedOn) && best.equals(pointedTo)) {
      core.ladder.contacts.check(now, best);
      best = core.known.before(best.id().position());
    }
    pointedOn = from;
    pointedTo = best;
    return best;
  }

  private boolean staysFullMesh(PeerRef newcomer) {
    int others = core.table.size() - (core.table.contains(newcomer.id()) ? 1 : 0);
    return core.ladder.full() && others < core.config.fullMeshUpTo();
  }

  private void admit(long now, PeerRef from) {
    admitted = from;
    done = false;
    toldAt = now;
    long refutation =
        core.table
            .known(from.id())
            .filter(known -> known.ref().incarnation() == from.incarnation())
            .map(known -> known.kind() == Kind.ALIVE ? known.refutation() : known.refutation() + 1)
            .orElse(0L);
    List<PeerRef> before = new ArrayList<>();
    List<PeerRef> after = new ArrayList<>();
    intoFullMesh = staysFullMesh(from);
    if (intoFullMesh) {
      // The newcomer computes its lists from the table; these two only lead to it.
      before.add(core.table.before(from.id().position()));
      after.add(core.table.after(from.id().position()));
    } else {
      before.add(core.self);
      before.addAll(core.pointers.predecessors());
      after.addAll(core.pointers.successors());
    }
    before.removeIf(ref -> ref.id().equals(from.id()));
    after.removeIf(ref -> ref.id().equals(from.id()));
    List<MemberNews> everybody = core.table.everybody();
    for (PeerRef contact : core.ladder.contacts.table().sorted()) {
      everybody.add(MemberNews.alive(contact, 0));
    }
    for (PeerRef lost : core.remembered.lost(core.table, Joining.MOST_LOST)) {
      everybody.add(new MemberNews(Kind.FAILED, lost, 0));
    }
    everybody.removeIf(news -> news.id().equals(from.id()));
    int parts = Math.max(1, (everybody.size() + MEMBERS_PER_SNAPSHOT - 1) / MEMBERS_PER_SNAPSHOT);
    core.dissemination.copied();
    core.effects.send(from, new JoinAccept(refutation, before, after, core.notice(), parts));
    for (int part = 0; part < parts; part++) {
      int start = part * MEMBERS_PER_SNAPSHOT;
      int end = Math.min(everybody.size(), start + MEMBERS_PER_SNAPSHOT);
      core.effects.send(from, new Snapshot(part, List.copyOf(everybody.subList(start, end))));
    }
  }

  /** The newcomer has its place: whoever is admitted next must find it in this peer's list. */
  void onDone(long now, PeerRef from, JoinDone message) {
    if (!core.phase.hasPlace()) {
      return;
    }
    boolean here = admitted != null && admitted.id().equals(from.id());
    if (here && !done) {
      List<MemberNews> missed = core.dissemination.sinceCopied();
      if (!missed.isEmpty()) {
        core.comparison.tell(from, missed);
      }
    }
    core.meet(now, from, message.refutation());
    if (here) {
      done = true;
      core.stabiliser.candidate(now, from);
    }
  }

  /**
   * A process of the same identity that was started later is known: it stays, and the one that asks
   * is told. Where the one that asks is the later one, it is let in at once, whatever has become of
   * the other: it gets no arc before the other's lease is over.
   */
  private Optional<PeerRef> laterProcess(PeerRef from) {
    return core.table
        .known(from.id())
        .map(MemberNews::ref)
        .filter(known -> known.incarnation() > from.incarnation());
  }

  private void refuse(PeerRef from, PeerRef known) {
    core.effects.send(
        from,
        new JoinRefused(
            ErrorCode.ADDRESS_IN_USE,
            "the identity "
                + from.id()
                + " is in use by a process that was started later, at "
                + known.endpoint()
                + "; give this peer a data directory of its own, or stop that process"));
  }
}
