// What the sender of a message was told, kept for the case that it asks again.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The outcome of a turn that has taken effect.
 *
 * @param untilMillis until when it is kept, in milliseconds since 1970
 */
record StoredAnswer(Outcome outcome, long untilMillis) {
  private static final int FORMAT = 1;
  private static final int PROCESSED = 0;
  private static final int REPLIED = 1;
  private static final int REFUSED = 2;

  /** What it was. */
  sealed interface Outcome {
    /** No reply. */
    record Processed() implements Outcome {}

    /** A reply. */
    record Replied(Payload body) implements Outcome {}

    /** The handler's own refusal; its state has changed nevertheless. */
    record Refused(ErrorCode code, String detail) implements Outcome {}
  }

  static Outcome outcome(Turn turn) {
    Turn.Answer answer = turn.answer();
    if (answer instanceof Turn.Answer.Reply reply) {
      return new Outcome.Replied(reply.body());
    }
    if (answer instanceof Turn.Answer.Refusal refusal) {
      return new Outcome.Refused(refusal.code(), refusal.detail());
    }
    return new Outcome.Processed();
  }

  /** Tells a sender. */
  void tell(Incoming incoming) {
    if (outcome instanceof Outcome.Replied replied && incoming.message().replyTo().isPresent()) {
      incoming.reply(replied.body());
    } else if (outcome instanceof Outcome.Refused refused) {
      incoming.fail(refused.code(), refused.detail());
    } else {
      incoming.processed();
    }
  }

  /** What it costs to keep it, in bytes, roughly. */
  long bytes() {
    return 128L + (outcome instanceof Outcome.Replied replied ? replied.body().length() : 0);
  }

  byte[] encode() {
    byte[] content =
        outcome instanceof Outcome.Replied replied
            ? replied.body().toWire()
            : outcome instanceof Outcome.Refused refused
                ? (refused.code() + " " + refused.detail()).getBytes(StandardCharsets.UTF_8)
                : new byte[0];
    int kind =
        outcome instanceof Outcome.Replied
            ? REPLIED
            : outcome instanceof Outcome.Refused ? REFUSED : PROCESSED;
    return ByteBuffer.allocate(2 + Long.BYTES + content.length)
        .put((byte) FORMAT)
        .put((byte) kind)
        .putLong(untilMillis)
        .put(content)
        .array();
  }

  /**
   * Reads one.
   *
   * @throws StoreException DAMAGED if it is none
   */
  static StoredAnswer decode(byte[] encoded) {
    try {
      ByteBuffer in = ByteBuffer.wrap(encoded);
      if (in.get() != FORMAT) {
        throw new IllegalArgumentException("another format");
      }
      int kind = in.get();
      long until = in.getLong();
      byte[] content = new byte[in.remaining()];
      in.get(content);
      return new StoredAnswer(
          switch (kind) {
            case PROCESSED -> new Outcome.Processed();
            case REPLIED -> new Outcome.Replied(Payload.fromWire(content));
            case REFUSED -> refused(new String(content, StandardCharsets.UTF_8));
            default -> throw new IllegalArgumentException("no such answer");
          },
          until);
    } catch (RuntimeException e) {
      throw new StoreException(
          StoreException.Kind.DAMAGED, "an answer in a state file cannot be read: " + e, e);
    }
  }

  private static Outcome refused(String text) {
    int space = text.indexOf(' ');
    return new Outcome.Refused(
        ErrorCode.valueOf(text.substring(0, space)), text.substring(space + 1));
  }
}
