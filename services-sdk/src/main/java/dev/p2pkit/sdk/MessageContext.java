// What a processor can do during a turn.
package dev.p2pkit.sdk;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The turn of one message. What is sent, replied, deferred or scheduled here takes effect when the
 * turn ends well and is discarded when it throws or was given up at its deadline. Valid only during
 * the turn (until the stage completes, for an asynchronous handler); used later, it throws {@link
 * KitException} with {@link ErrorCode#CANCELLED}.
 */
public interface MessageContext {
  /** The message. */
  Message message();

  /** The peer this runs on. */
  PeerContext peer();

  /**
   * The epoch of the arc under which the message was accepted: grows whenever a key changes hands,
   * so that whoever keeps results elsewhere can refuse those of an earlier owner. 0 for messages
   * that are not addressed to a key.
   */
  default long ownershipEpoch() {
    return 0;
  }

  /** Who sent the message. */
  default Source source() {
    return message().source();
  }

  /** Whom it was addressed to. */
  default Destination destination() {
    return message().destination();
  }

  /**
   * Answers the message in the caller's format. Without effect if nobody awaits a reply; the first
   * reply wins.
   */
  void reply(@Nullable Object value);

  /** Answers the message with a failure. */
  void fail(ErrorCode code, String detail);

  /**
   * Talks to the network in the name of this service. Sends leave when the turn ends; a call's
   * stage never completes inside of the turn that made it, except for an asynchronous handler,
   * which may return a stage that depends on it and whose calls leave at once. Installing and
   * closing are refused with {@link ErrorCode#UNAUTHORISED}.
   */
  Network network();

  /**
   * Puts messages at the front of this processor's own mailbox, the first of them first. They count
   * against its bounds.
   *
   * @throws KitException with {@link ErrorCode#MAILBOX_FULL} if they do not fit
   */
  void pushMessages(List<Message> messages);

  /**
   * Sets this message aside until {@link #resumeDeferred}; it keeps its place among the deferred
   * ones.
   */
  void defer();

  /**
   * Puts the deferred messages at the front of the mailbox, in the order in which they were
   * deferred.
   */
  void resumeDeferred();

  /**
   * Sends a message to this very processor after a while. It survives upgrades of the service; the
   * end of the peer's process only if the service is durable, and then comes late if it was due
   * meanwhile.
   */
  void schedule(Duration delay, Object message);

  /**
   * How long this message may still take, at most the service's turn deadline. What is sent through
   * {@link #network} has no more time than the sender of this message still waits.
   */
  Duration remaining();

  /** The service's log. */
  Logger logger();
}
