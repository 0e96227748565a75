// A protocol as a deterministic state machine: what it asks of its driver.
package dev.p2pkit.overlay.machine;

import java.util.SplittableRandom;

/** What a {@link Machine} can do. No call comes back into the machine before it returns. */
public interface Effects {
  /** This peer. */
  PeerRef self();

  /**
   * Sends a message, opening a link if there is none. Messages to one peer on one channel arrive in
   * this order or not at all; what is lost with a link is reported only by {@link Machine#onLink}.
   */
  void send(PeerRef to, WireMessage message);

  /**
   * Like {@link #send}, for those who must know: false if the channel has reached its bound and the
   * message was not taken.
   */
  default boolean offer(PeerRef to, WireMessage message) {
    send(to, message);
    return true;
  }

  /**
   * Asks for {@link Machine#onTimer} with this token at that time or soon after; a token that is
   * set already is moved.
   */
  void timer(long token, long at);

  /** Forgets a timer. */
  void cancel(long token);

  /** Closes the link to a peer after what is queued has been written. */
  void close(PeerRef peer);

  /** Where a simulation lets something go wrong; nowhere in a real peer. */
  default FaultSites faults() {
    return FaultSites.NONE;
  }

  /** The machine's only source of randomness. */
  SplittableRandom random();
}
