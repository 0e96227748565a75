// The owner's side: accepts each message at most once, remembers what became of it, answers.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the messages that are pinned to this process. What was accepted, answered or refused is
 * remembered until the origin says that the message is closed; when there is no room to remember,
 * messages are refused, and nothing is forgotten early.
 */
final class Owner implements Pinning.LocalDelivery, ArcLedger.Memories {
  /** How long a quiet, empty origin is kept: no copy of a message lives longer (microseconds). */
  private static final long EMPTY_KEPT = 900_000_000;

  private static final long LONGEST_ASK_PAUSE = 30_000_000;

  /** From so many messages of one origin on, it is asked at once which are open. */
  private static final int MANY = 4_096;

  /** How often at most (microseconds): each answer costs a pass over all that is remembered. */
  private static final long PRESS_PAUSE = 100_000;

  /** No call lasts longer (microseconds). */
  private static final long LONGEST_LIFE = 600_000_000;

  private static final byte[] NONE = new byte[0];

  private final Surroundings around;
  private final OriginMemory.Total total = new OriginMemory.Total();
  private final Map<PeerId, OriginMemory> origins = new LinkedHashMap<>();
  private final Parking parking;
  private final LongSupplier ownFloor;
  private int inProgress;

  /** The time of the last step: the memory of an arc is asked for between steps. */
  long clock;

  /** What was accepted by another peer, from which this one has its key. */
  record Elsewhere(PeerRef acceptor) {}

  /** With the lowest open id of this peer's own calls. */
  Owner(Surroundings around, LongSupplier ownFloor) {
    this.around = around;
    this.ownFloor = ownFloor;
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

  int remembered() {
    return total.entries;
  }

  /** A message of this peer itself: its own call table is the memory. */
  @Override
  public @Nullable Refusal accept(long now, Envelope envelope) {
    Refusal refusal = mayServe(now, envelope);
    if (refusal == null) {
      Inbound inbound = new Inbound(envelope, around.self, now + envelope.remainingMicros());
      if (envelope.has(Envelope.WANDERED)) {
        OriginMemory memory = memory(now, envelope.origin());
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
  private static void noteStrays(OriginMemory memory, Inbound inbound) {
    Envelope envelope = inbound.envelope();
    if (inbound.routed != null || envelope.has(Envelope.WANDERED)) {
      memory.moves(envelope.id(), envelope.target());
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
      return notReady(envelope, Optional.empty());
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
      answer(from, envelope.origin(), refused(envelope.origin(), envelope.id(), other));
      return;
    }
    if (parking.takes(now, from, envelope, null, 0)) {
      return;
    }
    Inbound inbound = new Inbound(envelope, from, now + envelope.remainingMicros());
    Answer answer = accept(now, from, inbound, false);
    if (answer != null) {
      answer(from, envelope.origin(), answer);
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
      giveBack(now, inbound, refused(envelope.origin(), envelope.id(), nobody));
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
      giveBack(now, inbound, answer);
    }
  }

  /** Delivers a message unless there is something to be said instead. */
  private @Nullable Answer accept(long now, PeerRef from, Inbound inbound, boolean tooYoung) {
    Envelope envelope = inbound.envelope();
    long id = envelope.id();
    PeerId origin = envelope.origin();
    OriginMemory memory = memory(now, origin);
    if (memory == null) {
      // Without an answer its origin reports it as unknown, which is the truth.
      around.counters.drop("too many origins");
      return null;
    }
    memory.closeBelow(envelope.lowestOpen());
    if (memory.isClosed(id)) {
      around.counters.drop("closed before it came");
      return closed(origin, id, envelope.attempt());
    }
    Object known = memory.get(id);
    if (known != null
        && !(known instanceof Refusal refusal && refusal.attempt() < envelope.attempt())) {
      around.counters.drop("repeated");
      return again(origin, id, envelope.attempt(), known);
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
      return refused(origin, id, refusal);
    }
    memory.put(id, inbound);
    noteStrays(memory, inbound);
    deliver(inbound);
    if (memory.size() >= MANY && now - memory.pressedAt >= PRESS_PAUSE) {
      // Many are open, or one old call holds the floor down: the origin can tell which.
      memory.pressedAt = now;
      around.offer(around.neighbour(from), new RoutingFrame.SettleQuery());
    }
    return null;
  }

  private @Nullable Refusal mayAccept(
      long now, OriginMemory memory, Envelope envelope, boolean isNew, boolean tooYoung) {
    boolean full =
        total.entries >= around.config.maxRemembered()
            || total.bytes + envelope.body().length > around.config.maxRememberedBytes();
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

  @Override
  public void forEachAccepted(Key after, Key upTo, ArcLedger.Visitor visitor) {
    long now = clock;
    origins.forEach(
        (origin, memory) -> {
          if (memory.strayUntil <= now) {
            return;
          }
          visitor.origin(origin, memory.floor(), memory.strayUntil - now);
          memory.forEachMoving(
              after,
              upTo,
              (id, key) -> {
                PeerRef acceptor =
                    memory.get(id) instanceof Elsewhere elsewhere
                        ? elsewhere.acceptor()
                        : around.self;
                visitor.accepted(origin, id, key, acceptor);
              });
        });
  }

  @Override
  public boolean close(PeerId origin, long lowestOpen, long straysFor) {
    OriginMemory memory = memory(clock, origin);
    if (memory == null) {
      return false;
    }
    memory.strayUntil = Math.max(memory.strayUntil, clock + Math.min(straysFor, LONGEST_LIFE));
    memory.closeBelow(lowestOpen);
    return true;
  }

  @Override
  public boolean remember(PeerId origin, long id, Key key, PeerRef acceptor) {
    OriginMemory memory = memory(clock, origin);
    if (memory == null || total.entries >= around.config.maxRemembered()) {
      return false;
    }
    Object known = memory.get(id);
    // What was refused here was accepted there all the same: under another attempt.
    if (!memory.isClosed(id) && (known == null || known instanceof Refusal)) {
      memory.put(id, new Elsewhere(acceptor));
      memory.moves(id, key);
    }
    return true;
  }

  private @Nullable OriginMemory memory(long now, PeerId origin) {
    OriginMemory memory = origins.get(origin);
    if (memory == null && origins.size() < around.config.maxOrigins()) {
      memory = new OriginMemory(total);
      origins.put(origin, memory);
    }
    if (memory != null) {
      memory.heardAt = now;
    }
    return memory;
  }

  private Answer whatBecameOf(OriginMemory memory, PeerId origin, long id, int attempt) {
    Object known = memory.get(id);
    if (memory.isClosed(id)) {
      return closed(origin, id, attempt);
    }
    // The refusal of an earlier attempt says nothing of this one: its copy was lost.
    if (known == null || (known instanceof Refusal refusal && refusal.attempt() < attempt)) {
      return plain(origin, id, attempt, Verdict.MISSING, 0);
    }
    return again(origin, id, attempt, known);
  }

  /** The origin asks what became of a message. */
  void query(long now, PeerRef from, Query query) {
    OriginMemory memory = memory(now, query.origin());
    if (memory == null) {
      return;
    }
    memory.closeBelow(query.lowestOpen());
    Answer answer = whatBecameOf(memory, query.origin(), query.id(), query.attempt());
    answer(from, query.origin(), answer);
  }

  /**
   * The origin asks, by key, what became of a message; this peer holds the key or is the witness.
   */
  void query(long now, PeerRef from, KeyQuery query) {
    OriginMemory memory = memory(now, query.origin());
    if (memory == null) {
      return;
    }
    memory.closeBelow(query.lowestOpen());
    Answer answer = whatBecameOf(memory, query.origin(), query.id(), query.attempt());
    send(
        from,
        new Returned(
            answer, 0, true, query.path().size() + 1, arc(now, query.target()), query.path()),
        true);
  }

  /** What this peer says of its arc; empty if it does not hold the key. */
  private Optional<Arc> arc(long now, Key key) {
    if (!holds(key, now)) {
      return Optional.empty();
    }
    Holding.Tenure tenure = around.view.holding().tenure(OwnershipMode.STRICT);
    long heldFor = Math.max(0, now - heldSince(key));
    return Optional.of(new Arc(around.self, tenure.after(), tenure.epoch(), heldFor));
  }

  /**
   * Since when everything is known that was accepted for a key; in the future if it is not held.
   */
  private long heldSince(Key key) {
    return around.view.holding().tenure(OwnershipMode.STRICT).since(key).orElse(Long.MAX_VALUE / 2);
  }

  /** Answers a message that came without a pin. */
  private void giveBack(long now, Inbound inbound, Answer answer) {
    Routed routed = inbound.routed;
    if (routed == null) {
      return;
    }
    Returned returned =
        new Returned(
            answer,
            routed.copy(),
            false,
            routed.path().size() + 1,
            arc(now, inbound.envelope().target()),
            routed.path());
    // Each peer on the way must see a refusal: it may know of another copy.
    send(inbound.via(), returned, !answer.verdict().refusal());
  }

  private void send(PeerRef via, Returned returned, boolean mayGoStraight) {
    Neighbour origin = around.find(returned.answer().to());
    boolean straight = mayGoStraight && origin != null && origin.up;
    Neighbour way = straight && origin != null ? origin : around.neighbour(via);
    List<PeerId> path = returned.path();
    List<PeerId> rest =
        straight || path.isEmpty() ? List.of() : List.copyOf(path.subList(0, path.size() - 1));
    Returned sent =
        new Returned(
            returned.answer(),
            returned.copy(),
            returned.inDoubt(),
            returned.hops(),
            returned.arc(),
            rest);
    if (!around.offer(way, sent)) {
      around.counters.drop("no room for an answer; it is kept");
    }
  }

  /** The origin says which of its messages are open. */
  void settled(PeerId origin, RoutingFrame.Settled settled) {
    OriginMemory memory = origins.get(origin);
    if (memory != null) {
      int before = memory.size();
      memory.settle(settled.mark(), settled.open());
      if (memory.size() < before) {
        memory.askPause = 0;
      }
    }
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
      return plain(origin, id, attempt, Verdict.PROCESSED, done.epoch());
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
    OriginMemory memory = origins.get(origin);
    if (memory != null && memory.get(id) == inbound) {
      memory.put(id, entry);
    } else if (!around.isSelf(origin)) {
      around.counters.drop("answered after it was closed");
      return null;
    }
    return again(origin, id, attempt, entry);
  }

  private Answer again(PeerId origin, long id, int attempt, Object entry) {
    if (entry instanceof Refusal refusal) {
      return refused(origin, id, refusal);
    } else if (entry instanceof Elsewhere elsewhere) {
      Refusal there =
          new Refusal(
              attempt, Verdict.ELSEWHERE, ErrorCode.NOT_READY, Optional.of(elsewhere.acceptor()));
      return refused(origin, id, there);
    } else if (entry instanceof Outcome.Replied reply) {
      return new Answer(
          origin,
          around.self.id(),
          id,
          attempt,
          Verdict.REPLIED,
          reply.epoch(),
          ErrorCode.PROTOCOL_ERROR,
          Optional.empty(),
          reply.body());
    } else if (entry instanceof Outcome.Failed failed) {
      return failed(origin, id, attempt, failed.code(), failed.detail());
    } else if (entry instanceof Outcome.Acknowledged done) {
      Verdict verdict = done.processed() ? Verdict.PROCESSED : Verdict.ENQUEUED;
      return plain(origin, id, attempt, verdict, done.epoch());
    }
    boolean turnEnded = entry instanceof Inbound inbound && inbound.processed;
    return plain(origin, id, attempt, turnEnded ? Verdict.PROCESSED : Verdict.ACCEPTED, 0);
  }

  private Answer plain(PeerId origin, long id, int attempt, Verdict verdict, long epoch) {
    return new Answer(
        origin,
        around.self.id(),
        id,
        attempt,
        verdict,
        epoch,
        ErrorCode.PROTOCOL_ERROR,
        Optional.empty(),
        NONE);
  }

  private Answer closed(PeerId origin, long id, int attempt) {
    return failed(
        origin,
        id,
        attempt,
        ErrorCode.DELIVERY_UNKNOWN,
        "its owner took it as closed and forgot what became of it");
  }

  private Answer failed(PeerId origin, long id, int attempt, ErrorCode code, String detail) {
    String shown = detail.length() <= 1_000 ? detail : detail.substring(0, 1_000) + "…";
    return new Answer(
        origin,
        around.self.id(),
        id,
        attempt,
        Verdict.FAILED,
        0,
        code,
        Optional.empty(),
        shown.getBytes(StandardCharsets.UTF_8));
  }

  private Answer refused(PeerId origin, long id, Refusal refusal) {
    return new Answer(
        origin,
        around.self.id(),
        id,
        refusal.attempt(),
        refusal.verdict(),
        0,
        refusal.code(),
        refusal.hint(),
        NONE);
  }

  /**
   * Sends an answer: straight if there is a link, else the way the message came. If it is lost, the
   * origin asks again.
   */
  void answer(long now, Inbound inbound, Answer answer) {
    if (inbound.routed != null) {
      giveBack(now, inbound, answer);
    } else {
      answer(inbound.via(), answer.to(), answer);
    }
  }

  private void answer(PeerRef via, PeerId origin, Answer answer) {
    Neighbour straight = around.find(origin);
    Neighbour way = straight != null && straight.up ? straight : around.neighbour(via);
    if (!around.offer(way, answer)) {
      around.counters.drop("no room for an answer; it is kept");
    }
  }

  /** When {@link #sweep} is due next; {@link Long#MAX_VALUE} if nothing is remembered. */
  long nextSweep(long now) {
    return total.entries == 0 ? Long.MAX_VALUE : now + around.config.settleEvery();
  }

  /** When a message has waited long enough for a lease. */
  long nextRelease() {
    return parking.nextEnd();
  }

  /** Refuses what has waited long enough for a lease. */
  void releaseLate(long now) {
    release(now, parking.late(now));
  }

  /** Asks quiet origins which of their messages are still open, and forgets those that are gone. */
  void sweep(long now) {
    Iterator<Map.Entry<PeerId, OriginMemory>> all = origins.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<PeerId, OriginMemory> entry = all.next();
      PeerId origin = entry.getKey();
      OriginMemory memory = entry.getValue();
      if (around.isSelf(origin)) {
        memory.closeBelow(ownFloor.getAsLong());
        continue;
      }
      Neighbour link = around.find(origin);
      boolean up = link != null && link.up;
      boolean known = up || around.view.find(origin).isPresent();
      long quiet = now - memory.heardAt;
      if (memory.size() == 0) {
        if (!known && quiet > EMPTY_KEPT) {
          all.remove();
        }
      } else if (!known && quiet > around.config.forgetAfter()) {
        memory.closeAll();
      } else if (known && now - memory.askedAt >= memory.askPause) {
        memory.askedAt = now;
        memory.askPause =
            Math.min(LONGEST_ASK_PAUSE, Math.max(around.config.settleEvery(), 2 * memory.askPause));
        Neighbour to =
            link != null ? link : around.neighbour(around.view.find(origin).orElseThrow());
        around.offer(to, new RoutingFrame.SettleQuery());
      }
    }
  }
}
