// Finds somebody for each part of a duty, and somebody else when nobody answers.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongToIntFunction;

/**
 * Hands parts to peers in them: first to one with a link, last to one that did not answer lately.
 * Who does not answer within the time its path needs gets the task once more, then the next peer in
 * the part gets it; when many fail, two of them at once.
 */
final class Delegates {
  /** All peers of a part are tried so often: one that is a member still may have had bad luck. */
  private static final int ROUNDS = 3;

  /** A delegate has so much less time, in microseconds, that its report comes in time. */
  private static final long REPORT_TIME = 250_000;

  /** How many peers of a part are looked at for one with a link. */
  private static final int MOST_LOOKED_AT = 64;

  /** A link whose queue is full, or who has spent its budget, tries again after this long. */
  private static final long PAUSE = 100_000;

  /** What a delegation's duty does when a part is settled. */
  interface Settled {
    void settle(long now, Duty duty);
  }

  private final Effects effects;
  private final BroadcastConfig config;
  private final Agenda agenda;
  private final Acquaintances acquaintances;
  private final LongToIntFunction spendable;
  private final Settled settled;
  private RingView view;
  private long unanswered;
  private long tasks;
  private long repeated;
  private long redelegated;

  Delegates(
      Effects effects,
      BroadcastConfig config,
      Agenda agenda,
      Acquaintances acquaintances,
      LongToIntFunction spendable,
      Settled settled) {
    this.effects = effects;
    this.config = config;
    this.agenda = agenda;
    this.acquaintances = acquaintances;
    this.spendable = spendable;
    this.settled = settled;
    this.view = RingView.outside(effects.self());
  }

  long tasks() {
    return tasks;
  }

  long repeated() {
    return repeated;
  }

  long redelegated() {
    return redelegated;
  }

  void onView(RingView next) {
    view = next;
  }

  /** Hands a part to whoever is next; if nobody is left, the part is settled as missed. */
  void handToNext(long now, Delegation delegation) {
    int wanted = !delegation.tried.isEmpty() && acquaintances.manyFail() ? 2 : 1;
    for (int i = 0; i < wanted; i++) {
      Optional<PeerRef> next = candidate(now, delegation, delegation.round);
      if (next.isEmpty() && i == 0 && ++delegation.rounds < ROUNDS) {
        delegation.round.clear();
        next = candidate(now, delegation, delegation.round);
      }
      if (next.isEmpty()) {
        break;
      }
      if (!delegation.tried.isEmpty()) {
        redelegated++;
      }
      Handed hand = new Handed(delegation, next.get());
      delegation.tried.add(next.get().id());
      delegation.round.add(next.get().id());
      delegation.hands.add(hand);
      send(now, hand);
    }
    if (delegation.hands.isEmpty()) {
      end(delegation, nobodyLeft(delegation));
    }
  }

  /** Decides what came of a part; whoever still has it may go on, but is not waited for. */
  void end(Delegation delegation, Tally tally) {
    delegation.result = tally;
    for (Handed hand : delegation.hands) {
      discharge(hand);
      hand.forgetTimer();
    }
    delegation.hands.clear();
  }

  /**
   * Whether this peer is in no ring, or in none any more: then it knows of nobody who is alive and
   * who is dead.
   */
  boolean isOutside() {
    return !view.joined() && view.size() == 1;
  }

  /** Who is still a member was missed; where nobody is, nothing is. */
  private Tally nobodyLeft(Delegation delegation) {
    if (!isOutside()
        && Intervals.count(view, delegation.interval) == 0
        && view.isExact(delegation.interval.upTo())) {
      return Tally.NOBODY;
    }
    Tally.Sum sum = new Tally.Sum();
    sum.missed(delegation.interval);
    return sum.tally();
  }

  private Optional<PeerRef> candidate(long now, Delegation delegation, Set<PeerId> excluded) {
    int count = Intervals.count(view, delegation.interval);
    int first = Intervals.first(view, delegation.interval);
    PeerRef best = null;
    int bestRank = Integer.MAX_VALUE;
    for (int i = 0, seen = 0; i < count && seen < MOST_LOOKED_AT && bestRank > 0; i++) {
      PeerRef peer = view.member((first + i) % view.size());
      if (excluded.contains(peer.id()) || peer.id().equals(effects.self().id())) {
        continue;
      }
      seen++;
      int rank =
          acquaintances.isSuspect(now, peer.id()) ? 2 : acquaintances.isLinked(peer.id()) ? 0 : 1;
      if (rank < bestRank) {
        best = peer;
        bestRank = rank;
      }
    }
    return Optional.ofNullable(best);
  }

  private void send(long now, Handed hand) {
    Duty duty = hand.delegation.duty;
    Content content = duty.work.content;
    long left = Math.max(0, duty.deadlineAt - now);
    long remaining = left - Math.min(left / 8, REPORT_TIME);
    hand.answered = false;
    hand.heardAt = now;
    hand.waits =
        (content.isPlain() && spendable.applyAsInt(now) <= 0)
            || !effects.offer(hand.to, new Task(content, hand.delegation.interval, remaining));
    if (hand.waits) {
      watch(hand, now + PAUSE);
      return;
    }
    tasks++;
    if (hand.sent++ > 0) {
      repeated++;
    }
    hand.sentAt = now;
    unanswered += content.payload.length;
    watch(hand, now + acquaintances.timeout(hand.to.id(), hand.sent, unanswered));
  }

  private void watch(Handed hand, long until) {
    hand.forgetTimer();
    hand.timer = agenda.at(until, at -> look(at, hand));
  }

  private void look(long now, Handed hand) {
    hand.timer = null;
    if (!hand.delegation.isOpen()) {
      return;
    }
    if (!hand.answered) {
      repeatOrGiveUp(now, hand);
    } else if (now - hand.heardAt >= config.silence()) {
      giveUp(now, hand);
    } else {
      watch(hand, hand.heardAt + config.silence());
    }
  }

  private void discharge(Handed hand) {
    if (!hand.answered && !hand.waits && hand.sent > 0) {
      unanswered = Math.max(0, unanswered - hand.delegation.duty.work.content.payload.length);
    }
  }

  void repeatOrGiveUp(long now, Handed hand) {
    if (hand.sent < acquaintances.sends(now)) {
      discharge(hand);
      send(now, hand);
    } else {
      giveUp(now, hand);
    }
  }

  /** Not this one: the part goes to the next peer in it, unless another has it already. */
  void giveUp(long now, Handed hand) {
    Delegation delegation = hand.delegation;
    discharge(hand);
    hand.forgetTimer();
    delegation.hands.remove(hand);
    acquaintances.failed(now, hand.to.id());
    if (delegation.hands.isEmpty()) {
      handToNext(now, delegation);
      settled.settle(now, delegation.duty);
    }
  }

  /** A delegate says that it has the task and others work on parts of it. */
  void works(long now, Delegation delegation, PeerId from) {
    Handed hand = delegation.handedTo(from);
    if (hand != null) {
      answered(now, delegation, from);
      hand.answered = true;
      hand.heardAt = now;
      if (hand.timer == null) {
        watch(hand, now + config.silence());
      }
    }
  }

  /** A delegate has answered, one way or the other. */
  void answered(long now, Delegation delegation, PeerId from) {
    Handed hand = delegation.handedTo(from);
    if (hand != null && !hand.answered) {
      discharge(hand);
      hand.answered = true;
      acquaintances.answered(now, from, now - hand.sentAt, hand.sent == 1);
    }
  }
}
