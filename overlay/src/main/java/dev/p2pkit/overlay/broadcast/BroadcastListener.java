// Who receives broadcasts on a peer.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * Receives each broadcast once, also this peer's own; those of one origin in the order in which it
 * began them.
 */
@FunctionalInterface
public interface BroadcastListener {
  /**
   * A broadcast has arrived. Called inside of the machine: hand it over and return, and do not call
   * the machine from here.
   *
   * @param origin the peer that began it
   * @param topic what it is about
   * @param payload the bytes; shared, do not change them
   * @return empty if it was taken, else why not; the origin's report says so
   */
  Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload);

  /**
   * Broadcasts of a peer were not to be had in time, and later ones of it are delivered now. Called
   * inside of the machine.
   *
   * @param count how many; each part of a long payload counts
   */
  default void onMissed(PeerId origin, long count) {}

  /**
   * How many bytes this peer may send at once to pass on what its ring tells (topic 0): it divides
   * its interval into no more parts than that pays for, and while there is nothing, it waits.
   * Called inside of the machine.
   */
  default int spendable(long now) {
    return Integer.MAX_VALUE;
  }
}
