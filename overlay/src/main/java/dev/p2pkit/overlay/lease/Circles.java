// The proof that nobody holds anything, for rings whose peers wait for each other.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Circle;
import dev.p2pkit.overlay.lease.LeaseMessage.CircleClosed;
import dev.p2pkit.overlay.lease.LeaseMessage.Renewed;
import dev.p2pkit.overlay.lease.LeaseState.Round;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;

/**
 * Closing the circle. Where all who could grant have no lease themselves (one of three has died, or
 * all were paused), each waits for the next. Then a renewal is passed along the successors: each
 * passes it on if it would grant the sender, had it a lease itself, and writes that down as if it
 * had granted. When it comes back to the one that began it, the arcs of all lie without a gap one
 * behind the other, nobody has taken over anybody, and everybody has promised not to: so the
 * initiator has its lease, and the grants go round from there.
 *
 * <p>In a ring too long for that (R11), the initiator is content when as many peers as a successor
 * list holds have passed it on, and all of them have had no lease for four lease lengths.
 */
final class Circles {
  private static final long EVERY = 2 * Renewing.RETRY;

  private final Lease lease;
  private final LeaseState state;

  Circles(Lease lease) {
    this.lease = lease;
    state = lease.state;
  }

  void look(long now) {
    boolean stuck =
        lease.renewing.needs(now)
            && lease.attention.isSure(now)
            && state.handOver == null
            && now - state.lapsedBeyond <= EVERY
            && now - state.circleAt >= EVERY;
    if (stuck && (lease.around.size() <= LeaseConfig.MOST_HOPS || isLongLapsed(now))) {
      PeerId successor = next();
      Renewal renewal = lease.renewing.renewal(now, successor);
      state.circleAt = now;
      state.circleOf = state.self;
      state.round = new Round(renewal.sentAt(), state.lo, state.epoch);
      lease.around.send(
          successor, new Circle(state.self, renewal.sentAt(), 1, isLongLapsed(now), renewal));
    }
  }

  /** Who would grant, as it has said itself: pointers may be wrong. */
  private PeerId next() {
    PeerId would = state.lapsedBy;
    return would != null && lease.around.isAlive(would) ? would : lease.around.successor();
  }

  private boolean isLongLapsed(long now) {
    return !state.valid(now) && now - state.until >= 4 * lease.config.guarded();
  }

  void passed(long now, PeerRef from, Circle circle) {
    if (state.epoch == 0
        || !lease.attention.isSure(now)
        || !lease.beliefs.believes(now, circle.renewal())
        || !lease.granting.mayGrant(now, from.id(), circle.renewal())) {
      return;
    }
    RenewalAnswer answer = lease.granting.answer(Verdict.LAPSED, circle.renewal());
    if (answer.epoch() > 0) {
      // It would serve with an epoch that is too low: this time the circle ends here.
      lease.around.send(from.id(), new Renewed(answer));
      return;
    }
    Round round = state.round;
    if (circle.initiator().equals(state.self)) {
      if (round != null && round.at() == circle.round() && close(now, round)) {
        grant(now, from, circle);
      }
    } else if (state.settled(now)) {
      grant(now, from, circle);
    } else if (isFirst(now, circle.initiator())) {
      state.circleAt = now;
      state.circleOf = circle.initiator();
      lease.granting.grant(now, from.incarnation(), circle.renewal());
      boolean longLapsed = circle.longLapsed() && isLongLapsed(now);
      if (circle.hops() < LeaseConfig.MOST_HOPS) {
        PeerId successor = next();
        lease.around.send(
            successor,
            new Circle(
                circle.initiator(),
                circle.round(),
                circle.hops() + 1,
                longLapsed,
                lease.renewing.renewal(now, successor)));
      } else if (longLapsed) {
        lease.around.send(circle.initiator(), new CircleClosed(circle.round()));
      }
    }
  }

  /** Of several that begin at the same time, the one with the lowest id goes round. */
  private boolean isFirst(long now, PeerId initiator) {
    PeerId other = state.circleOf;
    return now - state.circleAt >= EVERY || other == null || initiator.compareTo(other) <= 0;
  }

  void closedFar(long now, long number) {
    Round round = state.round;
    if (round != null && round.at() == number && isLongLapsed(now)) {
      boolean unused = close(now, round);
    }
  }

  private boolean close(long now, Round round) {
    state.round = null;
    boolean same =
        round.lo().equals(state.lo) && round.epoch() == state.epoch && state.handOver == null;
    if (same && now < round.at() + lease.config.length()) {
      lease.renewing.granted(
          now, new LeaseState.Sent(round.at(), state.self, round.lo(), round.epoch()), 0);
      return true;
    }
    return false;
  }

  private void grant(long now, PeerRef from, Circle circle) {
    lease.granting.grant(now, from.incarnation(), circle.renewal());
    lease.around.send(
        from.id(), new Renewed(lease.granting.answer(Verdict.GRANTED, circle.renewal())));
  }
}
