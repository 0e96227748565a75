// What a router tells its host.
package dev.p2pkit.overlay.routing;

import java.util.function.Consumer;

/**
 * The host of a {@link Router}. Calls come one at a time, in an order that must be kept: messages
 * of one origin reach the processor in the order of these calls. They may call the router again.
 */
public interface RouterListener {
  /** A message has been accepted. Must not block. {@link Router#complete} answers it. */
  void deliver(Inbound inbound);

  /** A call has ended; the host runs the callback, now or later, on the thread it likes. */
  default void done(Consumer<Outcome> whenDone, Outcome outcome) {
    whenDone.accept(outcome);
  }
}
