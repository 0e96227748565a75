// A protocol as a deterministic state machine: what a driver tells it.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.PeerId;

/**
 * A protocol of one peer, driven from outside. A driver never makes two calls at once and never
 * from inside of an effect. Time is monotonic, in microseconds, and comes with each call; the
 * machine has no other clock. For the same calls a machine has the same effects: it iterates over
 * ordered collections only and takes random numbers only from {@link Effects#random}.
 */
public interface Machine {
  /** The driver is ready; timers may be set. */
  default void start(long now) {}

  /**
   * A message of one of this machine's frame types.
   *
   * @param from the peer that sent it, as its link has proved
   */
  default void onMessage(long now, PeerRef from, WireMessage message) {}

  /** What happened to the link to a peer. */
  default void onLink(long now, PeerId peer, LinkEvent event) {}

  /** A timer that this machine has set. */
  default void onTimer(long now, long token) {}

  /** The ring as this peer sees it has changed. */
  default void onView(long now, RingView view) {}
}
