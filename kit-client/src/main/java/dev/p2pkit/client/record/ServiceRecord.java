// The signed entry that says which archive a service runs.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One version of one instance of a service, signed by its owner. Immutable; equal if what was
 * signed is equal. The canonical form is described in {@code docs/formats.md}. Reading one checks
 * its bounds only: {@link #signatureValid} is for the reader to call.
 */
public final class ServiceRecord {
  /** The largest record in bytes. */
  public static final int MAX_BYTES = 40_000;

  private static final int MAGIC = 0x50324B52; // P2KR
  private static final int FORMAT = 1;
  private static final int UPGRADEABLE = 1;
  private static final int SHARABLE = 2;
  private static final HexFormat HEX = HexFormat.of();

  private final Edition edition;
  private final Lineage lineage;
  private final byte[] signedPart;
  private final byte[] signature;
  private final String hash;

  private ServiceRecord(Edition edition, Lineage lineage, byte[] signedPart, byte[] signature) {
    this.edition = edition;
    this.lineage = lineage;
    this.signedPart = signedPart;
    this.signature = signature;
    this.hash = HEX.formatHex(Chunks.sha256().digest(signedPart));
  }

  /**
   * The first record of a name and instance.
   *
   * @param wallMillis the signer's clock, milliseconds since 1970
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if the name is of the kind that
   *     belongs to another key
   */
  public static ServiceRecord first(
      OwnerKey owner, String name, String instance, Edition edition, long wallMillis) {
    return sign(
        owner,
        edition,
        Lineage.first(name, instance, owner.publicHex(), HybridTime.at(wallMillis)));
  }

  /**
   * The record that follows this one.
   *
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if the key is another one, {@link
   *     ErrorCode#NOT_UPGRADEABLE} if this record is sealed
   */
  public ServiceRecord next(OwnerKey key, Edition next, long wallMillis) {
    if (!key.publicHex().equals(owner())) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the service "
              + name()
              + " belongs to owner "
              + OwnerKey.fingerprint(owner())
              + ", not to "
              + key.fingerprint()
              + "; sign with that owner's key (--owner-key FILE) or choose another name");
    }
    if (!upgradeable()) {
      throw new KitException(
          ErrorCode.NOT_UPGRADEABLE,
          "the service "
              + name()
              + " was installed sealed; install the new version under another name");
    }
    return sign(
        key,
        next,
        new Lineage(
            name(),
            instance(),
            owner(),
            epoch() + 1,
            HybridTime.after(hlc(), wallMillis),
            claimHlc(),
            claimHash(),
            hash));
  }

  /**
   * The record that installs or upgrades: {@link #next} of the one in force, or {@link #first}.
   *
   * @param current what is in force under that name and instance
   */
  public static ServiceRecord following(
      Optional<ServiceRecord> current,
      OwnerKey owner,
      String name,
      String instance,
      Edition edition,
      long wallMillis) {
    return current
        .map(record -> record.next(owner, edition, wallMillis))
        .orElseGet(() -> first(owner, name, instance, edition, wallMillis));
  }

  private static ServiceRecord sign(OwnerKey owner, Edition edition, Lineage lineage) {
    byte[] part = encode(edition, lineage);
    return new ServiceRecord(edition, lineage, part, owner.sign(part));
  }

  private static byte[] encode(Edition edition, Lineage lineage) {
    WireWriter out = new WireWriter(512);
    out.i32(MAGIC).u8(FORMAT);
    out.text(lineage.name()).text(lineage.instance());
    out.i64(lineage.epoch()).i64(lineage.hlc());
    out.i64(lineage.claimHlc());
    hex(out, lineage.claimHash());
    hex(out, edition.archive());
    out.i32(edition.size());
    out.i32(edition.chunks().size());
    edition.chunks().forEach(chunk -> hex(out, chunk));
    out.text(edition.version());
    out.u8((edition.upgradeable() ? UPGRADEABLE : 0) | (edition.sharable() ? SHARABLE : 0));
    hex(out, lineage.owner());
    hex(out, lineage.previous());
    return out.toBytes();
  }

  private static void hex(WireWriter out, String digits) {
    byte[] bytes = HEX.parseHex(digits);
    out.raw(bytes, 0, bytes.length);
  }

  private static String hex(WireReader in) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) in.u8();
    }
    return HEX.formatHex(bytes);
  }

  /**
   * Reads a record.
   *
   * @throws WireException if the bytes are no record; a later format too
   */
  public static ServiceRecord decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new WireException("a service record has at most " + MAX_BYTES + " bytes");
    }
    WireReader in = new WireReader(bytes);
    if (in.i32() != MAGIC) {
      throw new WireException("no service record");
    }
    int format = in.u8();
    if (format != FORMAT) {
      throw new WireException(
          "a service record of format " + format + "; this version reads format " + FORMAT);
    }
    try {
      String name = in.text(128);
      String instance = in.text(128);
      long epoch = in.i64();
      long hlc = in.i64();
      long claimHlc = in.i64();
      String claimHash = hex(in);
      String archive = hex(in);
      int size = in.i32();
      String[] chunks = new String[in.count(Chunks.count(Archive.MAX_BYTES), 32)];
      Arrays.setAll(chunks, i -> hex(in));
      String version = in.text(Edition.MAX_VERSION);
      int flags = in.u8();
      if (flags > (UPGRADEABLE | SHARABLE)) {
        throw new WireException("a service record with unknown flags " + flags);
      }
      Edition edition =
          new Edition(
              archive,
              size,
              Arrays.asList(chunks),
              version,
              (flags & UPGRADEABLE) != 0,
              (flags & SHARABLE) != 0);
      String owner = hex(in);
      Lineage lineage =
          new Lineage(name, instance, owner, epoch, hlc, claimHlc, claimHash, hex(in));
      byte[] part = Arrays.copyOf(bytes, bytes.length - in.remaining());
      byte[] signature = in.rest();
      if (signature.length != Ed25519.SIGNATURE_BYTES) {
        throw new WireException("a service record ends with a signature of 64 bytes");
      }
      // One record, one form: texts that are not what they decode to would hash differently.
      if (!Arrays.equals(part, encode(edition, lineage))) {
        throw new WireException("a service record that is not in canonical form");
      }
      return new ServiceRecord(edition, lineage, part, signature);
    } catch (IllegalArgumentException | KitException e) {
      throw new WireException("no valid service record: " + e.getMessage());
    }
  }

  /** The canonical bytes, signature included. */
  public byte[] encoded() {
    byte[] all = Arrays.copyOf(signedPart, signedPart.length + signature.length);
    System.arraycopy(signature, 0, all, signedPart.length, signature.length);
    return all;
  }

  /** Whether the owner has signed this. Takes about half a millisecond. */
  public boolean signatureValid() {
    return Ed25519.verify(HEX.parseHex(owner()), signedPart, signature);
  }

  /** SHA-256 of what was signed, 64 hexadecimal digits. */
  public String hash() {
    return hash;
  }

  /** What is to run. */
  public Edition edition() {
    return edition;
  }

  /** The service's name. */
  public String name() {
    return lineage.name();
  }

  /** Which instance. */
  public String instance() {
    return lineage.instance();
  }

  /** The owner's counter, 1 for the first record. */
  public long epoch() {
    return lineage.epoch();
  }

  /** When it was signed, a {@link HybridTime}. */
  public long hlc() {
    return lineage.hlc();
  }

  /** When the owner claimed the name: the {@link #hlc} of the first record. */
  public long claimHlc() {
    return lineage.claimHlc();
  }

  /** The {@link #hash} of the first record. */
  public String claimHash() {
    return epoch() == 1 ? hash : lineage.claimHash();
  }

  /** The owner's public key, 64 hexadecimal digits. */
  public String owner() {
    return lineage.owner();
  }

  /** The hash of the record before this one, or 64 zeros. */
  public String previous() {
    return lineage.previous();
  }

  /** The archive's SHA-256, 64 hexadecimal digits. */
  public String archive() {
    return edition.archive();
  }

  /** The version in the archive's descriptor. */
  public String version() {
    return edition.version();
  }

  /** Whether later records are accepted. */
  public boolean upgradeable() {
    return edition.upgradeable();
  }

  /** Whether peers that were not there at the install get the archive. */
  public boolean sharable() {
    return edition.sharable();
  }

  /** Under which name the service is reachable if its owner has lost the short name. */
  public String longName() {
    return name() + "@" + OwnerKey.fingerprint(owner());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServiceRecord record && record.hash.equals(hash);
  }

  @Override
  public int hashCode() {
    return hash.hashCode();
  }

  @Override
  public String toString() {
    return name() + "/" + instance() + " epoch " + epoch() + " (" + version() + ")";
  }
}
