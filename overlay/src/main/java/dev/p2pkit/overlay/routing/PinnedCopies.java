// How the copies of a pinned call leave: to this peer itself, straight over the link, or by a
// relay.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.sdk.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Sends the copies of calls to the process they are pinned to, within what one peer may owe: so
 * many calls and bytes without an answer, and what the link has room for.
 */
final class PinnedCopies {
  private static final int RELAYS_ON_THE_WAY = 1;
  private static final int MOST_QUERY_DOUBLINGS = 5;

  private final Surroundings around;
  private final Calls calls;
  private final LocalDelivery here;

  /** Accepts messages of this peer for this peer. */
  interface LocalDelivery {
    /** Takes the message of a call, or says why not. */
    @Nullable Refusal accept(long now, Envelope envelope);
  }

  PinnedCopies(Surroundings around, Calls calls, LocalDelivery here) {
    this.around = around;
    this.calls = calls;
    this.here = here;
  }

  /** Delivers a call to this peer itself, or says why not. */
  @Nullable Refusal deliverHere(long now, Call call, Neighbour link) {
    call.exposures = 1;
    call.sentAt = now;
    call.relay = null;
    call.session = link.session;
    call.hops = 0;
    calls.sent(now, call, around.self, link, Long.MAX_VALUE);
    Refusal refusal = here.accept(now, envelope(now, call, around.self, 0));
    if (refusal == null) {
      calls.release(call.laneAfter);
    }
    return refusal;
  }

  /** Sends a call over the open link to its owner. */
  void sendStraight(long now, Call call, PeerRef owner, Neighbour link) {
    boolean first = call.exposures == 0;
    if (first && link.unanswered >= around.config.maxUnanswered()) {
      calls.giveUp(
          call,
          ErrorCode.BUSY,
          link.unanswered + " calls wait for an answer of peer " + owner.id().shortText());
      return;
    }
    long bytes = link.unansweredBytes + call.draft.body().length;
    if (first && link.unanswered > 0 && bytes > around.config.maxUnansweredBytes()) {
      calls.giveUp(
          call,
          ErrorCode.BUSY,
          link.unansweredBytes + " bytes wait for an answer of peer " + owner.id().shortText());
      return;
    }
    if (!around.offer(link, envelope(now, call, owner, 0))) {
      if (first) {
        calls.giveUp(
            call, ErrorCode.BUSY, "the link to peer " + owner.id().shortText() + " is full");
      } else {
        calls.wake(now, call, now + around.config.retryFirst());
      }
      return;
    }
    around.counters.sentRemote++;
    call.exposures++;
    call.sentAt = now;
    call.relay = null;
    call.session = link.session;
    call.hops = 1;
    calls.sent(now, call, owner, link, now + around.config.queryAfter());
    calls.release(call.laneAfter);
  }

  /** Tries the next connected peer; after a round of all, pauses. */
  void sendByRelay(long now, Call call, PeerRef owner, Neighbour link) {
    Neighbour relay =
        call.draft.only().isPresent()
            ? null
            : around.relayAfter(call.relay == null ? owner.id() : call.relay, owner.id());
    if (relay != null && around.offer(relay, envelope(now, call, owner, RELAYS_ON_THE_WAY))) {
      around.counters.sentRemote++;
      call.exposures++;
      around.counters.relayed++;
      call.sentAt = now;
      call.hops = 1 + RELAYS_ON_THE_WAY;
      call.relay = relay.id;
      call.passed = false;
      if (call.relayed == null) {
        call.relayed = new RelayedCopies();
      }
      call.relayed.give(relay.id);
      calls.sent(now, call, owner, link, now + around.config.queryAfter() / 2);
      return;
    }
    call.relay = null;
    long again = now + around.config.retryMost();
    if (call.exposures == 0) {
      calls.atLink(now, call, owner, link, again);
    } else {
      calls.sent(now, call, owner, link, again);
    }
  }

  /** Asks the owner what became of a call: a small frame, whatever the size of the message. */
  void ask(long now, Call call, PeerRef owner, Neighbour link) {
    Neighbour way = call.relay == null ? link : around.find(call.relay);
    if (way != null && way.up) {
      around.offer(
          way, new Query(owner.id(), around.self.id(), call.id, call.attempt, calls.lowestOpen()));
    }
    call.queries = Math.min(call.queries + 1, MOST_QUERY_DOUBLINGS);
    calls.wake(now, call, now + (around.config.queryAfter() << (call.queries - 1)));
    if (call.relay != null) {
      call.passed = false;
    }
  }

  private Envelope envelope(long now, Call call, PeerRef owner, int hops) {
    Draft draft = call.draft;
    Call before = call.laneBefore;
    return new Envelope(
        around.self.id(),
        call.id,
        calls.lowestOpen(),
        before == null ? 0 : before.id,
        draft.byKey(),
        draft.target(),
        owner.id(),
        owner.incarnation(),
        call.attempt,
        hops,
        draft.accessPoint(),
        call.wandered ? draft.flags() | Envelope.WANDERED : draft.flags(),
        draft.serviceEpoch(),
        Math.max(0, call.deadlineAt - now),
        draft.trace(),
        draft.replyTo(),
        draft.body());
  }
}
