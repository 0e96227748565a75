// What the lease rules need to know of the ring, and how they speak.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.sdk.PeerId;

/** What the lease rules of one peer know of the ring around it. */
public interface Neighbourhood {
  /** The peer after this one, as the pointers say; this one itself if it is alone. */
  PeerId successor();

  /** How many peers are known, this one included. */
  int size();

  /** Whether a peer is believed alive. */
  boolean isAlive(PeerId peer);

  /**
   * The nearest peer before that one, anticlockwise, that is believed alive; this one itself if
   * there is no other.
   */
  PeerId aliveBefore(PeerId peer);

  /** Whether every peer between the two, clockwise, is known if it is alive. */
  boolean isExact(PeerId after, PeerId upTo);

  /** Whether a peer of another ring was heard lately. */
  boolean hearsStrangers(long now);

  /** Sends a message. */
  void send(PeerId to, LeaseMessage message);
}
