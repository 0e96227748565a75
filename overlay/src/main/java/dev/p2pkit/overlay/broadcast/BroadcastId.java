// The name of one broadcast in the whole network.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.PeerId;

/**
 * A broadcast in the whole network.
 *
 * @param origin the peer that began it
 * @param sequence the origin's number for it; grows with each broadcast, also over a restart;
 *     negative and falling for those of the ring itself
 */
public record BroadcastId(PeerId origin, long sequence) {
  /** Whether it belongs to the ring itself (topic 0): neither ordered nor repaired. */
  boolean isPlain() {
    return sequence < 0;
  }

  /** A number that is well spread over all names (the finisher of SplitMix64). */
  long hash() {
    long mixed = origin.position().high() ^ Long.rotateLeft(origin.position().low(), 32);
    mixed = (mixed ^ sequence) * 0x9E37_79B9_7F4A_7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ (mixed >>> 31);
  }
}
