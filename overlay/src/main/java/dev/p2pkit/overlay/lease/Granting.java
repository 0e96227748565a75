// What a peer grants to the one before it.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Renewed;
import dev.p2pkit.overlay.lease.LeaseState.Waiting;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;

/**
 * R3 and R4: this peer as the grantor of the arc before its own. It writes down what it grants
 * before the holder may use it, and grants nothing without a lease of its own.
 */
final class Granting {
  private final Lease lease;
  private final LeaseState state;
  private final Admitting admitting;

  Granting(Lease lease, Admitting admitting) {
    this.lease = lease;
    state = lease.state;
    this.admitting = admitting;
  }

  /** R3, R4: a peer that takes this one for its successor asks. */
  RenewalAnswer asked(long now, PeerRef from, Renewal renewal) {
    lease.attention.awake(now);
    PeerId id = from.id();
    GrantRecord before = state.before;
    boolean older =
        before != null && before.holder().equals(id) && from.incarnation() < before.incarnation();
    if (state.epoch == 0
        || older
        || id.equals(state.self)
        || !lease.beliefs.believes(now, renewal)) {
      return RenewalAnswer.of(Verdict.WAIT, renewal.sentAt());
    }
    RenewalAnswer answer = RenewalAnswer.of(Verdict.WAIT, renewal.sentAt());
    if (renewal.epoch() == 0) {
      state.newcomer = id;
      state.newcomerAt = now;
    } else if (id.equals(state.newcomer)) {
      state.newcomer = null;
    }
    if (renewal.epoch() > 0 && state.inside(id)) {
      state.claimant = id;
      state.claimedAt = now;
    }
    admitting.heard(now, from, renewal);
    before = state.before;
    if (before != null && before.holder().equals(id)) {
      state.before = before.heard(now, disclaims(from, before, renewal));
      if (mayGrant(now, id, renewal)) {
        if (state.settled(now)) {
          grant(now, from.incarnation(), renewal);
          answer = answer(Verdict.GRANTED, renewal);
        } else {
          state.waiting = new Waiting(id, from.incarnation(), renewal, now);
          answer = answer(Verdict.LAPSED, renewal);
        }
      }
    } else if (state.inside(id)) {
      admitting.begin(now, from, renewal);
    } else {
      state.waiting = new Waiting(id, from.incarnation(), renewal, now);
    }
    lease.look(now);
    return answer;
  }

  /**
   * Whether the holder shows by what it says that it does not hold the arc. One that claims a part
   * of this peer's arc with a higher epoch has taken it over: then this peer is the one that holds
   * nothing, and is admitted when it asks.
   */
  private boolean disclaims(PeerRef from, GrantRecord before, Renewal renewal) {
    boolean beingAdmitted = state.handOver != null;
    return !beingAdmitted
        && (renewal.registered() < Math.max(1, before.required())
            || (renewal.epoch() < state.epoch && overlaps(from.id(), renewal)));
  }

  /** Whether what a peer before this one claims reaches into this one's arc. */
  private boolean overlaps(PeerId from, Renewal renewal) {
    return state.self.position().isIn(renewal.lo().position(), from.position());
  }

  /** R3, but for this peer's own lease. */
  boolean mayGrant(long now, PeerId from, Renewal renewal) {
    GrantRecord before = state.before;
    return before != null
        && before.holder().equals(from)
        && state.handOver == null
        && renewal.registered() >= Math.max(1, before.required())
        && renewal.sentAt() > before.sentAt()
        && !overlaps(from, renewal)
        && !covers(now, from, renewal);
  }

  /** Whether what a peer claims reaches over what another may serve by this one's own grant. */
  private boolean covers(long now, PeerId from, Renewal renewal) {
    LeaseState.Promised promised = state.promised;
    return promised != null
        && now < promised.until()
        && LeaseState.within(renewal.lo(), promised.to(), from);
  }

  /** Writes down that the holder may serve. */
  void grant(long now, long incarnation, Renewal renewal) {
    GrantRecord before = state.before;
    if (before != null) {
      state.before = before.granted(incarnation, renewal, now + lease.config.guarded(), now);
      state.gap = null;
    }
  }

  /** What to say to the holder of the arc before, with the epoch that it has to have. */
  RenewalAnswer answer(Verdict verdict, Renewal renewal) {
    GrantRecord before = state.before;
    long epoch = before != null && before.epoch() > renewal.epoch() ? before.epoch() : 0;
    return new RenewalAnswer(verdict, renewal.sentAt(), epoch);
  }

  /** Grants what was asked for while this peer had no lease itself. */
  void answerWaiting(long now) {
    Waiting waiting = state.waiting;
    if (waiting == null) {
      return;
    }
    if (now - waiting.since() > lease.config.length() / 2) {
      state.waiting = null;
    } else if (state.settled(now) && mayGrant(now, waiting.from(), waiting.renewal())) {
      state.waiting = null;
      grant(now, waiting.incarnation(), waiting.renewal());
      lease.around.send(waiting.from(), new Renewed(answer(Verdict.GRANTED, waiting.renewal())));
    }
  }
}
