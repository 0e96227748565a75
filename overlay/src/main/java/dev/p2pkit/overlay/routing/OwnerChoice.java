// To whom a call is pinned.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the process that a call is to be pinned to: where the last refusal pointed, else by the
 * view, else by what was learnt from answers.
 */
final class OwnerChoice {
  private final Surroundings around;
  private final Calls calls;

  OwnerChoice(Surroundings around, Calls calls) {
    this.around = around;
    this.calls = calls;
  }

  /** Whether the view knows all peers around the target. */
  boolean isKnown(Call call) {
    return around.view.isExact(call.draft.target());
  }

  /**
   * Whether a call goes to a peer that is no member of the ring as this peer knows it: it may be an
   * observer, which whoever holds its position knows. This peer knows its own observers.
   */
  boolean isOutside(long now, Call call) {
    if (call.draft.byKey()) {
      return false;
    }
    PeerId named = new PeerId(call.draft.target());
    return !around.isSelf(named)
        && around.view.find(named).isEmpty()
        && !around.view.owns(call.draft.target(), now);
  }

  /**
   * The owner of a key outside of what the view knows exactly, if it is known from its answers and
   * linked. To one that has been met more than once a link is opened, for the next time.
   */
  @Nullable PeerRef connectedOwner(long now, Call call) {
    Key target = call.draft.target();
    PeerRef likely = call.hint;
    if (!call.draft.byKey()) {
      likely = around.view.find(new PeerId(target)).orElse(likely);
      Neighbour named = around.find(new PeerId(target));
      likely = named != null && named.up ? named.ref : likely;
    } else if (likely == null) {
      likely = around.arcs.owner(target);
    }
    if (likely == null || around.isSelf(likely.id())) {
      return null;
    }
    Neighbour link = around.neighbour(likely);
    if (link.up) {
      return likely;
    }
    if (!link.unreachable && !link.isDead(likely, now)) {
      around.knock(now, link);
    }
    return null;
  }

  /** The owner of a key; empty if the call waits. */
  @Nullable PeerRef ownerOfKey(long now, Call call) {
    if (!around.view.joined()) {
      calls.park(now, call, ErrorCode.NOT_READY, Long.MAX_VALUE);
      return null;
    }
    PeerRef hint = call.hint;
    call.hint = null;
    return hint != null ? hint : around.view.owner(call.draft.target());
  }

  /** The peer that a call is for; empty if the call waits or has ended. */
  @Nullable PeerRef namedPeer(long now, Call call) {
    PeerId named = new PeerId(call.draft.target());
    if (around.isSelf(named)) {
      return around.self;
    }
    PeerRef hint = call.hint;
    call.hint = null;
    if (hint != null) {
      return hint;
    }
    Optional<PeerRef> member = around.view.find(named);
    if (member.isPresent()) {
      return member.get();
    }
    Neighbour link = around.find(named);
    if (link != null && link.up) {
      return link.ref;
    }
    if (!around.view.joined()) {
      calls.park(now, call, ErrorCode.NOT_READY, Long.MAX_VALUE);
    } else if (mayTurnUp(now, call)) {
      calls.park(now, call, ErrorCode.NO_SUCH_PEER, now + around.config.retryFirst());
    } else {
      calls.giveUp(call, ErrorCode.NO_SUCH_PEER, "no peer " + named + " is in the ring");
    }
    return null;
  }

  /** Whether the ring has changed a moment ago: then the news of a peer may be on its way. */
  boolean mayTurnUp(long now, Call call) {
    long young = around.config.youngView();
    long openedAt = call.deadlineAt - call.draft.lifeMicros();
    return now - around.changedAt < young && now - openedAt < young;
  }

  /** Ends a call whose owner is dead, or has it wait for the next. */
  void ownerIsDead(long now, Call call) {
    if (call.draft.only().isPresent()) {
      calls.giveUp(call, ErrorCode.NOT_READY, "the owner that it was for is dead");
    } else if (call.draft.byKey()) {
      // The view will name another owner as soon as the ring has closed the gap.
      calls.park(now, call, ErrorCode.NO_ROUTE, now + around.config.retryMost());
    } else {
      calls.giveUp(
          call, ErrorCode.NO_SUCH_PEER, "peer " + new PeerId(call.draft.target()) + " is dead");
    }
  }
}
