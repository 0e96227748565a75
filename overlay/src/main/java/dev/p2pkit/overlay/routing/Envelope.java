// A message as it travels: addressed, pinned to one owner, numbered by its origin.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * A message on its way. Immutable; the arrays must not be written to.
 *
 * @param origin the peer whose call this is
 * @param id grows with each call of the origin, over its restarts too; never 0. Within a lane
 *     (origin, access point, target) it is the sender's sequence
 * @param lowestOpen every lower id of this origin is closed
 * @param after the previous message of the lane if it is open and was sent to the same owner, else
 *     0: the owner accepts this one only if it has accepted that one
 * @param byKey whether {@code target} is a key; else it is the position of a peer
 * @param pinned the only peer that may accept it
 * @param pinnedIncarnation of that peer's process; its next process refuses. 0 for a message that
 *     is pinned to nobody
 * @param attempt grows each time the message is pinned, from 1
 * @param hops how often it may still be relayed
 * @param flags {@link #RPC} and so on; the bits from {@link #FIRST_FREE_FLAG} to 15 are not read
 *     here
 * @param serviceEpoch the epoch of the service that the sender knows, 0 if none
 * @param remainingMicros how long it may still live
 * @param trace a trace context of 24 bytes, or nothing
 * @param replyTo where replies go, if not to the origin's own call
 * @param body the payload
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copies would cost
public record Envelope(
    PeerId origin,
    long id,
    long lowestOpen,
    long after,
    boolean byKey,
    Key target,
    PeerId pinned,
    long pinnedIncarnation,
    int attempt,
    int hops,
    String accessPoint,
    int flags,
    long serviceEpoch,
    long remainingMicros,
    byte[] trace,
    Optional<Address> replyTo,
    byte[] body)
    implements RoutingFrame {
  /** The sender waits for a reply. */
  public static final int RPC = 1;

  /** The sender acts for a client. */
  public static final int FROM_CLIENT = 1 << 1;

  /** A send that is acknowledged as soon as it is in the mailbox. */
  public static final int ACK_ENQUEUED = 1 << 2;

  /**
   * A call that may be processed more than once: where it may have reached an owner that has died,
   * it goes to the next.
   */
  public static final int REPEATABLE = 1 << 3;

  /**
   * A message that has left without a pin before: copies of it may still be on their way, so
   * whoever gets the owner's arc must know that it was accepted.
   */
  static final int WANDERED = 1 << 4;

  /** The first flag whose meaning is up to the users of the router. */
  public static final int FIRST_FREE_FLAG = 1 << 8;

  /** The length of a trace context. */
  public static final int TRACE_BYTES = 24;

  /** The message that a frame carries, with a pin or without; empty if it carries none. */
  public static Optional<Envelope> carriedBy(WireMessage frame) {
    if (frame instanceof Envelope envelope) {
      return Optional.of(envelope);
    }
    return frame instanceof RoutedFrame.Routed routed
        ? Optional.of(routed.envelope())
        : Optional.empty();
  }

  /** The same with another count of hops and another rest of its life. */
  Envelope travelled(int hopsLeft, long remaining) {
    return new Envelope(
        origin,
        id,
        lowestOpen,
        after,
        byKey,
        target,
        pinned,
        pinnedIncarnation,
        attempt,
        hopsLeft,
        accessPoint,
        flags,
        serviceEpoch,
        remaining,
        trace,
        replyTo,
        body);
  }

  /** Whether a flag is set. */
  public boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
