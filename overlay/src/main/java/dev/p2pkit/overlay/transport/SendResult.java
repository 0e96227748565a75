// What became of a message that was handed to the transport.
package dev.p2pkit.overlay.transport;

/** What became of a message that was handed to the transport. */
public enum SendResult {
  /** It is in the outgoing buffer of a link that is up. */
  SENT,
  /**
   * It waits for a link that is being opened; a later {@link dev.p2pkit.overlay.machine.LinkEvent}
   * other than UP says that it was dropped.
   */
  QUEUED,
  /** The channel's bound is reached; nothing was queued. */
  FULL,
  /** The frame would be larger than the limit; nothing was queued. */
  TOO_LARGE,
  /** This transport is closed, or the peer's trust was revoked; nothing was queued. */
  CLOSED;

  /** Whether the message is on its way. */
  public boolean accepted() {
    return this == SENT || this == QUEUED;
  }
}
