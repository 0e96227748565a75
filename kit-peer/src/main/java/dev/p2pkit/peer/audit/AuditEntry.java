// One thing that was done to a service on this peer, or was refused.
package dev.p2pkit.peer.audit;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;

/**
 * What the audit keeps.
 *
 * @param what was done or tried
 * @param service the service's name; empty if none is known
 * @param instance its instance
 * @param epoch of the record
 * @param version in the record
 * @param archive SHA-256 of the archive, 64 hexadecimal digits
 * @param owner the owner's fingerprint
 * @param signer the fingerprint of the key that signed: the owner's, or that of a ticket
 * @param by the peer by which it came
 * @param refused why not; empty if it was done
 * @param reason for people to read; at most {@value #MAX_REASON} characters
 */
public record AuditEntry(
    What what,
    String service,
    String instance,
    long epoch,
    String version,
    String archive,
    String owner,
    String signer,
    PeerId by,
    Optional<ErrorCode> refused,
    String reason) {
  /** The longest reason, in characters; longer ones are cut. */
  public static final int MAX_REASON = 300;

  /** Kinds of entries. */
  public enum What {
    /** A service is new here. */
    INSTALL,
    /** Another archive is in force, and the wave of this peer is open if it has waves. */
    UPGRADE,
    /** An archive is in force in waves, and the wave of this peer is closed: it runs later. */
    SCHEDULED,
    /** The owner has said something else about what is in force: pause, resume, promote, lift. */
    CONTROL,
    /** All that the owner had handed on has ended. */
    REVOKE,
    /** The service has ended. */
    WITHDRAW,
    /** This peer went back to the version before. */
    REVERT,
    /** A record, an archive or a part of one was not taken. */
    REFUSAL,
    /** A caller had no right to a restricted service. */
    CALL,
    /** What is in force cannot be put to use on this peer. */
    FAILURE,
    /** The network's root has said something of an owner or a name, or a service felt it. */
    TRUST
  }

  /** Cuts the reason. */
  public AuditEntry {
    reason = reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON - 1) + "…";
  }

  /** A record that is in force now. */
  public static AuditEntry done(What what, ServiceRecord record, PeerId by, String reason) {
    return of(what, record, by, Optional.empty(), reason);
  }

  /** A record that is not taken. */
  public static AuditEntry refused(
      What what, ServiceRecord record, PeerId by, ErrorCode code, String reason) {
    return of(what, record, by, Optional.of(code), reason);
  }

  private static AuditEntry of(
      What what, ServiceRecord record, PeerId by, Optional<ErrorCode> refused, String reason) {
    List<Certificate> chain = record.chain();
    String signer = chain.isEmpty() ? record.owner() : chain.get(chain.size() - 1).key();
    return new AuditEntry(
        what,
        record.name(),
        record.instance(),
        record.epoch(),
        record.version(),
        record.archive(),
        OwnerKey.fingerprint(record.owner()),
        OwnerKey.fingerprint(signer),
        by,
        refused,
        reason);
  }

  /** What a record has done that took the place of another. */
  public static What kindOf(ServiceRecord record, Optional<ServiceRecord> before) {
    if (record.withdrawn()) {
      return What.WITHDRAW;
    }
    if (before.isEmpty() || before.get().withdrawn()) {
      return What.INSTALL;
    }
    if (record.generation() > before.get().generation()) {
      return What.REVOKE;
    }
    return record.archive().equals(before.get().archive()) ? What.CONTROL : What.UPGRADE;
  }

  /**
   * A word of the network's root that holds now.
   *
   * @param owner public key, 64 hexadecimal digits, or empty
   * @param name or pattern of names, or empty
   * @param signer fingerprint of who signed it
   */
  public static AuditEntry word(
      String owner, String name, String signer, PeerId by, String reason) {
    return word(owner, name, signer, by, Optional.empty(), reason);
  }

  /** A word that is not obeyed. */
  public static AuditEntry word(
      String owner, String name, String signer, PeerId by, ErrorCode code, String reason) {
    return word(owner, name, signer, by, Optional.of(code), reason);
  }

  private static AuditEntry word(
      String owner,
      String name,
      String signer,
      PeerId by,
      Optional<ErrorCode> refused,
      String reason) {
    return new AuditEntry(
        What.TRUST,
        name,
        "",
        0,
        "",
        "",
        owner.isEmpty() ? "" : OwnerKey.fingerprint(owner),
        signer,
        by,
        refused,
        reason);
  }

  /** An archive or a call that belongs to no record at hand. */
  public static AuditEntry refused(
      What what, String service, String archive, PeerId by, ErrorCode code, String reason) {
    return new AuditEntry(what, service, "", 0, "", archive, "", "", by, Optional.of(code), reason);
  }
}
