// Signs broadcasts and checks the signatures of others.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.PeerId;

/**
 * Signs the broadcasts of this peer and checks those of others. Called once for each broadcast and
 * part on each peer, from inside of the machine.
 */
public interface BroadcastSeals {
  /** The longest seal, in bytes. */
  int MAX_BYTES = 256;

  /** For simulations whose peers do not lie: nothing is signed. */
  BroadcastSeals UNSIGNED =
      new BroadcastSeals() {
        @Override
        public byte[] seal(byte[] statement) {
          return new byte[0];
        }

        @Override
        public boolean fits(PeerId origin, byte[] statement, byte[] seal) {
          return seal.length == 0;
        }
      };

  /** Signs; at most {@link #MAX_BYTES} bytes, with all that a stranger needs to check them. */
  byte[] seal(byte[] statement);

  /** Whether the peer of this id has signed these bytes. */
  boolean fits(PeerId origin, byte[] statement, byte[] seal);
}
