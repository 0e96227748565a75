// Everything the data plane sends: the message itself and the small frames around it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/** A message between the routers of two peers. */
sealed interface RoutingFrame extends WireMessage
    permits Envelope,
        RoutingFrame.Answer,
        RoutingFrame.Query,
        RoutingFrame.Hop,
        RoutingFrame.SettleQuery,
        RoutingFrame.Settled,
        RoutingFrame.Knock,
        RoutedFrame {

  /** What the owner has to say about a message. */
  enum Verdict {
    /** It is here and will be answered; the reply to a {@link Query} or to a second copy. */
    ACCEPTED,
    /** In the mailbox, which is all the sender asked for. */
    ENQUEUED,
    /** Its turn has ended. */
    PROCESSED,
    /** Here is the reply. */
    REPLIED,
    /** It failed for good. */
    FAILED,
    /** Not accepted and not going to be under this attempt; the origin may try again. */
    REFUSED,
    /** Refused in the same way, because the message before it in its lane was not accepted here. */
    OUT_OF_ORDER,
    /**
     * It is pinned to another process of this peer; nothing is known of what became of it there.
     */
    OTHER_PROCESS,
    /** Never seen here: the reply to a {@link Query}. */
    MISSING,
    /**
     * A message without a pin that was accepted nowhere on its way, because nobody could be found
     * to pass it on to.
     */
    BOUNCED,
    /**
     * A message without a pin that left before its owner could know what others had accepted for
     * its key: not accepted under this attempt.
     */
    TOO_YOUNG,
    /** Accepted by the peer that the hint names, which held the key then. */
    ELSEWHERE;

    /** Whether the message was not accepted under this attempt. */
    boolean refusal() {
      return this == REFUSED
          || this == OUT_OF_ORDER
          || this == OTHER_PROCESS
          || this == BOUNCED
          || this == TOO_YOUNG;
    }
  }

  /**
   * The owner's answer to the origin.
   *
   * @param to the origin, in case a relay reads this
   * @param owner who answers
   * @param attempt of the message that is answered
   * @param code why, for FAILED and refusals
   * @param hint who owns the key instead, for refusals
   * @param body the reply, or the detail of a failure in UTF-8
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and copies would cost
  record Answer(
      PeerId to,
      PeerId owner,
      long id,
      int attempt,
      Verdict verdict,
      long epoch,
      ErrorCode code,
      Optional<PeerRef> hint,
      byte[] body)
      implements RoutingFrame {}

  /** The origin asks the owner what became of a message. */
  record Query(PeerId to, PeerId origin, long id, int attempt, long lowestOpen)
      implements RoutingFrame {}

  /** A relay tells the origin whether it has passed a message on. */
  record Hop(PeerId owner, long id, int attempt, boolean passed) implements RoutingFrame {}

  /** An owner that still remembers messages asks their origin which are open. */
  record SettleQuery() implements RoutingFrame {}

  /**
   * Every message of the sender with an id below {@code mark} is closed, but for {@code open}.
   *
   * @param open ids in ascending order
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and copies would cost
  record Settled(long mark, long[] open) implements RoutingFrame {}

  /** Nothing; it opens the link. */
  record Knock() implements RoutingFrame {}
}
