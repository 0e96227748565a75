// The signed entry that says which archive a service runs.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One version of one instance of a service, signed by its owner. Immutable; equal if what was
 * signed is equal. The canonical form is described in {@code docs/formats.md}. Reading one checks
 * its bounds only: {@link #signatureValid} is for the reader to call.
 */
public final class ServiceRecord {
  /** The largest record in bytes. */
  public static final int MAX_BYTES = 80_000;

  /** The largest epoch: an owner that upgrades a hundred times a second needs a million years. */
  public static final long MAX_EPOCH = 1L << 52;

  /** How many epochs each generation adds to those that a ticket may sign. */
  private static final long TICKET_EPOCHS = 1L << 32;

  private static final int MAGIC = 0x50324B52; // P2KR
  private static final int FORMAT = 2;
  private static final HexFormat HEX = HexFormat.of();

  private final Edition edition;
  private final Lineage lineage;
  private final Plan plan;
  private final List<Certificate> chain;
  private final byte[] signedPart;
  private final byte[] signature;
  private final String hash;

  private ServiceRecord(
      Edition edition,
      Lineage lineage,
      Plan plan,
      List<Certificate> chain,
      byte[] signedPart,
      byte[] signature) {
    this.edition = edition;
    this.lineage = lineage;
    this.plan = plan;
    this.chain = chain;
    this.signedPart = signedPart;
    this.signature = signature;
    this.hash = HEX.formatHex(Chunks.sha256().digest(signedPart));
  }

  /**
   * The first record of a name and instance, for all peers at once.
   *
   * @param wallMillis the signer's clock, milliseconds since 1970
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if the name is of the kind that
   *     belongs to another key
   */
  public static ServiceRecord first(
      OwnerKey owner, String name, String instance, Edition edition, long wallMillis) {
    return first(owner, name, instance, edition, Plan.AT_ONCE, wallMillis);
  }

  /** The first record of a name and instance. */
  public static ServiceRecord first(
      OwnerKey owner, String name, String instance, Edition edition, Plan plan, long wallMillis) {
    checkPausable(edition.upgradeable(), plan.schedule().staged(), name);
    return sign(
        Signer.owner(owner),
        edition,
        Lineage.first(name, instance, owner.publicHex(), HybridTime.at(wallMillis)),
        plan);
  }

  /** The record that follows this one and is for all peers at once. */
  public ServiceRecord next(OwnerKey key, Edition next, long wallMillis) {
    return next(Signer.owner(key), next, Plan.AT_ONCE, wallMillis);
  }

  /**
   * The record that follows this one.
   *
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if the signer has no right to it,
   *     {@link ErrorCode#NOT_UPGRADEABLE} if this record is sealed
   */
  public ServiceRecord next(Signer signer, Edition next, Plan nextPlan, long wallMillis) {
    if (!signer.owner().equals(owner())) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the service "
              + name()
              + " belongs to owner "
              + OwnerKey.fingerprint(owner())
              + ", not to "
              + OwnerKey.fingerprint(signer.owner())
              + "; sign with that owner's key (--owner-key FILE) or choose another name");
    }
    if (!upgradeable() && nextPlan.operation() != Operation.WITHDRAW) {
      throw new KitException(
          ErrorCode.NOT_UPGRADEABLE,
          "the service "
              + name()
              + " was installed sealed; install the new version under another name");
    }
    checkPausable(next.upgradeable(), nextPlan.schedule().staged(), name());
    return sign(signer, next, following(generation(), wallMillis), nextPlan);
  }

  /**
   * Makes sure that a roll-out could be stopped: what pauses it or takes it back is a later record,
   * and a sealed service has none.
   *
   * @throws KitException with {@link ErrorCode#NOT_UPGRADEABLE} if it is sealed and in waves
   */
  public static void checkPausable(boolean upgradeable, boolean staged, String name) {
    if (staged && !upgradeable) {
      throw new KitException(
          ErrorCode.NOT_UPGRADEABLE,
          "a sealed version of "
              + name
              + " in waves could be neither paused nor taken back; roll it out in waves first and"
              + " seal it when it has reached all peers, or seal it without waves");
    }
  }

  /**
   * The record that follows this one, runs the same, and ends every right that was handed on before
   * it: certificates name the generation in which they count.
   */
  public ServiceRecord revoking(OwnerKey owner, long wallMillis) {
    Signer signer = Signer.owner(owner);
    if (!signer.owner().equals(owner())) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "only the owner " + OwnerKey.fingerprint(owner()) + " revokes what it has handed on");
    }
    return sign(signer, edition, following(generation() + 1, wallMillis), plan);
  }

  private Lineage following(int nextGeneration, long wallMillis) {
    return new Lineage(
        name(),
        instance(),
        owner(),
        nextGeneration,
        epoch() + 1,
        HybridTime.after(hlc(), wallMillis),
        claimHlc(),
        claimHash(),
        hash);
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

  private static ServiceRecord sign(Signer signer, Edition edition, Lineage lineage, Plan plan) {
    checkPowers(signer.isOwner(), lineage, edition, plan);
    if (!signer.isOwner()) {
      Certificate.holder(
          lineage.owner(),
          lineage.name(),
          lineage.instance(),
          lineage.generation(),
          signer.chain(),
          Certificate.Power.UPGRADE,
          seconds(lineage.hlc()));
    }
    byte[] part = encode(edition, lineage, plan, signer.chain());
    if (part.length + Ed25519.SIGNATURE_BYTES > MAX_BYTES) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE,
          "the record of "
              + lineage.name()
              + " would have more than "
              + MAX_BYTES
              + " bytes; for so large an archive upgrade without waves");
    }
    return new ServiceRecord(edition, lineage, plan, signer.chain(), part, signer.key().sign(part));
  }

  /**
   * What is for good is the owner's alone. To use the epochs up would be: so a ticket's end where
   * the owner, who revokes, still has room, and in the next generation its other tickets too.
   */
  private static void checkPowers(boolean owner, Lineage lineage, Edition edition, Plan plan) {
    if (!owner && (!edition.upgradeable() || plan.operation() == Operation.WITHDRAW)) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "sealing and withdrawing a service take its owner's own key; a ticket only upgrades it");
    }
    long most = owner ? MAX_EPOCH : ticketEpochs(lineage.generation());
    if (lineage.epoch() > most) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "epoch "
              + lineage.epoch()
              + " of "
              + lineage.name()
              + " is beyond "
              + most
              + (owner
                  ? ", the last one there is"
                  : ", the last one that a ticket may sign; have the owner revoke the tickets"
                      + " ('p2pkit service revoke') and issue new ones"));
    }
  }

  private static long ticketEpochs(int generation) {
    return Math.min(MAX_EPOCH / 2, (generation + 1L) * TICKET_EPOCHS);
  }

  private static long seconds(long hlc) {
    return HybridTime.wallMillis(hlc) / 1_000;
  }

  private static byte[] encode(
      Edition edition, Lineage lineage, Plan plan, List<Certificate> chain) {
    WireWriter out = new WireWriter(512);
    out.i32(MAGIC).u8(FORMAT);
    out.text(lineage.name()).text(lineage.instance());
    out.i32(lineage.generation()).i64(lineage.epoch()).i64(lineage.hlc());
    out.i64(lineage.claimHlc());
    Edition.hex(out, lineage.claimHash());
    out.u8(plan.operation().code());
    edition.encode(out);
    plan.schedule().encode(out);
    if (plan.schedule().staged()) {
      out.bool(plan.base().isPresent());
      plan.base().ifPresent(base -> base.encode(out));
    }
    Edition.hex(out, lineage.owner());
    Edition.hex(out, lineage.previous());
    Certificate.encodeChain(out, chain);
    return out.toBytes();
  }

  /**
   * Reads a record.
   *
   * @throws WireException if the bytes are no record; another format too
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
      throw new WireException(otherFormat(format));
    }
    try {
      String name = in.text(128);
      String instance = in.text(128);
      int generation = in.i32();
      long epoch = in.i64();
      long hlc = in.i64();
      long claimHlc = in.i64();
      String claimHash = Edition.hex(in);
      Operation operation = Operation.of(in.u8());
      Edition edition = Edition.decode(in);
      Schedule schedule = Schedule.decode(in);
      Optional<Edition> base =
          schedule.staged() && in.bool() ? Optional.of(Edition.decode(in)) : Optional.empty();
      Plan plan = new Plan(operation, schedule, base);
      String owner = Edition.hex(in);
      Lineage lineage =
          new Lineage(
              name, instance, owner, generation, epoch, hlc, claimHlc, claimHash, Edition.hex(in));
      List<Certificate> chain = Certificate.decodeChain(in);
      byte[] part = Arrays.copyOf(bytes, bytes.length - in.remaining());
      byte[] signature = in.rest();
      if (signature.length != Ed25519.SIGNATURE_BYTES) {
        throw new WireException("a service record ends with a signature of 64 bytes");
      }
      checkPowers(chain.isEmpty(), lineage, edition, plan);
      // One record, one form: texts that are not what they decode to would hash differently.
      if (!Arrays.equals(part, encode(edition, lineage, plan, chain))) {
        throw new WireException("a service record that is not in canonical form");
      }
      return new ServiceRecord(edition, lineage, plan, chain, part, signature);
    } catch (IllegalArgumentException | KitException e) {
      throw new WireException("no valid service record: " + e.getMessage());
    }
  }

  /**
   * What to say of a record that was made by another version of P2PKit; empty if the bytes are of
   * this format, or no record at all.
   */
  public static Optional<String> otherFormat(byte[] bytes) {
    if (bytes.length < 5 || new WireReader(bytes).i32() != MAGIC || bytes[4] == FORMAT) {
      return Optional.empty();
    }
    return Optional.of(otherFormat(bytes[4] & 0xFF));
  }

  private static String otherFormat(int format) {
    return "a service record of format "
        + format
        + ", and this version reads format "
        + FORMAT
        + "; bring all peers and clients to one version and install the service again with it";
  }

  /** The canonical bytes, signature included. */
  public byte[] encoded() {
    byte[] all = Arrays.copyOf(signedPart, signedPart.length + signature.length);
    System.arraycopy(signature, 0, all, signedPart.length, signature.length);
    return all;
  }

  /**
   * Whether the owner has signed this, or somebody with an unbroken chain of certificates from the
   * owner. Takes about half a millisecond for each signature.
   */
  public boolean signatureValid() {
    try {
      String signer =
          Certificate.holder(
              owner(),
              name(),
              instance(),
              generation(),
              chain,
              Certificate.Power.UPGRADE,
              seconds(hlc()));
      return Ed25519.verify(HEX.parseHex(signer), signedPart, signature);
    } catch (KitException e) {
      return false;
    }
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

  /** How often the owner has revoked what it had handed on, from 0. */
  public int generation() {
    return lineage.generation();
  }

  /** Whether the service runs, in which waves it reaches the peers, and what runs meanwhile. */
  public Plan plan() {
    return plan;
  }

  /** Whether the service has ended. */
  public boolean withdrawn() {
    return plan.operation() == Operation.WITHDRAW;
  }

  /** By which right somebody other than the owner has signed; empty for the owner. */
  public List<Certificate> chain() {
    return chain;
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

  /** The SHA-256 of the archive that all peers run in the end, 64 hexadecimal digits. */
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
