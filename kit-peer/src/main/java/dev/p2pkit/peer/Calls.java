// A program's messages to one target: opened in the overlay, and what came of them.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.peer.rights.Caller;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.OwnerCheck;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Messages to one peer or one owner of a key, and what came of them in a program's terms: a
 * receipt, a reply, or a failure with its code. Thread-safe; results are completed on the peer's
 * executor for completions.
 */
final class Calls {
  private final PeerParts parts;
  private final int flags;
  private final Caller caller;

  /**
   * Calls of one kind of sender.
   *
   * @param flags what every message is marked with: 0 or {@link Envelope#FROM_CLIENT}
   * @param caller what it may call of what is restricted
   */
  Calls(PeerParts parts, int flags, Caller caller) {
    this.parts = parts;
    this.flags = flags;
    this.caller = caller;
  }

  /** Sends to a peer's position or to the owner of a key; the receipt says how far it came. */
  CompletableFuture<Receipt> send(
      boolean byKey, Key target, String accessPoint, Object message, SendOptions options) {
    int ack = options.ack() == Ack.ENQUEUED ? Envelope.ACK_ENQUEUED : 0;
    return open(byKey, target, accessPoint, ack | repeat(options), message, options)
        .thenApply(Calls::receipt);
  }

  private static int repeat(SendOptions options) {
    return options.repeatable() ? Envelope.REPEATABLE : 0;
  }

  private static Receipt receipt(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      throw new KitException(failed.code(), failed.detail());
    }
    boolean early = outcome instanceof Outcome.Acknowledged done && !done.processed();
    return new Receipt(outcome.peer(), early ? Ack.ENQUEUED : Ack.PROCESSED);
  }

  /** The same, and waits for the reply. */
  <T> CompletableFuture<T> rpc(
      boolean byKey,
      Key target,
      String accessPoint,
      Object message,
      Class<T> replyType,
      SendOptions options) {
    int extra = Envelope.RPC | repeat(options);
    return open(byKey, target, accessPoint, extra, message, options)
        .thenApply(outcome -> reply(outcome, replyType));
  }

  private static <T> T reply(Outcome outcome, Class<T> replyType) {
    if (outcome instanceof Outcome.Replied done) {
      return decode(done.body(), replyType);
    }
    if (outcome instanceof Outcome.Failed failed) {
      throw new KitException(failed.code(), failed.detail());
    }
    throw new KitException(
        ErrorCode.DELIVERY_UNKNOWN,
        "the message was processed by " + outcome.peer() + ", but there was no reply");
  }

  private static <T> T decode(byte[] body, Class<T> type) {
    Payload payload = Payload.fromWire(body);
    return type == Payload.class ? type.cast(payload) : payload.as(type);
  }

  private CompletableFuture<Outcome> open(
      boolean byKey,
      Key target,
      String accessPoint,
      int extra,
      Object message,
      SendOptions options) {
    VersionedBody body = new VersionedBody(options.version(), Payload.of(message));
    CompletableFuture<Outcome> result = new CompletableFuture<>();
    Draft draft =
        new Draft(
            byKey,
            target,
            accessPoint,
            flags | extra | body.flag() | parts.restrictions().mark(accessPoint, caller),
            parts.registry().directory().epochOf(accessPoint),
            new byte[0],
            Optional.empty(),
            body.encode(),
            TimeUnit.NANOSECONDS.toMicros(options.deadline().toNanos()));
    Consumer<Outcome> whenDone =
        outcome -> parts.completions().execute(() -> result.complete(outcome));
    if (options.effectivelyOnce()) {
      Repetition.begin(parts, draft, whenDone);
    } else if (byKey && options.ownerCheck() != OwnerCheck.NONE) {
      boolean granted = options.ownerCheck() == OwnerCheck.GRANTED;
      parts.overlay().openProven(draft, granted, whenDone);
    } else {
      parts.overlay().open(draft, whenDone);
    }
    return result;
  }
}
