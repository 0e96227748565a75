// The network root's word that a key may sign notices for it.
package dev.p2pkit.overlay.notice;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.overlay.transport.SignedText;
import dev.p2pkit.sdk.KitException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * The network root's signature over an administrator's public key, the network's name, what the
 * administrator may do and the time until which it holds, so that the root's own key can stay off
 * line. Immutable.
 */
public final class AdministratorCertificate {
  /** The longest encoded certificate, in bytes. */
  static final int MOST_BYTES = 512;

  private static final int MAGIC = 0x50324B41; // "P2KA"

  /** To ban peers, and nothing else: the powers are not in the bytes. */
  private static final int BANS_ONLY = 1;

  private static final int VERSION = 2;
  private static final int NETWORK_BYTES = 255;
  private static final SignedText TEXT = text(VERSION);
  private static final SignedText BANS_ONLY_TEXT = text(BANS_ONLY);

  private final String network;
  private final byte[] rootKey;
  private final byte[] key;
  private final Instant expires;
  private final Set<Power> powers;
  private final byte[] signature;

  private AdministratorCertificate(
      String network,
      byte[] rootKey,
      byte[] key,
      Instant expires,
      Set<Power> powers,
      byte[] signature) {
    this.network = network;
    this.rootKey = rootKey;
    this.key = key;
    this.expires = expires;
    this.powers = Set.copyOf(powers);
    this.signature = signature;
  }

  /** What an administrator may do. */
  public enum Power {
    /** Ban peers and lift bans. */
    BAN(1, "ban"),
    /** Say whose services the peers run, and who may hold which names. */
    TRUST(2, "trust");

    private final int bit;
    private final String word;

    Power(int bit, String word) {
      this.bit = bit;
      this.word = word;
    }

    /** How the command line calls it. */
    public String word() {
      return word;
    }
  }

  private static SignedText text(int version) {
    return new SignedText(
        "p2pkit:administrator:" + version + ":",
        MOST_BYTES,
        "an administrator's certificate",
        "ask the network's root for a new one");
  }

  /** Names an administrator who may ban peers. */
  public static AdministratorCertificate issue(
      NetworkRoot root, byte[] key, String network, Instant expires) {
    return issue(root, key, network, expires, EnumSet.of(Power.BAN));
  }

  /**
   * Names an administrator.
   *
   * @param key the administrator's raw Ed25519 public key, 32 bytes
   * @param expires until when; what it signs later is refused. Whole milliseconds count
   * @param powers what it may do, at least one thing
   * @throws IllegalArgumentException if the key has another length, or there is no power
   */
  public static AdministratorCertificate issue(
      NetworkRoot root, byte[] key, String network, Instant expires, Set<Power> powers) {
    if (powers.isEmpty()) {
      throw new IllegalArgumentException("an administrator may do at least one thing");
    }
    if (key.length != Ed25519.KEY_BYTES) {
      throw new IllegalArgumentException("a public key has 32 bytes, not " + key.length);
    }
    Instant whole = Instant.ofEpochMilli(expires.toEpochMilli());
    byte[] signed = signedBytes(network, root.rawPublicKey(), key, whole, powers);
    return new AdministratorCertificate(
        network, root.rawPublicKey(), key.clone(), whole, powers, root.sign(signed));
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

  /** What the administrator may do. */
  public Set<Power> powers() {
    return powers;
  }

  /** Whether the root that is named in it has signed it. */
  boolean isGenuine() {
    return Ed25519.verify(rootKey, signedBytes(network, rootKey, key, expires, powers), signature);
  }

  private static boolean bansOnly(Set<Power> powers) {
    return powers.equals(EnumSet.of(Power.BAN));
  }

  private static byte[] signedBytes(
      String network, byte[] rootKey, byte[] key, Instant expires, Set<Power> powers) {
    WireWriter out = new WireWriter(160);
    out.i32(MAGIC)
        .u8(bansOnly(powers) ? BANS_ONLY : VERSION)
        .text(network)
        .raw(rootKey, 0, rootKey.length)
        .raw(key, 0, key.length)
        .i64(expires.toEpochMilli());
    if (!bansOnly(powers)) {
      out.u8(powers.stream().mapToInt(power -> power.bit).sum());
    }
    return out.toBytes();
  }

  private static Set<Power> powers(int bits) {
    Set<Power> powers = EnumSet.noneOf(Power.class);
    int known = 0;
    for (Power power : Power.values()) {
      known |= power.bit;
      if ((bits & power.bit) != 0) {
        powers.add(power);
      }
    }
    // One right, one form: to ban and nothing else is version 1.
    if (powers.isEmpty() || (bits & ~known) != 0 || bansOnly(powers)) {
      throw new WireException("an administrator's certificate with the unknown powers " + bits);
    }
    return powers;
  }

  byte[] encode() {
    byte[] signed = signedBytes(network, rootKey, key, expires, powers);
    return new WireWriter(256)
        .raw(signed, 0, signed.length)
        .raw(signature, 0, signature.length)
        .toBytes();
  }

  /** Reads what {@link #encode} writes; the signature is not checked here. */
  static AdministratorCertificate decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    int magic = in.i32();
    int version = in.u8();
    if (magic != MAGIC || version < BANS_ONLY || version > VERSION) {
      throw new WireException("an administrator's certificate of version 1 or 2 was expected");
    }
    String network = in.text(NETWORK_BYTES);
    byte[] rootKey = in.raw(Ed25519.KEY_BYTES);
    byte[] key = in.raw(Ed25519.KEY_BYTES);
    Instant expires = Instant.ofEpochMilli(in.i64());
    Set<Power> powers = version == BANS_ONLY ? EnumSet.of(Power.BAN) : powers(in.u8());
    return new AdministratorCertificate(
        network, rootKey, key, expires, powers, in.raw(Ed25519.SIGNATURE_BYTES));
  }

  /** One line of text, as it stands in a file. */
  public String toText() {
    return (bansOnly(powers) ? BANS_ONLY_TEXT : TEXT).write(encode());
  }

  /**
   * Reads {@link #toText}.
   *
   * @throws KitException BAD_SIGNATURE if the text is no certificate or its signature does not fit
   */
  public static AdministratorCertificate parse(String text) {
    boolean old = text.strip().startsWith(BANS_ONLY_TEXT.prefix());
    return genuine((old ? BANS_ONLY_TEXT : TEXT).parse(text, AdministratorCertificate::decode));
  }

  /**
   * Reads a file with the text of a certificate.
   *
   * @throws KitException UNAUTHORISED if the file cannot be read, BAD_SIGNATURE as {@link #parse}
   */
  public static AdministratorCertificate read(Path file) {
    return parse(TEXT.text(file));
  }

  private static AdministratorCertificate genuine(AdministratorCertificate certificate) {
    if (!certificate.isGenuine()) {
      throw TEXT.garbled("its signature does not fit");
    }
    return certificate;
  }
}
