// How a peer keeps its lease.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.LeaseState.Sent;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import dev.p2pkit.sdk.PeerId;

/**
 * R2: this peer as a holder. It asks its grantor, and its lease runs from when it asked; what it
 * knew while it had none for long is doubted.
 */
final class Renewing {
  /** How often a peer without what it needs asks again. */
  static final long RETRY = 250_000;

  private final Lease lease;
  private final LeaseConfig config;
  private final Neighbourhood around;
  private final LeaseState state;
  private final Admitting admitting;
  private final HeldParts parts;
  private long retriedAt = LeaseState.NEVER;

  Renewing(Lease lease, Admitting admitting, HeldParts parts) {
    this.lease = lease;
    config = lease.config;
    around = lease.around;
    state = lease.state;
    this.admitting = admitting;
    this.parts = parts;
  }

  /** R2: what to ask of a peer, with the heartbeat or at once. */
  Renewal renewal(long now, PeerId to) {
    lease.attention.awake(now);
    doubtOld(now);
    state.lastSent = Math.max(now, state.lastSent + 1);
    state.remember(new Sent(state.lastSent, to, state.lo, state.epoch));
    GrantRecord before = state.before;
    return new Renewal(
        state.lastSent,
        state.lo,
        state.epoch,
        state.registeredEpoch,
        before == null ? 0 : before.epoch(),
        before == null ? 0 : before.required(),
        state.time.at(now));
  }

  /**
   * Whoever has had no lease for a while may have lost a part of its arc without knowing: to one
   * that is dead now, and that had let a newcomer in. What it believes to stand between its arc's
   * beginning and itself is left to that one: right after a pause whom the table knows, later who
   * has shown that it holds something.
   */
  private void doubtOld(long now) {
    if (state.epoch == 0 || state.valid(now) || state.handOver != null) {
      return;
    }
    PeerId nearest = lease.attention.isSure(now) ? state.self : around.aliveBefore(state.self);
    if (nearest.equals(state.newcomer) && now - state.newcomerAt < 2 * config.length()) {
      nearest = around.aliveBefore(nearest);
    }
    PeerId claimant = state.claimant;
    if (claimant != null
        && now - state.claimedAt <= lease.suspicion
        && (!state.inside(nearest) || LeaseState.within(nearest, claimant, state.self))) {
      nearest = claimant;
    }
    if (state.inside(nearest)) {
      GrantRecord old = state.before;
      long guarded = now + config.guarded();
      long until = old == null ? guarded : Math.max(old.until(), guarded);
      state.lo = nearest;
      if (old != null) {
        // A promise from before lies behind this one, and ends no later.
        state.promised = new LeaseState.Promised(old.holder(), old.until());
      }
      long time = state.time.at(now);
      state.before = GrantRecord.doubted(nearest, until, time, 1, now);
      state.gap = null;
    }
  }

  /**
   * Somebody says that this peer is to ask it. Whoever is asked is believed what it answers, up to
   * an arc that it hands over: one that stands beyond the successor is asked only when the lease
   * runs out, because those nearer have been silent for as long as that takes.
   */
  void called(long now, PeerId by) {
    PeerId successor = around.successor();
    boolean near = by.equals(successor) || LeaseState.within(state.self, by, successor);
    if (near || by.equals(state.grantor) || state.holdsAll() || !lease.isSecure(now)) {
      state.caller = by;
      if (!state.holdsAll()) {
        renew(now, by);
      }
    }
  }

  /** The answer of a grantor. */
  void answered(long now, PeerId from, RenewalAnswer answer) {
    lease.attention.awake(now);
    Sent sent = null;
    for (Sent one : state.sent) {
      if (one.at() == answer.sentAt() && one.to().equals(from)) {
        sent = one;
      }
    }
    boolean lapsedLong = now - state.until > config.length() / 2;
    boolean possible = RingTime.allows(state.time.at(now), answer.epoch());
    if (sent == null || state.epoch == 0 || !possible) {
      return;
    }
    if (answer.verdict() == Verdict.GRANTED) {
      // A grantor that knows less than the one before it, because another handed its arc to it
      // meanwhile, has not registered the epoch that is served: it is asked again with that one.
      boolean whole = Math.max(sent.epoch(), answer.epoch()) >= state.registeredEpoch;
      if (whole && sent.at() > state.lastGranted && !state.holdsAll()) {
        state.grantor = from;
        granted(now, sent, answer.epoch());
        raise(now, answer.epoch(), lapsedLong);
      }
    } else if (answer.verdict() == Verdict.LAPSED) {
      state.lapsedBeyond = now;
      state.lapsedBy = from;
      raise(now, answer.epoch(), lapsedLong);
    }
    lease.look(now);
  }

  /**
   * Others may have served this peer's arc, up to this epoch; if it had no lease for long, also
   * what it would have granted meanwhile.
   */
  private void raise(long now, long epoch, boolean lapsedLong) {
    if (epoch > state.epoch && !state.holdsAll()) {
      GrantRecord before = state.before;
      if (lapsedLong && before != null && before.epoch() < epoch) {
        state.before = before.above(epoch);
      }
      state.epoch = epoch;
      admitting.putOff(now);
    }
  }

  /** The grantor has registered what was sent then, with this epoch if it is higher. */
  void granted(long now, Sent sent, long epoch) {
    boolean lapsed = !state.valid(now);
    if (lapsed && now - state.until > config.length() / 2) {
      doubtRecord(now);
    }
    state.lastGranted = sent.at();
    state.until = Math.max(state.until, sent.at() + config.length());
    state.registeredLo = sent.lo();
    state.registeredEpoch = Math.max(sent.epoch(), epoch);
    if (lapsed) {
      parts.lapsed();
    }
  }

  /**
   * Without a lease for long, this peer may have been taken over by its grantor, which has granted
   * the holder before until it lost its own lease, and has given way since. What is known of that
   * holder is old then, its process and where its arc begins included. Less than a lease length is
   * too short for that: what was taken over is registered, and that holds for as long. What was
   * promised in a circle since is not old; what is known only from one that has died, or from
   * nobody, is.
   */
  private void doubtRecord(long now) {
    GrantRecord old = state.before;
    if (old != null && (!old.isPromised() || old.until() - config.guarded() <= state.until)) {
      long until = Math.max(old.until(), now + config.guarded());
      long epoch = Math.max(old.epoch(), state.time.at(now));
      state.before = GrantRecord.doubted(old.holder(), until, epoch, old.required(), now);
      state.gap = null;
      askAgain();
    }
  }

  /** What was asked for while this peer had no lease may be as old as what it knew. */
  private void askAgain() {
    LeaseState.Waiting waiting = state.waiting;
    state.waiting = null;
    if (waiting != null) {
      around.send(waiting.from(), new Ask());
    }
  }

  /** Asks again, from time to time, as long as something is lacking. */
  void look(long now) {
    if (needs(now) && now - retriedAt >= RETRY) {
      retriedAt = now;
      renewAll(now);
    }
  }

  /** Whether this peer lacks something that its grantor could give. */
  boolean needs(long now) {
    return state.epoch > 0 && !state.settled(now);
  }

  /** Asks the successor, the last grantor, and who says that it is the one to ask. */
  void renewAll(long now) {
    PeerId successor = around.successor();
    PeerId last = state.grantor;
    PeerId caller = state.caller;
    if (!successor.equals(state.self)) {
      renew(now, successor);
    }
    if (last != null && !last.equals(successor) && isOther(last)) {
      renew(now, last);
    }
    if (caller != null && !caller.equals(successor) && !caller.equals(last) && isOther(caller)) {
      renew(now, caller);
    }
  }

  private boolean isOther(PeerId peer) {
    return !peer.equals(state.self) && around.isAlive(peer);
  }

  /** Asks one peer now. */
  void renew(long now, PeerId to) {
    around.send(to, new Renew(renewal(now, to)));
  }

  /** Something is to be registered: do not wait for the retry. */
  void register(long now) {
    retriedAt = now;
    renewAll(now);
  }
}
