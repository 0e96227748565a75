// The network root's word that a peer is a member.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * The network root's signature over a member's public key, the network's name and the time until
 * which it holds. Immutable.
 */
public final class MembershipCertificate {
  /** The longest encoded certificate, in bytes. */
  static final int MOST_BYTES = 512;

  private static final int MAGIC = 0x50324B4D; // "P2KM"
  private static final int VERSION = 1;
  private static final SignedText TEXT =
      new SignedText(
          "p2pkit:member:1:",
          MOST_BYTES,
          "a membership certificate",
          "ask the network's root for a new one");

  private final String network;
  private final byte[] rootKey;
  private final byte[] memberKey;
  private final Instant expires;
  private final byte[] signature;

  MembershipCertificate(
      String network, byte[] rootKey, byte[] memberKey, Instant expires, byte[] signature) {
    this.network = network;
    this.rootKey = rootKey.clone();
    this.memberKey = memberKey.clone();
    this.expires = Instant.ofEpochMilli(expires.toEpochMilli());
    this.signature = signature.clone();
  }

  /** The name of the network. */
  public String network() {
    return network;
  }

  /** The root's public key, 32 bytes. */
  public byte[] rootKey() {
    return rootKey.clone();
  }

  /** The member. */
  public PeerId member() {
    return Identity.idOf(memberKey);
  }

  /** Until when it holds, in whole milliseconds. */
  public Instant expires() {
    return expires;
  }

  /** Whether the root that is named in it has signed it. */
  public boolean isGenuine() {
    return Ed25519.verify(rootKey, signedBytes(network, rootKey, memberKey, expires), signature);
  }

  boolean isFor(byte[] rawPublicKey) {
    return Arrays.equals(memberKey, rawPublicKey);
  }

  static byte[] signedBytes(String network, byte[] rootKey, byte[] memberKey, Instant expires) {
    return new WireWriter(160)
        .i32(MAGIC)
        .u8(VERSION)
        .text(network)
        .raw(rootKey, 0, rootKey.length)
        .raw(memberKey, 0, memberKey.length)
        .i64(expires.toEpochMilli())
        .toBytes();
  }

  byte[] encode() {
    byte[] signed = signedBytes(network, rootKey, memberKey, expires);
    return new WireWriter(256)
        .raw(signed, 0, signed.length)
        .raw(signature, 0, signature.length)
        .toBytes();
  }

  /** Reads what {@link #encode} writes; the signature is not checked here. */
  static MembershipCertificate decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.i32() != MAGIC || in.u8() != VERSION) {
      throw new WireException("a membership certificate of version 1 was expected");
    }
    String network = in.text(TransportConfig.NETWORK_BYTES);
    byte[] rootKey = in.raw(Ed25519.KEY_BYTES);
    byte[] memberKey = in.raw(Ed25519.KEY_BYTES);
    Instant expires = Instant.ofEpochMilli(in.i64());
    byte[] signature = in.raw(Ed25519.SIGNATURE_BYTES);
    return new MembershipCertificate(network, rootKey, memberKey, expires, signature);
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
  public static MembershipCertificate parse(String text) {
    return genuine(TEXT.parse(text, MembershipCertificate::decode));
  }

  /**
   * Reads a file with the text of a certificate.
   *
   * @throws KitException UNAUTHORISED if the file cannot be read, BAD_SIGNATURE as {@link #parse}
   */
  public static MembershipCertificate read(Path file) {
    return genuine(TEXT.read(file, MembershipCertificate::decode));
  }

  private static MembershipCertificate genuine(MembershipCertificate certificate) {
    if (!certificate.isGenuine()) {
      throw TEXT.garbled("its signature does not fit");
    }
    return certificate;
  }

  @Override
  public String toString() {
    return "certificate of " + member() + " for network " + network + " until " + expires;
  }
}
