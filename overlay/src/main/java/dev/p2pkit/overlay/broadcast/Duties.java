// Serves intervals: hands parts out, waits, hands them out again, adds up the reports.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Declined;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/** The open duties of one peer, and those that ended a moment ago. */
final class Duties {
  /**
   * A peer serves at most this many intervals of one broadcast; a network that is sane needs few.
   */
  private static final int MAX_DUTIES = 256;

  /** In bytes: so much is sent to twice the fan-out in no more than a few packets each. */
  private static final int SMALL = 4_096;

  /** Who gets an interval hands at least two parts of it out. */
  private static final int LEAST_FAN_OUT = 2;

  /** One content may take one part in so many of what can be spent on those of the ring. */
  private static final int SPENT_AT_ONCE = 4;

  /** A completion is stored for so long: its parent may not have got it. */
  private static final long LINGER = 15_000_000;

  private final Effects effects;
  private final BroadcastConfig config;
  private final Agenda agenda;
  private final LongToIntFunction spendable;
  private final Delegates delegates;
  private final Map<BroadcastId, Work> works = new LinkedHashMap<>();
  private RingView view;
  private long heldBytes;

  Duties(
      Effects effects,
      BroadcastConfig config,
      Agenda agenda,
      Acquaintances acquaintances,
      LongToIntFunction spendable) {
    this.effects = effects;
    this.config = config;
    this.agenda = agenda;
    this.view = RingView.outside(effects.self());
    this.spendable = spendable;
    this.delegates = new Delegates(effects, config, agenda, acquaintances, spendable, this::settle);
  }

  boolean hasRoom(int bytes) {
    return heldBytes + bytes <= config.heldBytes();
  }

  /** Broadcasts with duties, the lingering ones included. */
  int works() {
    return works.size();
  }

  Delegates delegates() {
    return delegates;
  }

  RingView view() {
    return view;
  }

  @Nullable Work find(BroadcastId id) {
    return works.get(id);
  }

  /** Whether a peer with this interval would have to pass anything on. */
  boolean hasOthers(Arc interval) {
    for (Arc piece : Intervals.without(interval, effects.self().id().position())) {
      if (Intervals.count(view, piece) > 0) {
        return true;
      }
    }
    return false;
  }

  /** A broadcast in which this peer will have duties, now. */
  Work open(Content content) {
    Work work = works.get(content.id);
    if (work == null) {
      work = new Work(content);
      works.put(content.id, work);
    }
    return work;
  }

  /** Lets go of one in which this peer got no duty. */
  void close(Work work) {
    if (work.duties.isEmpty()) {
      works.remove(work.content.id);
    }
  }

  /** Takes a duty on: it may be done before this returns. */
  void begin(
      long now,
      Work work,
      Arc interval,
      long deadlineAt,
      @Nullable PeerRef parent,
      Duty.@Nullable Ended whenDone) {
    if (work.duties.size() >= MAX_DUTIES) {
      return;
    }
    Duty duty = new Duty(work, interval, deadlineAt, whenDone);
    if (parent != null) {
      duty.addParent(parent);
    }
    work.duties.put(interval, duty);
    if (work.open++ == 0) {
      heldBytes += work.content.payload.length;
    }
    for (Arc part : Intervals.divide(view, interval, fanOut(now, work.content))) {
      duty.delegations.add(new Delegation(duty, part));
    }
    // A copy: a part whose peers are all gone is settled at once.
    for (Delegation delegation : List.copyOf(duty.delegations)) {
      delegates.handToNext(now, delegation);
    }
    if (!duty.isWaiting()) {
      finish(now, duty);
      return;
    }
    duty.deadline = agenda.at(duty.deadlineAt, at -> expire(at, duty));
    sayWorking(now, duty);
  }

  /**
   * A small content goes to twice as many at once: a flatter tree, for little more to send. What
   * the ring itself tells goes to as many as a part of this peer's budget pays for, since more may
   * come; these share the rest.
   */
  private int fanOut(long now, Content content) {
    int most = content.payload.length <= SMALL ? 2 * config.fanOut() : config.fanOut();
    return content.isPlain()
        ? Math.max(LEAST_FAN_OUT, Math.min(most, affordable(now, content)))
        : most;
  }

  private int affordable(long now, Content content) {
    return spendable.applyAsInt(now) / SPENT_AT_ONCE / content.taskBytes();
  }

  /** A parent asks for an interval that is being served, or was. */
  void again(PeerRef parent, Duty duty) {
    if (duty.isDone()) {
      effects.send(parent, new Done(duty.work.content.id, duty.interval, duty.tally()));
    } else {
      duty.addParent(parent);
      effects.send(parent, new Working(duty.work.content.id, duty.interval));
    }
  }

  private void sayWorking(long now, Duty duty) {
    boolean asked = false;
    for (PeerRef parent : duty.parents()) {
      effects.send(parent, new Working(duty.work.content.id, duty.interval));
      asked = true;
    }
    if (asked) {
      duty.keepalive = agenda.at(now + config.keepalive(), at -> sayWorking(at, duty));
    }
  }

  private void expire(long at, Duty duty) {
    if (!duty.isDone()) {
      finish(at, duty);
    }
  }

  /** What becomes of the content on this peer itself is decided. */
  void settled(long now, BroadcastId id, @Nullable ErrorCode refusal) {
    Work work = works.get(id);
    if (work == null || work.own != null) {
      return;
    }
    work.own = Tally.of(effects.self().id(), refusal);
    for (Duty duty : List.copyOf(work.duties.values())) {
      settle(now, duty);
    }
  }

  private void settle(long now, Duty duty) {
    if (!duty.isDone() && !duty.isWaiting()) {
      finish(now, duty);
    }
  }

  private void finish(long now, Duty duty) {
    Work work = duty.work;
    boolean passedOn = !duty.delegations.isEmpty();
    Tally tally = sum(duty);
    work.ended++;
    if (--work.open == 0) {
      heldBytes -= work.content.payload.length;
      if (passedOn || work.duties.size() > 1) {
        int ended = work.ended;
        agenda.at(now + LINGER, at -> forget(work, ended));
      } else {
        works.remove(work.content.id);
      }
    }
    for (Delegation delegation : duty.delegations) {
      delegates.end(delegation, tally);
    }
    duty.end(now, tally);
    for (PeerRef parent : duty.parents()) {
      effects.send(parent, new Done(work.content.id, duty.interval, tally));
    }
  }

  private Tally sum(Duty duty) {
    Work work = duty.work;
    Tally.Sum sum = new Tally.Sum();
    sum.add(Objects.requireNonNullElseGet(work.own, this::missing));
    for (Delegation delegation : duty.delegations) {
      Tally result = delegation.result;
      if (result == null) {
        sum.missed(delegation.interval);
      } else {
        sum.add(result);
      }
    }
    return sum.tally();
  }

  /** What the report says of this peer while it has not got the content, or never will. */
  Tally missing() {
    Tally.Sum sum = new Tally.Sum();
    sum.missed(Intervals.only(effects.self().id().position()));
    return sum.tally();
  }

  private void forget(Work work, int ended) {
    if (work.ended == ended && work.open == 0) {
      works.remove(work.content.id);
    }
  }

  void onWorking(long now, PeerId from, Working working) {
    for (Delegation delegation : delegations(working.id(), working.interval())) {
      delegates.works(now, delegation, from);
    }
  }

  void onDone(long now, PeerId from, Done done) {
    for (Delegation delegation : delegations(done.id(), done.interval())) {
      if (delegation.tried.contains(from)) {
        delegates.answered(now, delegation, from);
        delegates.end(delegation, done.tally());
        settle(now, delegation.duty);
      }
    }
  }

  /** A delegate does not pass the content on: what lies around it is handed to others. */
  void onDeclined(long now, PeerId from, Declined declined) {
    for (Delegation delegation : delegations(declined.id(), declined.interval())) {
      if (!delegation.tried.contains(from)) {
        continue;
      }
      delegates.answered(now, delegation, from);
      Tally.Sum sum = new Tally.Sum();
      declined.refusal().ifPresentOrElse(code -> sum.refused(from, code), () -> sum.reached(from));
      delegates.end(delegation, sum.tally());
      Duty duty = delegation.duty;
      for (Arc piece : Intervals.without(delegation.interval, from.position())) {
        if (Intervals.count(view, piece) > 0 || !view.isExact(piece.upTo())) {
          Delegation rest = new Delegation(duty, piece);
          duty.delegations.add(rest);
          delegates.handToNext(now, rest);
        }
      }
      settle(now, duty);
    }
  }

  private List<Delegation> delegations(BroadcastId id, Arc interval) {
    Work work = works.get(id);
    if (work == null) {
      return List.of();
    }
    List<Delegation> found = new ArrayList<>(1);
    for (Duty duty : work.duties.values()) {
      for (Delegation delegation : duty.delegations) {
        if (delegation.isOpen() && delegation.interval.equals(interval)) {
          found.add(delegation);
        }
      }
    }
    return found;
  }

  void onLink(long now, PeerId peer, LinkEvent event) {
    if (event == LinkEvent.UP) {
      return;
    }
    for (Delegation delegation : allOpen()) {
      Handed hand = delegation.isOpen() ? delegation.handedTo(peer) : null;
      if (hand != null) {
        if (event == LinkEvent.DOWN) {
          delegates.repeatOrGiveUp(now, hand);
        } else {
          delegates.giveUp(now, hand);
        }
      }
    }
  }

  void onView(long now, RingView next) {
    view = next;
    delegates.onView(next);
    if (delegates.isOutside()) {
      // It has left, and hears only from those that have parts already.
      return;
    }
    for (Delegation delegation : allOpen()) {
      for (Handed hand : List.copyOf(delegation.hands)) {
        if (delegation.isOpen() && view.find(hand.to.id()).isEmpty()) {
          delegates.giveUp(now, hand);
        }
      }
    }
  }

  private List<Delegation> allOpen() {
    List<Delegation> all = new ArrayList<>();
    for (Work work : works.values()) {
      if (work.open > 0) {
        for (Duty duty : work.duties.values()) {
          all.addAll(duty.delegations);
        }
      }
    }
    return all;
  }

  /** A refusal that a parent is told instead of an answer. */
  void decline(PeerRef parent, BroadcastId id, Arc interval, Optional<ErrorCode> refusal) {
    effects.send(parent, new Declined(id, interval, refusal));
  }
}
