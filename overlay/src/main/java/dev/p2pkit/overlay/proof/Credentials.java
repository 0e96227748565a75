// How one who signs shows that it belongs to the network.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.sdk.PeerId;

/**
 * How one who signs shows that it belongs to the network: a link proves that of its ends, a
 * signature does not. Without it anybody could make up a grantor.
 */
public interface Credentials {
  /** The longest credential, in bytes. */
  int MOST_BYTES = 1_024;

  /** For networks whose members need none, or know one secret. */
  Credentials NONE =
      new Credentials() {
        @Override
        public byte[] own() {
          return new byte[0];
        }

        @Override
        public boolean admits(PeerId peer, byte[] credential) {
          return true;
        }
      };

  /** This peer's; at most {@link #MOST_BYTES}. */
  byte[] own();

  /** Whether a peer that shows this is a member now. */
  boolean admits(PeerId peer, byte[] credential);
}
