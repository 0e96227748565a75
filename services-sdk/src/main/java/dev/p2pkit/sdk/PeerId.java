// The identity of a full peer, which is also its place on the ring.
package dev.p2pkit.sdk;

import dev.p2pkit.sdk.codec.TextValue;

/**
 * The identity of a full peer and its position on the ring: the first 16 bytes of SHA-256 over its
 * Ed25519 public key, so that nobody chooses a position and a link can prove the identity.
 *
 * @param position where the peer stands on the ring
 */
public record PeerId(Key position) implements Comparable<PeerId>, TextValue {

  /**
   * Reads 32 hexadecimal digits.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static PeerId parse(String text) {
    return new PeerId(Key.parse(text));
  }

  @Override
  public int compareTo(PeerId other) {
    return position.compareTo(other.position);
  }

  /** The first 8 digits, for logs and tables. */
  public String shortText() {
    return toString().substring(0, 8);
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return position.toString();
  }
}
