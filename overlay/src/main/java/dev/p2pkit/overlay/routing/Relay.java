// Passes messages of others on to their owner, for origins that have no link to it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Hop;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The relay keeps no memory of what it has passed on: it tells the origin whether it could, and the
 * origin tries another relay or asks the owner. Passing one message on by two relays is harmless,
 * for it is pinned and its owner tells copies apart.
 */
final class Relay {
  /** A message that waits here for the link to its owner. */
  record Waiting(PeerRef from, Envelope envelope, long since) {}

  private final Surroundings around;

  Relay(Surroundings around) {
    this.around = around;
  }

  void forward(long now, PeerRef from, Envelope envelope) {
    if (!from.id().equals(envelope.origin())) {
      around.counters.drop("relayed for another than its sender");
      return;
    }
    Neighbour owner = envelope.hops() > 0 ? owner(envelope) : null;
    if (owner == null) {
      tell(from, envelope, false);
    } else if (owner.up) {
      handOn(from, owner, envelope, 0);
    } else if (!owner.unreachable && around.passing.hasRoom(around.neighbour(from), envelope)) {
      around.passing.add(around.neighbour(from), envelope);
      owner.forwards.add(new Waiting(from, envelope, now));
      around.knock(now, owner);
    } else {
      around.knock(now, owner);
      tell(from, envelope, false);
    }
  }

  private @Nullable Neighbour owner(Envelope envelope) {
    Optional<PeerRef> member = around.view.find(envelope.pinned());
    return member.isPresent() ? around.neighbour(member.get()) : around.find(envelope.pinned());
  }

  /**
   * Over the link that is open: if a later process than the one that the message is for has the
   * other end, or is known to have come, nothing is passed on. That one would only refuse it, and
   * whoever has heard meanwhile that its owner is dead would have to take it for lost.
   */
  private void handOn(PeerRef from, Neighbour owner, Envelope envelope, long rested) {
    if (owner.ref.incarnation() > envelope.pinnedIncarnation()) {
      around.offer(
          around.neighbour(from),
          new Answer(
              envelope.origin(),
              envelope.pinned(),
              envelope.id(),
              envelope.attempt(),
              Verdict.OTHER_PROCESS,
              0,
              ErrorCode.NOT_READY,
              Optional.of(owner.ref),
              new byte[0]));
    } else {
      tell(from, envelope, pass(owner, envelope, rested));
    }
  }

  private boolean pass(Neighbour owner, Envelope envelope, long rested) {
    long remaining = envelope.remainingMicros() - rested;
    if (remaining <= 0) {
      around.counters.drop("too late to pass on");
      return false;
    }
    boolean taken =
        around.offer(
            owner,
            new Envelope(
                envelope.origin(),
                envelope.id(),
                envelope.lowestOpen(),
                envelope.after(),
                envelope.byKey(),
                envelope.target(),
                envelope.pinned(),
                envelope.pinnedIncarnation(),
                envelope.attempt(),
                envelope.hops() - 1,
                envelope.accessPoint(),
                envelope.flags(),
                envelope.serviceEpoch(),
                remaining,
                envelope.trace(),
                envelope.replyTo(),
                envelope.body()));
    if (taken) {
      around.counters.forwarded++;
    } else {
      around.counters.drop("no room to pass on");
    }
    return taken;
  }

  private void tell(PeerRef from, Envelope envelope, boolean passed) {
    Neighbour way = around.neighbour(from);
    around.offer(way, new Hop(envelope.pinned(), envelope.id(), envelope.attempt(), passed));
  }

  /** The link to an owner is open, or is not going to be. */
  void linkChanged(long now, Neighbour owner) {
    Waiting next = owner.forwards.poll();
    while (next != null) {
      around.passing.remove(around.neighbour(next.from()), next.envelope());
      if (owner.up) {
        handOn(next.from(), owner, next.envelope(), now - next.since());
      } else {
        tell(next.from(), next.envelope(), false);
      }
      next = owner.forwards.poll();
    }
  }

  /** The ring has dropped an owner: what waits for its link is handed back. */
  void dead(Neighbour owner, long incarnation) {
    for (int i = owner.forwards.size(); i > 0; i--) {
      Waiting next = owner.forwards.remove();
      if (next.envelope().pinnedIncarnation() <= incarnation) {
        around.passing.remove(around.neighbour(next.from()), next.envelope());
        tell(next.from(), next.envelope(), false);
      } else {
        owner.forwards.add(next);
      }
    }
  }

  /** An answer for somebody else. */
  void forward(PeerRef from, Answer answer) {
    if (!from.id().equals(answer.owner())) {
      around.counters.drop("relayed for another than its sender");
      return;
    }
    passOn(around.find(answer.to()), answer);
  }

  /** A question for somebody else. */
  void forward(PeerRef from, Query query) {
    if (!from.id().equals(query.origin())) {
      around.counters.drop("relayed for another than its sender");
      return;
    }
    passOn(around.find(query.to()), query);
  }

  private void passOn(@Nullable Neighbour to, RoutingFrame frame) {
    if (to != null && to.up && around.offer(to, frame)) {
      around.counters.forwarded++;
    } else {
      around.counters.drop("no link to pass an answer on");
    }
  }
}
