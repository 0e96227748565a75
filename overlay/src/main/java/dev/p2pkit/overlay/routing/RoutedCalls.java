// Calls whose owner is not known here: they leave without a pin, and this finds out what became of
// them.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The origin's side of messages without a pin. Two things end an attempt for certain, so that
 * another may begin: each copy that has left was refused and none was doubled on its way; or a peer
 * that has held the key since before the first copy left says that it has not accepted it and will
 * not.
 */
final class RoutedCalls {
  /** After so long without an answer the holder of the key is asked. */
  private static final long FIRST_PATIENCE = 400_000;

  private static final int MOST_DOUBLINGS = 3;
  private static final Key ONE = Key.of(1);
  private static final int MOST_COPIES = 8;
  private static final int MOST_DENIALS = 2;

  /** So many of a lane are under way without a pin before one of them has been answered. */
  private static final int MOST_AHEAD = 64;

  /** What the host of this needs from whoever decides where calls go. */
  interface Way {
    /** Nothing was accepted anywhere: the call may go again. */
    void again(long now, Call call, ErrorCode code, boolean atOnce, String who);

    /** Not accepted anywhere, because the one before it in its lane was not there. */
    void outOfOrder(long now, Call call, String who);

    /** The owner has said that the message is there. */
    void accepted(long now, Call call);

    /** It may have been accepted by a peer that is gone. */
    void lost(long now, Call call, String detail);
  }

  private final Surroundings around;
  private final Calls calls;
  private final Passages passages;
  private final Directions directions;
  private final Way way;

  RoutedCalls(Surroundings around, Calls calls, Passages passages, Directions directions, Way way) {
    this.around = around;
    this.calls = calls;
    this.passages = passages;
    this.directions = directions;
    this.way = way;
  }

  /**
   * Whether a call may leave now: the first of its lane, or behind one that is under way without a
   * pin too. Whoever accepts it checks the order; the bound keeps one that is lost on the way from
   * costing the refusal of very many.
   */
  boolean mayFollow(Call call) {
    Call before = call.laneBefore;
    if (before == null) {
      call.ahead = 0;
      return true;
    }
    call.ahead = before.accepted ? 0 : before.ahead + 1;
    return before.unpinned() && call.ahead < MOST_AHEAD;
  }

  /** Sends the first copy of an attempt. */
  void send(long now, Call call) {
    call.copies = 0;
    call.copiesSent = 0;
    call.firstLeftAt = now;
    call.witness = null;
    call.denials = 0;
    call.wandered = true;
    calls.underWay(now, call, now + FIRST_PATIENCE);
    copy(now, call, Optional.empty());
  }

  private void copy(long now, Call call, Optional<PeerId> avoid) {
    int copy = call.copiesSent++;
    call.copies |= 1 << copy;
    call.exposures = Integer.bitCount(call.copies);
    call.sentAt = now;
    PeerId first = passages.start(now, envelope(now, call), copy, now - call.firstLeftAt, avoid);
    if (call.unpinned()) {
      call.relay = first;
    }
  }

  private Envelope envelope(long now, Call call) {
    Draft draft = call.draft;
    Call before = call.laneBefore;
    return new Envelope(
        around.self.id(),
        call.id,
        calls.lowestOpen(),
        before == null ? 0 : before.id,
        draft.byKey(),
        draft.target(),
        new PeerId(draft.target()),
        0,
        call.attempt,
        RoutedFrame.MOST_HOPS,
        draft.accessPoint(),
        draft.flags(),
        draft.serviceEpoch(),
        Math.max(0, call.deadlineAt - now),
        draft.trace(),
        draft.replyTo(),
        draft.body());
  }

  /** Silence for too long: whoever holds the key is asked. */
  void wake(long now, Call call) {
    call.queries = Math.min(call.queries + 1, 100);
    calls.wake(now, call, now + (FIRST_PATIENCE << Math.min(call.queries - 1, MOST_DOUBLINGS)));
    PeerId witness = call.witness;
    Key target = witness == null ? call.draft.target() : witness.position();
    ask(
        new KeyQuery(
            around.self.id(),
            call.id,
            call.attempt,
            calls.lowestOpen(),
            target,
            Optional.ofNullable(witness),
            RoutedFrame.MOST_HOPS,
            List.of()),
        call.queries - 1);
  }

  private void ask(KeyQuery query, int skip) {
    if (!directions.ask(query, skip)) {
      around.counters.drop("nobody to ask about a message");
    }
  }

  /** Something has come back for a call of this peer. */
  void returned(long now, Returned returned) {
    Answer answer = returned.answer();
    Call call = calls.find(answer.id());
    if (call == null || !call.unpinned()) {
      around.counters.drop("answer to a call that is not open");
      return;
    }
    PeerId from = answer.owner();
    returned.arc().filter(arc -> fits(arc, call, from)).ifPresent(this::learn);
    Verdict verdict = answer.verdict();
    call.hops = returned.hops();
    if (verdict == Verdict.PROCESSED && !call.rpc()) {
      calls.end(call, new Outcome.Acknowledged(from, true, answer.epoch()));
    } else if (verdict == Verdict.ENQUEUED && !call.rpc()) {
      calls.end(call, new Outcome.Acknowledged(from, false, answer.epoch()));
    } else if (verdict == Verdict.REPLIED) {
      calls.end(call, new Outcome.Replied(from, answer.body(), answer.epoch()));
    } else if (verdict == Verdict.FAILED) {
      around.counters.drop(answer.code().name());
      String detail = new String(answer.body(), StandardCharsets.UTF_8);
      calls.end(call, new Outcome.Failed(answer.code(), detail, from));
    } else if (verdict == Verdict.PROCESSED
        || verdict == Verdict.ENQUEUED
        || verdict == Verdict.ACCEPTED) {
      accepted(now, call, returned);
    } else if (verdict == Verdict.ELSEWHERE) {
      askThere(now, call, answer.hint());
    } else if (answer.attempt() == call.attempt) {
      notThere(now, call, returned);
    }
  }

  private void learn(Arc arc) {
    PeerRef owner = around.believed(arc.owner());
    around.arcs.learn(new Arc(owner, arc.from(), arc.epoch(), arc.heldFor()));
  }

  /**
   * An arc is remembered only if it is that of the peer that answers, and holds the key, and no
   * peer that is known here: a liar would get the messages for all of them.
   */
  private boolean fits(Arc arc, Call call, PeerId from) {
    return call.draft.byKey()
        && arc.owner().id().equals(from)
        && call.draft.target().isIn(arc.from(), from.position())
        && !holdsAnother(arc, from);
  }

  private boolean holdsAnother(Arc arc, PeerId from) {
    PeerId first = around.view.owner(arc.from().plus(ONE)).id();
    return !first.equals(from) && first.position().isIn(arc.from(), from.position());
  }

  private void accepted(long now, Call call, Returned returned) {
    call.acceptor = returned.answer().owner();
    call.witness = call.acceptor;
    if (returned.answer().verdict() == Verdict.PROCESSED) {
      call.processed = true;
      calls.leaveLane(call);
    }
    way.accepted(now, call);
    calls.wake(now, call, now + (FIRST_PATIENCE << Math.min(call.queries + 1, MOST_DOUBLINGS)));
  }

  /** The holder of the key has it from another that accepted the message: ask that one. */
  private void askThere(long now, Call call, Optional<PeerRef> acceptor) {
    if (acceptor.isPresent() && !acceptor.get().id().equals(call.witness)) {
      call.witness = acceptor.get().id();
      calls.wake(now, call, now);
    }
  }

  private void notThere(long now, Call call, Returned returned) {
    Answer answer = returned.answer();
    String who = "peer " + answer.owner().shortText();
    Arc arc = returned.arc().orElse(null);
    PeerId acceptor = call.witness;
    if (acceptor == null && !call.draft.byKey()) {
      PeerId named = new PeerId(call.draft.target());
      acceptor = answer.owner().equals(named) ? null : named;
    }
    if (answer.verdict() == Verdict.MISSING && acceptor != null) {
      denied(now, call, acceptor);
      return;
    }
    if (call.witness != null) {
      return;
    }
    if (answer.verdict() == Verdict.MISSING) {
      missing(now, call, arc, who);
      return;
    }
    if (!returned.inDoubt()) {
      call.copies &= ~(1 << returned.copy());
      call.exposures = Integer.bitCount(call.copies);
    }
    boolean bounced = answer.verdict() == Verdict.BOUNCED;
    if (call.copies == 0 || (!bounced && knewBefore(now, call, arc))) {
      if (answer.verdict() == Verdict.OUT_OF_ORDER) {
        way.outOfOrder(now, call, who);
      } else if (answer.verdict() == Verdict.TOO_YOUNG || bounced) {
        call.problem = bounced ? answer.code() : call.problem;
        way.again(now, call, ErrorCode.NOT_READY, !bounced, who);
      } else {
        way.again(now, call, answer.code(), false, who);
      }
    } else {
      // Another copy may be under way: what became of it is for the holder of the key to say.
      calls.wake(now, call, now + around.config.retryFirst());
    }
  }

  /** Whether a peer has known of everything accepted for the key since before the call left. */
  private static boolean knewBefore(long now, Call call, @Nullable Arc arc) {
    return arc != null && now - (arc.heldFor() - (arc.heldFor() >> 6)) < call.firstLeftAt;
  }

  /** Whoever should have it does not: it is gone, unless the word is older than the message. */
  private void denied(long now, Call call, PeerId acceptor) {
    if (++call.denials >= MOST_DENIALS) {
      way.lost(now, call, "peer " + acceptor.shortText() + ", which may have had it, is gone");
    } else {
      calls.wake(now, call, now + around.config.retryMost());
    }
  }

  private void missing(long now, Call call, @Nullable Arc arc, String who) {
    if (arc == null) {
      return;
    }
    if (!call.draft.byKey() || knewBefore(now, call, arc)) {
      if (call.copiesSent < MOST_COPIES) {
        copy(now, call, Optional.ofNullable(call.relay));
      }
    } else {
      way.lost(now, call, who + " holds its key since it left, and cannot tell");
    }
  }
}
