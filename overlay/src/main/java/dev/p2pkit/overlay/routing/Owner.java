// The owner's side: accepts each message at most once, remembers what became of it, answers.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the messages that are pinned to this process. What was accepted, answered or refused is
 * remembered until the origin says that the message is closed; when there is no room to remember,
 * messages are refused, and nothing is forgotten early.
 */
final class Owner implements PinnedCopies.LocalDelivery {
  /** From so many messages of one origin on, it is asked at once which are open. */
  private static final int MANY = 4_096;

  /** How often at most (microseconds): each answer costs a pass over all that is remembered. */
  static final long PRESS_PAUSE = 100_000;

  private final Surroundings around;
  private final Origins origins;
  private final Answers answers;
  private final Parking parking;
  private int inProgress;

  Owner(Surroundings around, Origins origins, Answers answers) {
    this.around = around;
    this.origins = origins;
    this.answers = answers;
    parking = new Parking(around);
  }

  /** The ring has changed: what waited for a lease is looked at again. */
  void viewChanged(long now) {
    release(now, parking.all(now));
  }

  private void release(long now, List<Parking.Waiting> waiting) {
    parking.releasing = true;
    for (Parking.Waiting next : waiting) {
      Envelope envelope =
          next.envelope()
              .travelled(
                  next.envelope().hops(), next.envelope().remainingMicros() - (now - next.since()));
      Routed routed = next.routed();
      if (routed == null) {
        receive(now, next.from(), envelope);
      } else {
        Routed rested =
            new Routed(envelope, routed.copy(), routed.age(), routed.stamp(), routed.path());
        receive(now, next.from(), rested, next.age() + (now - next.since()));
      }
    }
    parking.releasing = false;
  }

  int inProgress() {
    return inProgress;
  }

  /** A message of this peer itself: its own call table is the memory. */
  @Override
  public @Nullable Refusal accept(long now, Envelope envelope) {
    Refusal refusal = mayServe(now, envelope);
    if (refusal == null) {
      Inbound inbound = new Inbound(envelope, around.self, now + envelope.remainingMicros());
      if (envelope.has(Envelope.WANDERED)) {
        OriginMemory memory = origins.memory(now, envelope.origin(), around.self.id());
        if (memory == null) {
          return new Refusal(envelope.attempt(), Verdict.REFUSED, ErrorCode.BUSY, Optional.empty());
        }
        memory.put(envelope.id(), inbound);
        noteStrays(memory, inbound);
      }
      deliver(inbound);
    }
    return refusal;
  }

  /** Copies of a message that left without a pin may still be under way while it could live. */
  private void noteStrays(OriginMemory memory, Inbound inbound) {
    Envelope envelope = inbound.envelope();
    if (inbound.routed != null || envelope.has(Envelope.WANDERED)) {
      origins.moves(memory, envelope.id(), envelope.target());
      memory.strayUntil = Math.max(memory.strayUntil, inbound.deadlineAt());
    }
  }

  private void deliver(Inbound inbound) {
    inProgress++;
    around.counters.delivered++;
    around.outbox.deliver(inbound);
  }

  private @Nullable Refusal mayServe(long now, Envelope envelope) {
    if (around.leaving && !around.isSelf(envelope.origin())) {
      return notReady(envelope, heir(envelope));
    }
    if (!envelope.byKey() || around.owns(envelope.target(), now, envelope.accessPoint())) {
      return null;
    }
    if (!around.view.joined()) {
      return notReady(envelope, Optional.empty());
    }
    if (!around.view.isExact(envelope.target())) {
      return notReady(envelope, Optional.empty());
    }
    PeerRef other = around.view.owner(envelope.target());
    return notReady(
        envelope, Optional.of(around.isSelf(other.id()) ? around.view.predecessor() : other));
  }

  /** Who took the keys over that this peer held when it left its ring. */
  private Optional<PeerRef> heir(Envelope envelope) {
    return around
        .before
        .filter(ring -> envelope.byKey() && around.isSelf(ring.owner(envelope.target()).id()))
        .flatMap(ring -> ring.successors().stream().findFirst());
  }

  private Refusal notReady(Envelope envelope, Optional<PeerRef> hint) {
    return new Refusal(
        envelope.attempt(),
        Verdict.REFUSED,
        ErrorCode.NOT_READY,
        hint.filter(other -> !around.isSelf(other.id())));
  }

  /** Whether this peer may serve a message now. */
  boolean holds(Envelope envelope, long now) {
    return around.owns(envelope.target(), now, envelope.accessPoint());
  }

  /** Whether this peer may speak for a key now. */
  boolean holds(Key key, long now) {
    return around.view.owns(key, now);
  }

  /** Whether this peer is about to hold the key of a message. */
  boolean isNominal(Envelope envelope, long now) {
    return parking.isNominal(envelope, now);
  }

  /** A message from another peer, pinned to this one. */
  void receive(long now, PeerRef from, Envelope envelope) {
    if (envelope.pinnedIncarnation() != around.self.incarnation()) {
      Refusal other =
          new Refusal(
              envelope.attempt(),
              Verdict.OTHER_PROCESS,
              ErrorCode.NOT_READY,
              Optional.of(around.self));
      answers.answer(
          from, envelope.origin(), answers.refused(envelope.origin(), envelope.id(), other));
      return;
    }
    if (parking.takes(now, from, envelope, null, 0)) {
      return;
    }
    Inbound inbound = new Inbound(envelope, from, now + envelope.remainingMicros());
    Answer answer = accept(now, from, inbound, false);
    if (answer != null) {
      answers.answer(from, envelope.origin(), answer);
    }
  }

  /** A message without a pin, for a key that this peer holds. */
  void receive(long now, PeerRef from, Routed routed, long age) {
    Envelope envelope = routed.envelope();
    if (parking.takes(now, from, envelope, routed, age)) {
      return;
    }
    Inbound inbound = new Inbound(envelope, from, now + envelope.remainingMicros(), routed);
    boolean named = !envelope.byKey();
    if (named && !around.isSelf(envelope.pinned())) {
      Refusal nobody =
          new Refusal(
              envelope.attempt(), Verdict.REFUSED, ErrorCode.NO_SUCH_PEER, Optional.empty());
      answers.giveBack(now, inbound, answers.refused(envelope.origin(), envelope.id(), nobody));
      return;
    }
    // Of a message for this very peer, no other can have accepted a copy; an earlier process may.
    long since =
        named
            ? around.startedAt
            : around
                .heldSince(envelope.target(), envelope.accessPoint())
                .orElse(Long.MAX_VALUE / 2);
    Answer answer = accept(now, from, inbound, since >= now - age);
    if (answer != null) {
      answers.giveBack(now, inbound, answer);
    }
  }

  /** Delivers a message unless there is something to be said instead. */
  private @Nullable Answer accept(long now, PeerRef from, Inbound inbound, boolean tooYoung) {
    Envelope envelope = inbound.envelope();
    long id = envelope.id();
    PeerId origin = envelope.origin();
    OriginMemory memory = origins.memory(now, origin, from.id());
    if (memory == null) {
      // Without an answer its origin reports it as unknown, which is the truth.
      around.counters.drop("too many origins");
      return null;
    }
    memory.closeBelow(envelope.lowestOpen());
    boolean mayStray = inbound.routed != null || envelope.has(Envelope.WANDERED);
    boolean stray = !memory.isClosed(id) && mayStray && memory.isStray(id, now);
    if (stray) {
      // By the word of another. Whether it is true only the origin can tell.
      origins.press(now, origin, memory);
    }
    if (stray || memory.isClosed(id)) {
      around.counters.drop("closed before it came");
      return answers.closed(origin, id, envelope.attempt());
    }
    Object known = memory.get(id);
    if (known != null
        && !(known instanceof Refusal refusal && refusal.attempt() < envelope.attempt())) {
      around.counters.drop("repeated");
      return answers.again(origin, id, envelope.attempt(), known);
    }
    if (envelope.remainingMicros() <= 0) {
      around.counters.drop("too late");
      return null;
    }
    Refusal refusal = mayAccept(now, memory, envelope, known == null, tooYoung);
    if (refusal != null) {
      if (refusal.code() != ErrorCode.BUSY) {
        memory.put(id, refusal);
      }
      return answers.refused(origin, id, refusal);
    }
    memory.put(id, inbound);
    noteStrays(memory, inbound);
    deliver(inbound);
    if (memory.size() >= MANY) {
      // Many are open, or one old call holds the floor down: the origin can tell which.
      origins.press(now, origin, memory);
    }
    return null;
  }

  private @Nullable Refusal mayAccept(
      long now, OriginMemory memory, Envelope envelope, boolean isNew, boolean tooYoung) {
    boolean full = origins.isFull(memory, envelope.body().length);
    if (isNew && (full || memory.refusesNew(envelope.id()))) {
      around.counters.drop("no room to remember");
      memory.refuseUpTo(envelope.id());
      return new Refusal(envelope.attempt(), Verdict.REFUSED, ErrorCode.BUSY, Optional.empty());
    }
    Refusal refusal = mayServe(now, envelope);
    if (refusal == null && tooYoung) {
      around.counters.drop("left before this peer held its key");
      return new Refusal(
          envelope.attempt(), Verdict.TOO_YOUNG, ErrorCode.NOT_READY, Optional.empty());
    }
    if (refusal == null && envelope.after() != 0 && !memory.hasAcceptedHere(envelope.after())) {
      return new Refusal(
          envelope.attempt(), Verdict.OUT_OF_ORDER, ErrorCode.NOT_READY, Optional.empty());
    }
    return refusal;
  }

  private Answer whatBecameOf(
      long now, PeerRef from, PeerId origin, long id, int attempt, long lowestOpen) {
    OriginMemory memory = origins.find(origin);
    if (memory == null) {
      return answers.plain(origin, id, attempt, Verdict.MISSING, 0);
    }
    memory.heardAt = now;
    if (from.id().equals(origin)) {
      memory.closeBelow(lowestOpen);
    }
    if (memory.isClosed(id)) {
      return answers.closed(origin, id, attempt);
    }
    Object known = memory.get(id);
    // The refusal of an earlier attempt says nothing of this one: its copy was lost.
    if (known == null || (known instanceof Refusal refusal && refusal.attempt() < attempt)) {
      return answers.plain(origin, id, attempt, Verdict.MISSING, 0);
    }
    return answers.again(origin, id, attempt, known);
  }

  /** The origin asks what became of a message. */
  void query(long now, PeerRef from, Query query) {
    Answer answer =
        whatBecameOf(now, from, query.origin(), query.id(), query.attempt(), query.lowestOpen());
    answers.answer(from, query.origin(), answer);
  }

  /**
   * The origin asks, by key, what became of a message; this peer holds the key or is the witness.
   */
  void query(long now, PeerRef from, KeyQuery query) {
    Answer answer =
        whatBecameOf(now, from, query.origin(), query.id(), query.attempt(), query.lowestOpen());
    answers.send(
        from,
        new Returned(
            answer,
            0,
            true,
            query.path().size() + 1,
            answers.arc(now, query.target()),
            query.path()),
        true);
  }

  /** What the host makes of a message that was delivered; empty if nothing is to be said. */
  @Nullable Answer complete(Inbound inbound, Outcome outcome) {
    Envelope envelope = inbound.envelope();
    if (inbound.finished) {
      return null;
    }
    PeerId origin = envelope.origin();
    long id = envelope.id();
    int attempt = envelope.attempt();
    if (outcome instanceof Outcome.Acknowledged done && envelope.has(Envelope.RPC)) {
      if (!done.processed() || inbound.processed) {
        return null;
      }
      inbound.processed = true;
      // Its turn is over: whether somebody still replies is no reason to wait for it.
      inProgress--;
      return answers.plain(origin, id, attempt, Verdict.PROCESSED, done.epoch());
    }
    if (outcome instanceof Outcome.Acknowledged early
        && !early.processed()
        && !envelope.has(Envelope.ACK_ENQUEUED)) {
      return null;
    }
    inbound.finished = true;
    if (!inbound.processed) {
      inProgress--;
    }
    Object entry = outcome;
    if (outcome instanceof Outcome.Replied reply && reply.body().length > around.config.maxBody()) {
      entry =
          new Outcome.Failed(
              ErrorCode.DELIVERY_UNKNOWN,
              "it was processed, but the reply of "
                  + reply.body().length
                  + " bytes is over the limit of "
                  + around.config.maxBody(),
              around.self.id());
    } else if (outcome instanceof Outcome.Failed failed && failed.code() == ErrorCode.NOT_READY) {
      entry = new Refusal(attempt, Verdict.REFUSED, ErrorCode.NOT_READY, Optional.empty());
    }
    OriginMemory memory = origins.find(origin);
    if (memory != null && memory.get(id) == inbound) {
      memory.put(id, entry);
    } else if (!around.isSelf(origin)) {
      around.counters.drop("answered after it was closed");
      return null;
    }
    return answers.again(origin, id, attempt, entry);
  }

  /** When a message has waited long enough for a lease. */
  long nextRelease() {
    return parking.nextEnd();
  }

  /** Refuses what has waited long enough for a lease. */
  void releaseLate(long now) {
    release(now, parking.late(now));
  }
}
