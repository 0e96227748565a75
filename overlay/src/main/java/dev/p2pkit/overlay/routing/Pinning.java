// Where each call of this peer is sent: picks the owner, pins the call to it, finds another way.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Hop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pins calls. The invariant: a call of which a copy may have reached a process stays pinned to that
 * process, until that process has refused it or the call ends; one that may be processed again also
 * until the ring has dropped that process.
 */
final class Pinning implements RoutedCalls.Way {
  private static final int MOST_ATTEMPTS = 60_000;
  private static final int HINTS_WITHOUT_PAUSE = 2;
  private static final int MOST_DOUBLINGS = 6;

  /** How long relays may take to say that a dead owner was not given a message (microseconds). */
  private static final long WORD_OF_RELAYS = 2_000_000;

  private final Surroundings around;
  private final Calls calls;
  private final OwnerChoice choice;
  private final PinnedCopies copies;
  private @Nullable RoutedCalls unpinned;

  Pinning(Surroundings around, Calls calls, PinnedCopies copies) {
    this.around = around;
    this.calls = calls;
    this.copies = copies;
    choice = new OwnerChoice(around, calls);
  }

  /** Who sends what has no known owner. */
  void setUnpinned(RoutedCalls routed) {
    unpinned = routed;
  }

  /** Sends a call that is pinned to nobody, or has it wait for what it needs. */
  void route(long now, Call call) {
    calls.detach(call);
    if (Wheel.due(call.deadlineAt, now)) {
      calls.expire(call);
      return;
    }
    PeerRef only = call.draft.only().orElse(null);
    RoutedCalls routed = unpinned;
    if (only != null) {
      call.hint = only;
    } else if (routed != null
        && around.view.joined()
        && (choice.isOutside(now, call) || !choice.isKnown(call))) {
      PeerRef connected = choice.connectedOwner(now, call);
      if (connected == null) {
        call.hint = null;
        if (routed.mayFollow(call)) {
          routed.send(now, call);
          calls.release(call.laneAfter);
        } else {
          calls.behind(now, call);
        }
        return;
      }
      call.hint = connected;
    }
    PeerRef owner = call.draft.byKey() ? choice.ownerOfKey(now, call) : choice.namedPeer(now, call);
    if (owner == null) {
      return;
    }
    Neighbour link = around.neighbour(owner);
    Call before = call.laneBefore;
    if (before != null && !before.comesFirst(owner, link)) {
      calls.behind(now, call);
    } else if (around.isSelf(owner.id())) {
      deliverHere(now, call, link);
    } else if (link.isDead(owner, now)) {
      choice.ownerIsDead(now, call);
    } else if (link.up) {
      copies.sendStraight(now, call, owner, link);
    } else {
      waitForLink(now, call, owner, link);
    }
  }

  private void deliverHere(long now, Call call, Neighbour link) {
    Refusal refusal = copies.deliverHere(now, call, link);
    if (refusal != null) {
      refused(now, call, refusal.code(), refusal.hint(), "this peer");
    }
  }

  private void waitForLink(long now, Call call, PeerRef owner, Neighbour link) {
    around.knock(now, link);
    call.problem = link.unreachable ? ErrorCode.NO_ROUTE : ErrorCode.TIMEOUT;
    long patience = link.diallingSince + around.config.relayAfter();
    if (link.unreachable || now >= patience) {
      copies.sendByRelay(now, call, owner, link);
    } else {
      calls.atLink(now, call, owner, link, patience);
    }
  }

  /** Its time in the wheel has come: the deadline, the end of a pause, or silence for too long. */
  void wake(long now, Call call) {
    if (Wheel.due(call.deadlineAt, now)) {
      calls.expire(call);
      return;
    }
    PeerRef owner = call.pin;
    RoutedCalls routed = unpinned;
    if (call.unpinned() && routed != null) {
      routed.wake(now, call);
      return;
    }
    if (call.state != Call.State.SENT || owner == null) {
      route(now, call);
      return;
    }
    if (call.ownerGone != null) {
      if (Wheel.due(call.goneUntil, now)) {
        lost(now, call, call.ownerGone);
      } else {
        calls.wake(now, call, call.goneUntil);
      }
      return;
    }
    Neighbour link = around.neighbour(owner);
    boolean lost = call.relay == null && (call.session != link.session || !link.up);
    if (around.isSelf(owner.id())) {
      calls.wake(now, call, Long.MAX_VALUE);
    } else if (link.up && lost) {
      copies.sendStraight(now, call, owner, link);
    } else if (lost || (call.relay != null && !call.passed)) {
      around.knock(now, link);
      copies.sendByRelay(now, call, owner, link);
    } else {
      copies.ask(now, call, owner, link);
    }
  }

  /** The link to a peer is open: what waited goes, what may have been lost goes again. */
  void linkUp(long now, Neighbour link) {
    for (Call call : link.calls.snapshot()) {
      PeerRef owner = call.pin;
      if (call.state == Call.State.AT_LINK) {
        route(now, call);
      } else if (call.state == Call.State.SENT && owner != null && call.ownerGone == null) {
        copies.sendStraight(now, call, owner, link);
      }
    }
  }

  /** The link has closed: what was sent may be lost, so the link is opened again to ask. */
  void linkDown(long now, Neighbour link) {
    if (!link.calls.isEmpty()) {
      around.knock(now, link);
      for (Call call : link.calls.snapshot()) {
        calls.wake(now, call, now + around.config.relayAfter());
      }
    }
  }

  /** Nobody answers at the peer's address: its calls go through others. */
  void linkUnreachable(long now, Neighbour link) {
    for (Call call : link.calls.snapshot()) {
      call.problem = ErrorCode.NO_ROUTE;
      calls.wake(now, call, now);
    }
  }

  /** The processes of a peer up to this incarnation are dead. */
  void dead(long now, Neighbour link, long incarnation, String how) {
    link.died(incarnation, now);
    link.calls.snapshot().forEach(call -> ended(now, call, incarnation, how));
  }

  /**
   * The ring has dropped a peer whose link is still open: it is silent, and nobody knows for how
   * long. What may be processed again does not wait until the link gives up.
   */
  void dropped(long now, Neighbour link, long incarnation) {
    for (Call call : link.calls.snapshot()) {
      if (call.draft.byKey() && call.draft.mayRepeat()) {
        ended(now, call, incarnation, "has gone from the ring");
      }
    }
  }

  private void ended(long now, Call call, long incarnation, String how) {
    PeerRef owner = call.pin;
    if (owner == null || owner.incarnation() > incarnation) {
      return;
    }
    if (call.exposures == 0) {
      route(now, call);
    } else {
      gone(now, call, "peer " + owner.id().shortText() + " " + how);
    }
  }

  /** Its owner is dead: whether a copy has reached it, only relays can say, if those have them. */
  private void gone(long now, Call call, String what) {
    if (call.restsWithRelays()) {
      call.ownerGone = what;
      call.goneUntil = now + WORD_OF_RELAYS;
      calls.wake(now, call, call.goneUntil);
    } else {
      lost(now, call, what);
    }
  }

  /** The ring has changed: whatever is not pinned by a copy under way may have another owner. */
  void viewChanged(long now) {
    if (calls.size() == 0) {
      return;
    }
    for (Neighbour link : around.all()) {
      for (Call call : link.calls.isEmpty() ? List.<Call>of() : link.calls.snapshot()) {
        if (call.state == Call.State.AT_LINK && call.pin != null && call.draft.byKey()) {
          Key key = call.draft.target();
          if (!around.view.owner(key).equals(call.pin)) {
            route(now, call);
          }
        }
      }
    }
    for (Call call : calls.parked.snapshot()) {
      route(now, call);
    }
  }

  /** The owner has refused for good, by itself or by a relay; the call may go elsewhere now. */
  void refused(long now, Call call, PeerId teller, Answer answer) {
    String who = "peer " + answer.owner().shortText();
    switch (answer.verdict()) {
      case OTHER_PROCESS -> {
        if (call.exposures > 1) {
          call.exposures -= call.relayed != null && call.relayed.said(teller) ? 1 : 0;
          gone(now, call, who + " has restarted");
        } else {
          refused(now, call, ErrorCode.NOT_READY, answer.hint(), who);
        }
      }
      case OUT_OF_ORDER -> {
        Call before = call.laneBefore;
        if (before != null && before.state == Call.State.SENT && before.pin != null) {
          // The one before seems to be lost; have the owner say so.
          copies.ask(now, before, before.pin, around.neighbour(before.pin));
        }
        outOfOrder(now, call, who);
      }
      default -> {
        around.arcs.forget(answer.owner());
        refused(now, call, answer.code(), answer.hint(), who);
      }
    }
  }

  @Override
  public void outOfOrder(long now, Call call, String who) {
    Call before = call.laneBefore;
    if (before != null && !before.accepted) {
      // It goes as soon as the one before it has gone again, or is there.
      call.nextAttempt();
      calls.behind(now, call);
    } else {
      refused(now, call, ErrorCode.NOT_READY, Optional.empty(), who);
    }
  }

  private void refused(long now, Call call, ErrorCode code, Optional<PeerRef> hint, String who) {
    long roundTrip = call.exposures == 0 ? 0 : now - call.sentAt;
    call.nextAttempt();
    if (code != ErrorCode.NOT_READY || call.attempt > MOST_ATTEMPTS) {
      calls.giveUp(call, code, who + " has no room for more messages");
      return;
    }
    if (call.draft.only().isPresent()) {
      calls.giveUp(call, code, who + " does not own the key any more");
      return;
    }
    if (hint.isPresent() && call.hints < HINTS_WITHOUT_PAUSE) {
      call.hints++;
      call.hint = around.believed(hint.get());
      route(now, call);
      return;
    }
    call.hints = 0;
    long pause =
        Math.min(
            around.config.retryMost(),
            around.config.retryFirst() << Math.min(call.pauses++, MOST_DOUBLINGS));
    // A copy whose refusal could not be back in time would turn a certain end into an unknown one.
    boolean inTime = now + pause + 2 * roundTrip < call.deadlineAt;
    calls.park(now, call, ErrorCode.NOT_READY, inTime ? now + pause : Long.MAX_VALUE);
  }

  @Override
  public void again(long now, Call call, ErrorCode code, boolean atOnce, String who) {
    call.copies = 0;
    call.exposures = 0;
    if (code == ErrorCode.NO_SUCH_PEER) {
      calls.detach(call);
      call.nextAttempt();
      if (choice.mayTurnUp(now, call)) {
        calls.park(now, call, code, now + around.config.retryFirst());
      } else {
        calls.giveUp(call, code, "no peer " + new PeerId(call.draft.target()) + " is in the ring");
      }
      return;
    }
    if (atOnce && call.hints < HINTS_WITHOUT_PAUSE) {
      int hints = call.hints + 1;
      refused(now, call, code, Optional.empty(), who);
      if (call.state == Call.State.PARKED) {
        call.hints = hints;
        route(now, call);
      }
      return;
    }
    refused(now, call, code, Optional.empty(), who);
  }

  @Override
  public void accepted(long now, Call call) {
    calls.accepted(call);
  }

  @Override
  public void lost(long now, Call call, String detail) {
    if (!call.draft.mayRepeat()
        || call.exposures == 0
        || call.processed
        || call.attempt >= MOST_ATTEMPTS) {
      calls.giveUp(call, ErrorCode.NO_ROUTE, detail);
      return;
    }
    call.repeated = true;
    call.nextAttempt();
    call.acceptor = null;
    calls.park(now, call, ErrorCode.NO_ROUTE, now + around.config.retryFirst());
  }

  /** The owner does not have the message: the copy was lost. */
  void missing(long now, Call call) {
    PeerRef owner = call.pin;
    if (owner != null) {
      Neighbour link = around.neighbour(owner);
      if (link.up) {
        copies.sendStraight(now, call, owner, link);
      } else {
        copies.sendByRelay(now, call, owner, link);
      }
    }
  }

  /** A relay has passed a call on, or cannot. */
  void hop(long now, Call call, Neighbour relay, Hop hop) {
    PeerRef owner = call.pin;
    RelayedCopies relayed = call.relayed;
    if (owner == null || relayed == null || !owner.id().equals(hop.owner())) {
      return;
    }
    boolean settled = relayed.said(relay.id);
    if (settled && !hop.passed()) {
      call.exposures--;
    }
    if (call.ownerGone != null) {
      ownerIsGone(now, call, call.ownerGone);
      return;
    }
    if (!relay.id.equals(call.relay)) {
      return;
    }
    if (hop.passed()) {
      call.passed = true;
      calls.wake(now, call, now + around.config.queryAfter());
    } else {
      call.problem = ErrorCode.NO_ROUTE;
      copies.sendByRelay(now, call, owner, around.neighbour(owner));
    }
  }

  /** Its owner is dead, and a relay has said whether that one had been given the message. */
  private void ownerIsGone(long now, Call call, String how) {
    if (call.exposures == 0) {
      call.nextAttempt();
      route(now, call);
    } else if (!call.restsWithRelays()) {
      lost(now, call, how);
    }
  }
}
