// How a call ends.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;

/** How a call ends; also what an owner reports of a message that was delivered to it. */
public sealed interface Outcome {
  /** The peer that said so: the owner, or this peer where nothing answered. */
  PeerId peer();

  /**
   * The message has arrived.
   *
   * @param processed whether its turn has ended; else it is in the mailbox
   * @param epoch of the service that took it, 0 if none
   */
  record Acknowledged(PeerId peer, boolean processed, long epoch) implements Outcome {}

  /** The reply to an rpc, which is its acknowledgement too. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and copies would cost
  record Replied(PeerId peer, byte[] body, long epoch) implements Outcome {}

  /** It failed; the code says whether the message may have been processed. */
  record Failed(ErrorCode code, String detail, PeerId peer) implements Outcome {}
}
