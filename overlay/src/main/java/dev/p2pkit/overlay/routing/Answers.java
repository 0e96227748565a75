// What the owner says of messages, and the way back to their origins.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Makes answers and sends them. One that is lost is asked for again by its origin. */
final class Answers {
  private static final byte[] NONE = new byte[0];

  private final Surroundings around;

  Answers(Surroundings around) {
    this.around = around;
  }

  /** What is remembered, as an answer. */
  Answer again(PeerId origin, long id, int attempt, Object entry) {
    if (entry instanceof Refusal refusal) {
      return refused(origin, id, refusal);
    } else if (entry instanceof Origins.Elsewhere elsewhere) {
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

  /** An answer that is a verdict and nothing else. */
  Answer plain(PeerId origin, long id, int attempt, Verdict verdict, long epoch) {
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

  /** It may have been processed, but nobody remembers. */
  Answer closed(PeerId origin, long id, int attempt) {
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

  /** The message was not accepted under this attempt. */
  Answer refused(PeerId origin, long id, Refusal refusal) {
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

  /** Answers a message that came without a pin. */
  void giveBack(long now, Inbound inbound, Answer answer) {
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

  /** Sends an answer back by the way of the message, or straight. */
  void send(PeerRef via, Returned returned, boolean mayGoStraight) {
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

  /** Answers a pinned message that came by this peer. */
  void answer(PeerRef via, PeerId origin, Answer answer) {
    Neighbour straight = around.find(origin);
    Neighbour way = straight != null && straight.up ? straight : around.neighbour(via);
    if (!around.offer(way, answer)) {
      around.counters.drop("no room for an answer; it is kept");
    }
  }

  /** What this peer says of its arc; empty if it does not hold the key. */
  Optional<Arc> arc(long now, Key key) {
    if (!around.view.owns(key, now)) {
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
}
