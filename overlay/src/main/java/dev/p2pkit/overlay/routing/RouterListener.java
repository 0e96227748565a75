// What a router tells its host.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.sdk.OwnershipMode;
import java.util.function.Consumer;

/**
 * The host of a {@link Router}. Calls come one at a time, in an order that must be kept: messages
 * of one origin reach the processor in the order of these calls. They may call the router again.
 */
public interface RouterListener {
  /** A message has been accepted. Must not block. {@link Router#complete} answers it. */
  void deliver(Inbound inbound);

  /**
   * How careful the receivers at an access point are about having one owner per key. With {@link
   * OwnershipMode#AVAILABLE} a message may be taken by a peer that only suspects its predecessor.
   */
  default OwnershipMode mode(String accessPoint) {
    return OwnershipMode.STRICT;
  }

  /** A call has ended; the host runs the callback, now or later, on the thread it likes. */
  default void done(Consumer<Outcome> whenDone, Outcome outcome) {
    whenDone.accept(outcome);
  }
}
