// The network root's word that a key may ban peers.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.overlay.transport.SignedText;
import dev.p2pkit.sdk.KitException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The network root's signature over an administrator's public key, the network's name and the time
 * until which it holds, so that the root's own key can stay off line. Immutable.
 */
public final class AdministratorCertificate {
  /** The longest encoded certificate, in bytes. */
  static final int MOST_BYTES = 512;

  private static final int MAGIC = 0x50324B41; // "P2KA"
  private static final int VERSION = 1;
  private static final int NETWORK_BYTES = 255;
  private static final SignedText TEXT =
      new SignedText(
          "p2pkit:administrator:1:",
          MOST_BYTES,
          "an administrator's certificate",
          "ask the network's root for a new one");

  private final String network;
  private final byte[] rootKey;
  private final byte[] key;
  private final Instant expires;
  private final byte[] signature;

  private AdministratorCertificate(
      String network, byte[] rootKey, byte[] key, Instant expires, byte[] signature) {
    this.network = network;
    this.rootKey = rootKey;
    this.key = key;
    this.expires = expires;
    this.signature = signature;
  }

  /**
   * Names an administrator.
   *
   * @param key the administrator's raw Ed25519 public key, 32 bytes
   * @param expires until when; what it signs later is refused. Whole milliseconds count
   * @throws IllegalArgumentException if the key has another length
   */
  public static AdministratorCertificate issue(
      NetworkRoot root, byte[] key, String network, Instant expires) {
    if (key.length != Ed25519.KEY_BYTES) {
      throw new IllegalArgumentException("a public key has 32 bytes, not " + key.length);
    }
    Instant whole = Instant.ofEpochMilli(expires.toEpochMilli());
    byte[] signed = signedBytes(network, root.rawPublicKey(), key, whole);
    return new AdministratorCertificate(
        network, root.rawPublicKey(), key.clone(), whole, root.sign(signed));
  }

  /** The name of the network. */
  public String network() {
    return network;
  }

  /** The root's public key, 32 bytes. */
  public byte[] rootKey() {
    return rootKey.clone();
  }

  /** The administrator's public key, 32 bytes. */
  public byte[] key() {
    return key.clone();
  }

  /** Until when it holds. */
  public Instant expires() {
    return expires;
  }

  /** Whether the root that is named in it has signed it. */
  boolean isGenuine() {
    return Ed25519.verify(rootKey, signedBytes(network, rootKey, key, expires), signature);
  }

  private static byte[] signedBytes(String network, byte[] rootKey, byte[] key, Instant expires) {
    return new WireWriter(160)
        .i32(MAGIC)
        .u8(VERSION)
        .text(network)
        .raw(rootKey, 0, rootKey.length)
        .raw(key, 0, key.length)
        .i64(expires.toEpochMilli())
        .toBytes();
  }

  byte[] encode() {
    byte[] signed = signedBytes(network, rootKey, key, expires);
    return new WireWriter(256)
        .raw(signed, 0, signed.length)
        .raw(signature, 0, signature.length)
        .toBytes();
  }

  /** Reads what {@link #encode} writes; the signature is not checked here. */
  static AdministratorCertificate decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.i32() != MAGIC || in.u8() != VERSION) {
      throw new WireException("an administrator's certificate of version 1 was expected");
    }
    String network = in.text(NETWORK_BYTES);
    byte[] rootKey = in.raw(Ed25519.KEY_BYTES);
    byte[] key = in.raw(Ed25519.KEY_BYTES);
    Instant expires = Instant.ofEpochMilli(in.i64());
    return new AdministratorCertificate(
        network, rootKey, key, expires, in.raw(Ed25519.SIGNATURE_BYTES));
  }

  /** One line of text, as it stands in a file. */
  public String toText() {
    return TEXT.write(encode());
  }

  /**
   * Reads {@link #toText}.
   *
   * @throws KitException BAD_SIGNATURE if the text is no certificate or its signature does not fit
   */
  public static AdministratorCertificate parse(String text) {
    return genuine(TEXT.parse(text, AdministratorCertificate::decode));
  }

  /**
   * Reads a file with the text of a certificate.
   *
   * @throws KitException UNAUTHORISED if the file cannot be read, BAD_SIGNATURE as {@link #parse}
   */
  public static AdministratorCertificate read(Path file) {
    return genuine(TEXT.read(file, AdministratorCertificate::decode));
  }

  private static AdministratorCertificate genuine(AdministratorCertificate certificate) {
    if (!certificate.isGenuine()) {
      throw TEXT.garbled("its signature does not fit");
    }
    return certificate;
  }
}
