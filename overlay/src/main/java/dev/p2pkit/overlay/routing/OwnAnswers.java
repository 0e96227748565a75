// What answers make of this peer's own pinned calls.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;

/**
 * Takes the answers of owners. One counts only from the owner itself, or from a relay that was
 * given the message.
 */
final class OwnAnswers {
  private final Surroundings around;
  private final Calls calls;
  private final Pinning pinning;

  OwnAnswers(Surroundings around, Calls calls, Pinning pinning) {
    this.around = around;
    this.calls = calls;
    this.pinning = pinning;
  }

  /** An answer has come, by this peer. */
  void answered(long now, PeerId teller, Answer answer) {
    Call call = calls.find(answer.id());
    if (call != null && call.draft.only().isPresent() && !teller.equals(answer.owner())) {
      around.counters.drop("answer for a proven owner by another");
      return;
    }
    if (call == null || call.pin == null || !call.pin.id().equals(answer.owner())) {
      around.counters.drop("answer to a call that is not open");
      return;
    }
    PeerId from = answer.owner();
    boolean relayed = call.relayed != null && call.relayed.wasGiven(teller);
    if (!teller.equals(from) && !relayed) {
      around.counters.drop("answer by a peer that has not had the message");
      return;
    }
    switch (answer.verdict()) {
      case PROCESSED -> {
        if (call.rpc()) {
          call.processed = true;
          accepted(now, call);
          calls.leaveLane(call);
        } else {
          calls.end(call, new Outcome.Acknowledged(from, true, answer.epoch()));
        }
      }
      case REPLIED -> calls.end(call, new Outcome.Replied(from, answer.body(), answer.epoch()));
      case ENQUEUED -> {
        if (call.rpc()) {
          accepted(now, call);
        } else {
          calls.end(call, new Outcome.Acknowledged(from, false, answer.epoch()));
        }
      }
      case ACCEPTED -> accepted(now, call);
      case FAILED -> {
        around.counters.drop(answer.code().name());
        String detail = new String(answer.body(), StandardCharsets.UTF_8);
        calls.end(call, new Outcome.Failed(answer.code(), detail, from));
      }
      case MISSING -> {
        if (answer.attempt() == call.attempt && call.state == Call.State.SENT) {
          pinning.missing(now, call);
        }
      }
      case REFUSED, OUT_OF_ORDER, OTHER_PROCESS -> {
        if (answer.attempt() == call.attempt && call.state == Call.State.SENT) {
          pinning.refused(now, call, teller, answer);
        }
      }
      // Said of messages without a pin only; of one that is pinned they mean nothing.
      case BOUNCED, TOO_YOUNG, ELSEWHERE ->
          around.counters.drop("answer that does not fit a pinned message");
    }
  }

  private void accepted(long now, Call call) {
    calls.accepted(call);
    call.passed = true;
    calls.wake(now, call, now + (around.config.queryAfter() << Math.max(2, call.queries - 1)));
  }
}
