// Taking over the arc of one that is gone.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseState.Gap;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * R5, R6 and R9: this peer's arc grows over that of a holder that is gone and whose lease has run
 * out by this peer's clock. What is gained is not served, and nobody is granted anything, until
 * this peer's own grantor has registered it.
 */
final class TakeOver {
  private final Lease lease;
  private final LeaseState state;

  TakeOver(Lease lease) {
    this.lease = lease;
    state = lease.state;
  }

  void look(long now) {
    call(now);
    for (int steps = 0; steps < 64 && step(now); steps++) {
      // One dead holder after the other, as far as all is registered.
    }
  }

  private boolean isGone(long now, GrantRecord before) {
    return before.disclaimed() || isSilent(now, before) || !lease.around.isAlive(before.holder());
  }

  private boolean isSilent(long now, GrantRecord before) {
    return before.dead() || now - before.heardAt() > lease.suspicion;
  }

  /**
   * Who takes everything has nobody to register it with: all the more it listens first. While there
   * is another ring, the keys have an owner there, and this peer will be admitted to it.
   */
  private boolean mayTake(long now, GrantRecord before, PeerId lo) {
    return !lo.equals(state.self)
        || ((before.disclaimed() || isSilent(now, before)) && !lease.around.hearsStrangers(now));
  }

  /**
   * Three beats of the holder fit into the time after which it is suspected. One that comes a
   * little late is no silence: asked after a single beat, every second holder was.
   */
  private long quiet() {
    return lease.suspicion / 2;
  }

  /**
   * The holder may ask somebody else, because its pointers are wrong: tells it whom to ask. One
   * that others have found dead is asked at once, since its host may prove that.
   */
  private void call(long now) {
    GrantRecord before = state.before;
    if (before == null) {
      return;
    }
    HandOver handOver = state.handOver;
    // Whether a newcomer has taken what it was told is not left to its next heartbeat.
    boolean told = handOver != null && handOver.sent();
    boolean gone = handOver == null && !lease.around.isAlive(before.holder());
    long quiet = gone ? -1 : told ? Renewing.RETRY - 1 : quiet();
    if (!before.dead()
        && now - before.heardAt() > quiet
        && now - state.calledAt >= Renewing.RETRY) {
      state.calledAt = now;
      lease.around.send(before.holder(), new Ask());
    }
  }

  private boolean step(long now) {
    GrantRecord before = state.before;
    if (before == null
        || state.handOver != null
        || !isGone(now, before)
        || !lease.attention.isSure(now)) {
      return false;
    }
    Optional<PeerId> registered =
        before.lo().filter(lo -> !state.inside(lo) && !reachesOver(now, lo, before.holder()));
    if (registered.isPresent()) {
      if (now < before.until() || !mayTake(now, before, registered.get())) {
        return false;
      }
      // Without a lease of its own, this peer may itself have been taken over in the meantime.
      long least = state.valid(now) ? 0 : state.time.at(now);
      extend(
          now,
          registered.get(),
          Math.max(least, before.epoch() + 1),
          heir(now, before, registered.get()));
      return true;
    }
    return closeGap(now, before);
  }

  /**
   * A holder names where its arc begins, and one that lies may name anything. Who is alive inside
   * of what it names and has not said that it holds nothing may hold its own.
   */
  private boolean reachesOver(long now, PeerId lo, PeerId holder) {
    PeerId nearest = lease.around.aliveBefore(holder);
    boolean holdsNothing =
        nearest.equals(state.newcomer) && now - state.newcomerAt < 2 * lease.config.length();
    return LeaseState.within(lo, nearest, holder) && !holdsNothing;
  }

  /** Whether it gives more than it has registered here, or than lies before it. */
  private boolean claimsMore(long now, GrantRecord before, PeerId lo) {
    return before
        .lo()
        .map(registered -> LeaseState.within(lo, registered, before.holder()))
        .orElseGet(() -> reachesOver(now, lo, before.holder()));
  }

  /** What is known of the arc before a dead one's. */
  private GrantRecord heir(long now, GrantRecord before, PeerId lo) {
    // The dead one may have granted it something just before its own lease ran out.
    return GrantRecord.unheard(
        lo,
        Optional.empty(),
        before.until() + lease.config.guarded(),
        before.beforeEpoch(),
        before.beforeRequired(),
        now);
  }

  /** R6: it is not certain where the dead one's arc began. */
  private boolean closeGap(long now, GrantRecord before) {
    PeerId alive = lease.around.aliveBefore(before.holder());
    if (state.inside(alive)) {
      alive = state.self;
    }
    Gap gap = state.gap;
    if (gap == null || !gap.lo().equals(before.holder()) || !gap.alive().equals(alive)) {
      gap = new Gap(before.holder(), alive, now, false);
      state.gap = gap;
    }
    if (now < Math.max(before.until(), gap.since() + patience(gap))
        || !mayTake(now, before, alive)) {
      return false;
    }
    // Whoever has served anything in the gap, or the arc of the one before it, did so a lease
    // length ago or longer: the time is above its epoch.
    long time = state.time.at(now);
    GrantRecord next = GrantRecord.doubted(alive, now + lease.config.guarded(), time, 1, now);
    extend(now, alive, Math.max(time, before.epoch() + 1), next);
    return true;
  }

  /**
   * For how long a gap has to be empty. Somebody may stand in it of whom this peer has not heard
   * yet: all the longer if the peer on its other side does not find it empty.
   */
  private long patience(Gap gap) {
    long guarded = lease.config.guarded();
    if (!gap.agreed() && !gap.alive().equals(state.self)) {
      return 4 * guarded;
    }
    return lease.around.isExact(gap.alive(), gap.lo()) ? guarded : 2 * guarded;
  }

  private void extend(long now, PeerId lo, long leastEpoch, GrantRecord next) {
    state.lo = lo;
    state.epoch = Math.max(state.epoch + 1, leastEpoch);
    state.gap = null;
    if (lo.equals(state.self)) {
      // The circle is closed: nobody else holds anything, and this peer grants itself.
      state.before = null;
      // A former grantor may still answer: what it has registered is of no account any more.
      state.sent.clear();
      state.registeredLo = lo;
      state.registeredEpoch = state.epoch;
      state.until = now + lease.config.length();
    } else {
      state.before = next;
      lease.renewing.register(now);
      if (lease.around.isAlive(lo)) {
        lease.around.send(lo, new Ask());
      }
    }
  }

  /** R9: the holder of the arc before has left, and says so itself. */
  void released(long now, PeerId from, Arc arc, Admitting admitting) {
    GrantRecord before = state.before;
    if (before == null
        || !before.holder().equals(from)
        || state.handOver != null
        || arc.epoch() < Math.max(1, before.required())
        || state.inside(arc.lo())
        || claimsMore(now, before, arc.lo())) {
      return;
    }
    admitting.inherit(now, from, arc, from);
    extend(now, arc.lo(), arc.epoch() + 1, admitting.record(now, arc));
  }

  long wakeAt(long now) {
    GrantRecord before = state.before;
    if (before == null || state.handOver != null) {
      return Long.MAX_VALUE;
    }
    if (!isGone(now, before)) {
      long called = before.heardAt() + quiet();
      return now < called ? called + 1 : now + Renewing.RETRY;
    }
    Gap gap = state.gap;
    long ready =
        gap == null ? before.until() : Math.max(before.until(), gap.since() + patience(gap));
    return ready > now ? ready : now + Renewing.RETRY;
  }
}
