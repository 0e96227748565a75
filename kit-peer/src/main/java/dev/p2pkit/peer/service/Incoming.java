// A message on its way into an access point, with the means to answer for it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import java.util.Optional;

/**
 * A message that has arrived and must be answered for. Exactly one of {@link #processed}, {@link
 * #reply} and {@link #fail} is called, once, from any thread; it must not block, and must not call
 * back into the access point. {@link #enqueued} may be called once, and may then come after the
 * answer if the turn was quick.
 */
public interface Incoming {
  /**
   * The message. Its {@code replyTo} is present exactly if somebody awaits a reply; then a reply
   * goes to {@link #reply}, which passes it on to where it belongs.
   */
  Message message();

  /** Until when the sender waits, on the scale of {@link System#nanoTime()}. */
  long deadlineNanos();

  /**
   * Whether the sender waits for no more than {@link #enqueued}. Whoever has taken such a message
   * in owes it to nobody afterwards, and may call {@link #processed} right after {@code enqueued}:
   * a failure that comes later cannot be told to the sender any more.
   */
  default boolean enqueuedIsEnough() {
    return false;
  }

  /**
   * Whether this peer still owns what the message is addressed to; asked when its turn is about to
   * begin. If not, it is handed back with {@link ErrorCode#NOT_READY} and goes to the present
   * owner.
   */
  default boolean stillOwned() {
    return true;
  }

  /**
   * The only version of the service that may process it; asked when its turn is about to begin. If
   * another one runs then, it is handed back with {@link ErrorCode#VERSION_SKEW}.
   */
  default Optional<String> version() {
    return Optional.empty();
  }

  /** The epoch of the arc under which the message was accepted; 0 if it is not for a key. */
  default long ownershipEpoch() {
    return 0;
  }

  /**
   * What the message is known by if its sender repeats it until it has the answer: then it takes
   * effect once, and only a service with durable state can take it.
   */
  default Optional<Once> once() {
    return Optional.empty();
  }

  /** The message is in every mailbox and buffer it belongs in, but not processed. */
  default void enqueued() {}

  /** The turns that the message belonged to have ended well, and there was no reply. */
  void processed();

  /** The turn has ended well, with this reply; it is the acknowledgement, too. */
  void reply(Payload body);

  /** The message was refused, or its turn failed. */
  void fail(ErrorCode code, String detail);
}
