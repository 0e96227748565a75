// A signed word that a peer is banned, or is not any more.
package dev.p2pkit.overlay.ban;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.SignedText;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Says that a peer is banned from a network, or that its ban is lifted. Of two notices about one
 * peer the later one holds. Immutable.
 */
public final class BanNotice {
  /** The longest reason, in bytes of UTF-8. */
  public static final int REASON_BYTES = 256;

  /** The longest encoded notice, in bytes. */
  static final int MOST_BYTES = 1_536;

  private static final int MAGIC = 0x50324B42; // "P2KB"
  private static final int VERSION = 1;
  private static final int NETWORK_BYTES = 255;
  private static final SignedText TEXT =
      new SignedText(
          "p2pkit:ban:1:", MOST_BYTES, "a ban notice", "make one with 'p2pkit ban --print'");

  private final String network;
  private final PeerId subject;
  private final boolean lifted;
  private final Instant issued;
  private final String reason;
  private final byte[] signer;
  private final Optional<AdministratorCertificate> authority;
  private final byte[] signature;
  private final long hash;

  private BanNotice(
      String network,
      PeerId subject,
      boolean lifted,
      Instant issued,
      String reason,
      byte[] signer,
      Optional<AdministratorCertificate> authority,
      byte[] signature) {
    this.network = network;
    this.subject = subject;
    this.lifted = lifted;
    this.issued = issued;
    this.reason = reason;
    this.signer = signer;
    this.authority = authority;
    this.signature = signature;
    hash = Hashing.sha256().hashBytes(signedBytes()).asLong();
  }

  /**
   * Signs a notice.
   *
   * @param signer the raw Ed25519 public key of who signs, 32 bytes
   * @param authority by what right, unless the signer is the root itself
   * @param sign signs bytes with the signer's private key
   * @param issued when; whole milliseconds count
   * @param reason for people to read, at most {@link #REASON_BYTES} bytes
   * @throws IllegalArgumentException if the reason is too long
   */
  public static BanNotice issue(
      String network,
      PeerId subject,
      boolean lifted,
      Instant issued,
      String reason,
      byte[] signer,
      Optional<AdministratorCertificate> authority,
      UnaryOperator<byte[]> sign) {
    if (reason.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > REASON_BYTES) {
      throw new IllegalArgumentException(
          "a reason has at most " + REASON_BYTES + " bytes; shorten it");
    }
    BanNotice unsigned =
        new BanNotice(
            network,
            subject,
            lifted,
            Instant.ofEpochMilli(issued.toEpochMilli()),
            reason,
            signer.clone(),
            authority,
            new byte[0]);
    return new BanNotice(
        network,
        subject,
        lifted,
        unsigned.issued,
        reason,
        unsigned.signer,
        authority,
        sign.apply(unsigned.signedBytes()));
  }

  /** The name of the network. */
  public String network() {
    return network;
  }

  /** Whom it is about. */
  public PeerId subject() {
    return subject;
  }

  /** Whether it ends a ban; else it begins one. */
  public boolean lifted() {
    return lifted;
  }

  /** When it was signed, by the signer's clock. */
  public Instant issued() {
    return issued;
  }

  /** Why, for people to read. */
  public String reason() {
    return reason;
  }

  /** Who signed it: the first 16 hexadecimal digits of the SHA-256 of the public key. */
  public String signedBy() {
    return HexFormat.of().formatHex(Hashing.sha256().hashBytes(signer).asBytes(), 0, 8);
  }

  /** By which two lists of notices are compared. */
  long hash() {
    return hash;
  }

  /** Whether this notice holds against another about the same peer. */
  boolean supersedes(BanNotice other) {
    int order = issued.compareTo(other.issued);
    return order > 0 || (order == 0 && Long.compareUnsigned(hash, other.hash) > 0);
  }

  /**
   * Why this notice is not to be obeyed; empty if it is.
   *
   * @param ofNetwork the network it must be for
   * @param root the root's public key that must stand behind it
   */
  Optional<String> objection(String ofNetwork, byte[] root) {
    if (!network.equals(ofNetwork)) {
      return Optional.of("it is for the network " + network);
    }
    if (authority.isPresent()) {
      AdministratorCertificate certificate = authority.get();
      if (!Arrays.equals(certificate.rootKey(), root) || !certificate.network().equals(network)) {
        return Optional.of("its administrator was named by another root");
      }
      if (!Arrays.equals(certificate.key(), signer)) {
        return Optional.of("it is signed by another than the administrator it names");
      }
      if (issued.isAfter(certificate.expires())) {
        return Optional.of("the right of its administrator had expired");
      }
      if (!certificate.isGenuine()) {
        return Optional.of("the certificate of its administrator is forged");
      }
    } else if (!Arrays.equals(signer, root)) {
      return Optional.of("it is signed by neither the root nor an administrator");
    }
    return Ed25519.verify(signer, signedBytes(), signature)
        ? Optional.empty()
        : Optional.of("its signature does not fit");
  }

  private byte[] signedBytes() {
    byte[] certificate =
        authority.map(AdministratorCertificate::encode).orElseGet(() -> new byte[0]);
    return new WireWriter(512)
        .i32(MAGIC)
        .u8(VERSION)
        .text(network)
        .peer(subject)
        .bool(lifted)
        .i64(issued.toEpochMilli())
        .text(reason)
        .raw(signer, 0, signer.length)
        .bytes(certificate)
        .toBytes();
  }

  byte[] encode() {
    byte[] signed = signedBytes();
    return new WireWriter(512)
        .raw(signed, 0, signed.length)
        .raw(signature, 0, signature.length)
        .toBytes();
  }

  /** Reads what {@link #encode} writes; nothing is verified here. */
  static BanNotice decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.i32() != MAGIC || in.u8() != VERSION) {
      throw new WireException("a ban notice of version 1 was expected");
    }
    String network = in.text(NETWORK_BYTES);
    PeerId subject = in.peer();
    boolean lifted = in.bool();
    Instant issued = Instant.ofEpochMilli(in.i64());
    String reason = in.text(REASON_BYTES);
    byte[] signer = in.raw(Ed25519.KEY_BYTES);
    byte[] certificate = in.bytes(AdministratorCertificate.MOST_BYTES);
    return new BanNotice(
        network,
        subject,
        lifted,
        issued,
        reason,
        signer,
        certificate.length == 0
            ? Optional.empty()
            : Optional.of(AdministratorCertificate.decode(certificate)),
        in.raw(Ed25519.SIGNATURE_BYTES));
  }

  /** One line of text, to be carried to a peer by hand. */
  public String toText() {
    return TEXT.write(encode());
  }

  /**
   * Reads {@link #toText}; whether it is to be obeyed is for each peer to check.
   *
   * @throws KitException BAD_SIGNATURE if the text is no notice
   */
  public static BanNotice parse(String text) {
    return TEXT.parse(text, BanNotice::decode);
  }

  @Override
  public String toString() {
    return (lifted ? "ban lifted of " : "ban of ") + subject + " by " + signedBy() + ": " + reason;
  }
}
