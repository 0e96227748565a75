// Broadcasts signed with the identity of their peer.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;

/**
 * A seal is the raw public key, whose hash is the peer's id, and an Ed25519 signature: nobody needs
 * to have met the origin to check it.
 */
public final class IdentitySeals implements BroadcastSeals {
  private static final int LENGTH = Ed25519.KEY_BYTES + Ed25519.SIGNATURE_BYTES;

  private final Identity identity;

  /** Signs as the owner of this identity. */
  public IdentitySeals(Identity identity) {
    this.identity = identity;
  }

  @Override
  public byte[] seal(byte[] statement) {
    byte[] seal = Arrays.copyOf(identity.rawPublicKey(), LENGTH);
    byte[] signature = identity.sign(statement);
    System.arraycopy(signature, 0, seal, Ed25519.KEY_BYTES, signature.length);
    return seal;
  }

  @Override
  public boolean fits(PeerId origin, byte[] statement, byte[] seal) {
    if (seal.length != LENGTH) {
      return false;
    }
    byte[] key = Arrays.copyOf(seal, Ed25519.KEY_BYTES);
    byte[] signature = Arrays.copyOfRange(seal, Ed25519.KEY_BYTES, LENGTH);
    return Identity.idOf(key).equals(origin) && Identity.verify(key, statement, signature);
  }
}
