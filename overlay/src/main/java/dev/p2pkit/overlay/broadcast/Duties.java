// Serves intervals: hands parts out, waits, hands them out again, adds up the reports.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** The open duties of one peer. */
final class Duties {
  /**
   * A peer serves at most this many intervals of one broadcast; a network that is sane needs few.
   */
  private static final int MAX_DUTIES = 256;

  /** A delegate gets its task twice before the next peer does. */
  private static final int SENDS = 2;

  /** All peers of a part are tried so often: one that is a member still may have had bad luck. */
  private static final int ROUNDS = 3;

  /** A delegate has so much less time, in microseconds, that its report comes in time. */
  private static final long REPORT_TIME = 250_000;

  private final Effects effects;
  private final BroadcastConfig config;
  private final BroadcastMemory memory;
  private final LongSupplier ownLowestOpen;
  private final Agenda agenda;
  private final Set<Duty> open = new LinkedHashSet<>();
  private RingView view;
  private long now;
  private long heldBytes;
  private long tasks;
  private long repeated;
  private long redelegated;

  Duties(
      Effects effects, BroadcastConfig config, BroadcastMemory memory, LongSupplier ownLowestOpen) {
    this.effects = effects;
    this.config = config;
    this.memory = memory;
    this.ownLowestOpen = ownLowestOpen;
    this.agenda = new Agenda(effects, Broadcaster.TIMER);
    this.view = RingView.outside(effects.self());
  }

  /** The time of the present call. */
  long now() {
    return now;
  }

  boolean hasRoom(int bytes) {
    return heldBytes + bytes <= config.heldBytes();
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

  /** Takes a duty on: it may be done before this returns. */
  void begin(long time, Duty duty, byte[] payload) {
    now = time;
    Remembered broadcast = duty.broadcast;
    if (broadcast.duties.size() >= MAX_DUTIES) {
      return;
    }
    broadcast.duties.put(duty.interval, duty);
    if (broadcast.payload == null) {
      broadcast.payload = payload;
      heldBytes += payload.length;
    }
    boolean first = broadcast.deadlineAt == 0;
    broadcast.deadlineAt = Math.max(broadcast.deadlineAt, duty.deadlineAt);
    if (first) {
      forgetLater(broadcast);
    }
    open.add(duty);
    for (Arc part : Intervals.divide(view, duty.interval, config.fanOut())) {
      duty.delegations.add(new Delegation(duty, part));
    }
    for (Delegation delegation : duty.delegations) {
      handToNext(delegation);
    }
    if (!duty.isWaiting()) {
      finish(duty);
      return;
    }
    agenda.at(duty.deadlineAt, at -> expire(at, duty));
    sayWorking(duty);
  }

  private void forgetLater(Remembered broadcast) {
    agenda.at(
        broadcast.deadlineAt + config.retention(),
        at -> {
          if (broadcast.deadlineAt + config.retention() > at) {
            forgetLater(broadcast);
          } else {
            memory.forget(broadcast);
          }
        });
  }

  private void sayWorking(Duty duty) {
    boolean asked = false;
    for (PeerRef parent : duty.parents()) {
      effects.send(parent, new Working(duty.broadcast.id, duty.interval));
      asked = true;
    }
    if (asked) {
      agenda.at(
          now + config.keepalive(),
          at -> {
            now = at;
            if (!duty.isDone()) {
              sayWorking(duty);
            }
          });
    }
  }

  private void expire(long at, Duty duty) {
    now = at;
    if (!duty.isDone()) {
      finish(duty);
    }
  }

  private void handToNext(Delegation delegation) {
    Optional<PeerRef> next = Intervals.candidate(view, delegation.interval, delegation.round);
    if (next.isEmpty() && ++delegation.rounds < ROUNDS) {
      delegation.round.clear();
      next = Intervals.candidate(view, delegation.interval, delegation.round);
    }
    if (next.isEmpty()) {
      // Nobody is left to ask. Who is still a member was missed; where nobody is, nothing is.
      Tally.Sum sum = new Tally.Sum();
      if (Intervals.count(view, delegation.interval) > 0) {
        sum.missed(delegation.interval);
      }
      delegation.result = sum.tally();
      return;
    }
    if (delegation.delegate != null) {
      redelegated++;
    }
    delegation.delegate = next.get();
    delegation.tried.add(next.get().id());
    delegation.round.add(next.get().id());
    delegation.sent = 0;
    send(delegation, next.get());
  }

  private void send(Delegation delegation, PeerRef to) {
    Remembered broadcast = delegation.duty.broadcast;
    byte[] payload = broadcast.payload;
    if (payload == null) {
      throw new IllegalStateException("an open duty has its payload");
    }
    delegation.sent++;
    delegation.attempt++;
    delegation.answered = false;
    delegation.heardAt = now;
    long left = Math.max(0, delegation.duty.deadlineAt - now);
    boolean mine = broadcast.origin.id().equals(effects.self().id());
    tasks++;
    effects.send(
        to,
        new Task(
            broadcast.origin,
            broadcast.id.sequence(),
            mine ? ownLowestOpen.getAsLong() : memory.lowestOpen(broadcast.id),
            delegation.interval,
            broadcast.topic,
            left - Math.min(left / 8, REPORT_TIME),
            payload));
    watch(delegation, now + config.ackTimeout());
  }

  private void watch(Delegation delegation, long until) {
    int attempt = delegation.attempt;
    agenda.at(
        until,
        at -> {
          now = at;
          if (!delegation.isOpen() || delegation.attempt != attempt) {
            return;
          }
          if (!delegation.answered) {
            repeatOrReplace(delegation);
          } else if (at - delegation.heardAt >= config.silence()) {
            replace(delegation);
          } else {
            watch(delegation, delegation.heardAt + config.silence());
          }
        });
  }

  private void repeatOrReplace(Delegation delegation) {
    PeerRef delegate = delegation.delegate;
    if (delegate != null && delegation.sent < SENDS) {
      repeated++;
      send(delegation, delegate);
    } else {
      replace(delegation);
    }
  }

  private void replace(Delegation delegation) {
    handToNext(delegation);
    settle(delegation.duty);
  }

  private void settle(Duty duty) {
    if (!duty.isDone() && !duty.isWaiting()) {
      finish(duty);
    }
  }

  private void finish(Duty duty) {
    Remembered broadcast = duty.broadcast;
    PeerId self = effects.self().id();
    Tally.Sum sum = new Tally.Sum();
    broadcast.refusal.ifPresentOrElse(code -> sum.refused(self, code), () -> sum.reached(self));
    for (Delegation delegation : duty.delegations) {
      if (delegation.result == null) {
        sum.missed(delegation.interval);
      } else {
        sum.add(delegation.result);
      }
    }
    open.remove(duty);
    Tally tally = sum.tally();
    duty.end(tally);
    byte[] payload = broadcast.payload;
    if (payload != null && !broadcast.hasOpenDuty()) {
      heldBytes -= payload.length;
      broadcast.payload = null;
    }
    for (PeerRef parent : duty.parents()) {
      effects.send(parent, new Done(broadcast.id, duty.interval, tally));
    }
  }

  void onWorking(long time, PeerId from, Working working) {
    now = time;
    for (Delegation delegation : delegations(working.id(), working.interval())) {
      if (delegation.isWith(from)) {
        delegation.answered = true;
        delegation.heardAt = time;
      }
    }
  }

  void onDone(long time, PeerId from, Done done) {
    now = time;
    for (Delegation delegation : delegations(done.id(), done.interval())) {
      if (delegation.tried.contains(from)) {
        delegation.result = done.tally();
        settle(delegation.duty);
      }
    }
  }

  private List<Delegation> delegations(BroadcastId id, Arc interval) {
    List<Delegation> found = new ArrayList<>();
    Remembered broadcast = memory.find(id);
    if (broadcast != null) {
      for (Duty duty : broadcast.duties.values()) {
        for (Delegation delegation : duty.delegations) {
          if (delegation.isOpen() && delegation.interval.equals(interval)) {
            found.add(delegation);
          }
        }
      }
    }
    return found;
  }

  void onLink(long time, PeerId peer, LinkEvent event) {
    now = time;
    if (event == LinkEvent.UP) {
      return;
    }
    for (Delegation delegation : allOpen()) {
      if (delegation.isOpen() && delegation.isWith(peer)) {
        if (event == LinkEvent.DOWN) {
          repeatOrReplace(delegation);
        } else {
          replace(delegation);
        }
      }
    }
  }

  void onTimer(long time) {
    now = time;
    agenda.run(time);
  }

  void onView(long time, RingView next) {
    now = time;
    view = next;
    for (Delegation delegation : allOpen()) {
      PeerRef delegate = delegation.delegate;
      if (delegation.isOpen() && delegate != null && view.find(delegate.id()).isEmpty()) {
        replace(delegation);
      }
    }
  }

  private List<Delegation> allOpen() {
    List<Delegation> all = new ArrayList<>();
    for (Duty duty : open) {
      all.addAll(duty.delegations);
    }
    return all;
  }
}
