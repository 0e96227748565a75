// Ed25519 on raw bytes, as tickets carry them.
package dev.p2pkit.client.ticket;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

final class Ed25519Keys {
  static final int PUBLIC_BYTES = 32;
  static final int SIGNATURE_BYTES = 64;
  // The fixed head of a SubjectPublicKeyInfo for Ed25519 (RFC 8410).
  private static final byte[] SPKI_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

  private Ed25519Keys() {}

  static boolean verify(byte[] publicKey, byte[] data, byte[] signature) {
    try {
      byte[] encoded = Arrays.copyOf(SPKI_HEAD, SPKI_HEAD.length + PUBLIC_BYTES);
      System.arraycopy(publicKey, 0, encoded, SPKI_HEAD.length, PUBLIC_BYTES);
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
      verifier.update(data);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  static PeerId peerId(byte[] publicKey) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(publicKey);
      return new PeerId(Key.of(Arrays.copyOf(digest, Key.BYTES)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
