// What became of a message for a client's proxy.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.sdk.ErrorCode;

/** Called once, on a thread of the gateway; must not block. */
public interface DeliveryCallback {
  /** The client has the message. */
  void accepted();

  /** It does not, or nobody knows, as the code says. */
  void failed(ErrorCode code, String detail);
}
