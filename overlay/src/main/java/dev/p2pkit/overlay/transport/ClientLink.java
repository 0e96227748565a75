// A peer's end of the link to a thin client.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;

/** A peer's end of the link to a thin client. Thread-safe. */
public interface ClientLink {
  /** The hash of the client's public key: the same for as long as the client keeps its key pair. */
  Key clientKey();

  /** Where the client comes from, for logs. */
  String remoteAddress();

  /**
   * Queues a message; false if the channel's bound is reached, the frame too large or the link
   * closed, and then nothing was queued.
   */
  boolean send(WireMessage message);

  /** Closes the link after what is queued has been written; the client is told the reason. */
  void close(String reason);
}
