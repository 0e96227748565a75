// What a thin client learns of its link.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;

/** What a thin client learns of its link. Called on the link's event loop; nothing may block. */
public interface ClientConnectionListener {
  /** A message from the peer; may come before the stage of the connect has completed. */
  void onMessage(WireMessage message);

  /**
   * The link has closed, whichever side closed it; nothing follows.
   *
   * @param code why: CLOSED for an orderly end, else what the peer said or what went wrong
   * @param detail one sentence
   */
  void onDown(ErrorCode code, String detail);
}
