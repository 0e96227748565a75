// One message that is repeated until it is answered or its deadline passes.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends copies of a message, one after the other, each with the same number: the receiver takes one
 * of them. A message by key is bound to the peer that owned the key when its first copy left; it
 * gets another owner only while no copy can have been taken.
 */
final class Repetition {
  private static final long LEAST_LIFE_MICROS = 1_000;
  private static final Optional<Outcome.Failed> NONE = Optional.empty();

  private final PeerParts parts;
  private final Draft draft;
  private final OnceNumbers.Numbered number;
  private final Consumer<Outcome> whenDone;
  private final long deadlineNanos;
  private Optional<PeerId> bound = Optional.empty();
  private boolean exposed;

  private Repetition(PeerParts parts, Draft draft, Consumer<Outcome> whenDone) {
    this.parts = parts;
    this.draft = draft;
    this.whenDone = whenDone;
    this.number = parts.once().open(draft.byKey(), draft.target(), draft.accessPoint());
    this.deadlineNanos = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(draft.lifeMicros());
  }

  /** Begins; the outcome comes once. */
  static void begin(PeerParts parts, Draft draft, Consumer<Outcome> whenDone) {
    Repetition repetition = new Repetition(parts, draft, whenDone);
    repetition.number.first(() -> repetition.send(NONE));
  }

  private void send(Optional<Outcome.Failed> last) {
    long micros = TimeUnit.NANOSECONDS.toMicros(deadlineNanos - System.nanoTime());
    if (micros < LEAST_LIFE_MICROS || parts.isClosed()) {
      close(
          last.orElseGet(
              () ->
                  new Outcome.Failed(
                      ErrorCode.TIMEOUT,
                      "the deadline passed while earlier messages to the same place were repeated",
                      parts.overlay().self().id())));
      return;
    }
    if (draft.byKey() && !exposed) {
      bound =
          parts.overlay().view().joined()
              ? Optional.of(parts.overlay().view().owner(draft.target()).id())
              : Optional.empty();
    }
    OnceHeader header = new OnceHeader(number.identity(), bound);
    parts
        .overlay()
        .open(
            new Draft(
                draft.byKey(),
                draft.target(),
                draft.accessPoint(),
                draft.flags() | Mark.REPEATED.bit(),
                parts.registry().directory().epochOf(draft.accessPoint()),
                draft.trace(),
                draft.replyTo(),
                header.before(draft.body()),
                Math.min(micros, draft.lifeMicros())),
            this::ended);
  }

  private void ended(Outcome outcome) {
    if (!(outcome instanceof Outcome.Failed failed) || !goesOn(failed)) {
      close(outcome);
      return;
    }
    number.again(() -> send(Optional.of(failed)));
  }

  private boolean goesOn(Outcome.Failed failed) {
    exposed |= failed.code() == ErrorCode.DELIVERY_UNKNOWN;
    boolean passing =
        switch (failed.code()) {
          case NO_SUCH_PEER, NO_ROUTE, NOT_READY, BUSY, MAILBOX_FULL, CLOSED -> true;
          // By key and bound to nobody: another owner could not tell.
          case DELIVERY_UNKNOWN -> !draft.byKey() || bound.isPresent();
          default -> false;
        };
    return passing && !parts.isClosed();
  }

  private void close(Outcome outcome) {
    number.close(!(outcome instanceof Outcome.Failed));
    if (exposed
        && outcome instanceof Outcome.Failed failed
        && failed.code().delivery() == Delivery.NOT_DELIVERED
        && failed.code() != ErrorCode.PROTOCOL_ERROR) {
      // This copy was not, but an earlier one may have been.
      whenDone.accept(
          new Outcome.Failed(
              ErrorCode.DELIVERY_UNKNOWN,
              "no answer came until the deadline, and an earlier copy may have been processed; the"
                  + " last: "
                  + failed.detail(),
              failed.peer()));
    } else {
      whenDone.accept(outcome);
    }
  }
}
