// What must be true of a record before it is put in force or prepared.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.HybridTime;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import dev.p2pkit.peer.trust.TrustRules;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Checks records and counts those that fail. */
final class Admission {
  private static final int MAX_QUARANTINED = 256;

  /** So many forged signatures of one peer are verified at once, then so many a second. */
  static final int FORGED_AT_ONCE = 64;

  private static final int FORGED_PER_SECOND = 4;

  /** So many records of owners that are not trusted here, after twice what is kept of them. */
  private static final int FOREIGN_PER_SECOND = 16;

  /** So many installs that a peer asks for are refused with a reason, then so many a second. */
  static final int INSTALLS_AT_ONCE = 256;

  private static final int INSTALLS_PER_SECOND = 16;

  private static final String SEALED = "the service was installed sealed";

  private final RegistryConfig config;
  private final Catalogue catalogue;
  private final TrustPolicy trust;
  private final Supplier<TrustRules> rules;
  private final LongSupplier wallMillis;
  private final Consumer<AuditEntry> audit;
  private final PeerId self;
  private final Allowances forged;
  private final Allowances foreign;
  private final Allowances installs;
  private final Map<String, ServiceRecord> quarantine = new TreeMap<>();
  private final Map<String, Long> refused = new TreeMap<>();

  /** Judges; what it refuses is told to the audit. */
  Admission(
      PeerId self,
      RegistryConfig config,
      Catalogue catalogue,
      TrustPolicy trust,
      Supplier<TrustRules> rules,
      LongSupplier wallMillis,
      Consumer<AuditEntry> audit) {
    this.self = self;
    this.audit = audit;
    this.config = config;
    this.catalogue = catalogue;
    this.trust = trust;
    this.rules = rules;
    this.wallMillis = wallMillis;
    forged = new Allowances(FORGED_AT_ONCE, FORGED_PER_SECOND, wallMillis);
    foreign = new Allowances(2 * config.maxForeign(), FOREIGN_PER_SECOND, wallMillis);
    installs = new Allowances(INSTALLS_AT_ONCE, INSTALLS_PER_SECOND, wallMillis);
  }

  /** Whether so much of what a peer has sent was forged that nothing is verified for it now. */
  boolean floods(PeerId from) {
    boolean floods = !from.equals(self) && forged.spent(from);
    if (floods) {
      count("flood");
    }
    return floods;
  }

  /** Something that a peer has sent was not signed by whom it names. */
  void forged(PeerId from, int signatures) {
    forged.add(from, signatures);
  }

  /** Why a record is not taken. */
  record Refusal(ErrorCode code, String detail) {}

  /** What becomes of a record that came by dissemination. */
  enum Verdict {
    /** To be put in force. */
    FRESH,
    /** It is in force. */
    KNOWN,
    /** A better one is in force. */
    STALE,
    /** Forged, or waiting, or one too many. */
    REFUSED
  }

  /** Judges a record that another peer holds to be in force. */
  Verdict judge(PeerId from, ServiceRecord record) {
    Optional<ServiceRecord> present = present(record);
    if (present.isPresent()) {
      int order = Catalogue.ORDER.compare(record, present.get());
      if (order == 0) {
        return Verdict.KNOWN;
      }
      if (order < 0) {
        // A late copy is nobody's fault, so it is only counted.
        if (present.get().upgradeable() || record.epoch() <= present.get().epoch()) {
          count("stale");
        } else {
          refuse(from, record, "sealed", ErrorCode.NOT_UPGRADEABLE, SEALED);
        }
        return Verdict.STALE;
      }
    }
    if (isFlood(from, record)) {
      return Verdict.REFUSED;
    }
    if (!record.signatureValid()) {
      forged(from, 1 + record.chain().size());
      refuse(
          from,
          record,
          "signature",
          ErrorCode.BAD_SIGNATURE,
          "not signed by the owner that it names, nor by the owner's right");
      return Verdict.REFUSED;
    }
    if (ahead(record) > 0) {
      refuse(from, record, "skew", ErrorCode.NOT_READY, "its signer's clock is ahead");
      if (quarantine.size() < MAX_QUARANTINED) {
        quarantine.put(record.hash(), record);
      }
      return Verdict.REFUSED;
    }
    if (present.isEmpty() && forgotten(record)) {
      count("ended");
      return Verdict.REFUSED;
    }
    if (present.isEmpty() && full(record)) {
      refuse(from, record, "quota", ErrorCode.QUOTA, "this peer keeps no more services");
      return Verdict.REFUSED;
    }
    return Verdict.FRESH;
  }

  private boolean isFlood(PeerId from, ServiceRecord record) {
    if (floods(from)) {
      return true;
    }
    if (from.equals(self) || trust.refusal(record, rules.get()).isEmpty()) {
      return false;
    }
    boolean spent = foreign.spent(from);
    if (spent) {
      count("flood");
    } else {
      foreign.add(from, 1);
    }
    return spent;
  }

  private boolean full(ServiceRecord record) {
    return trust.refusal(record, rules.get()).isPresent()
        ? catalogue.foreign() >= config.maxForeign()
        : catalogue.size() - catalogue.foreign() >= config.maxServices();
  }

  private Optional<ServiceRecord> present(ServiceRecord record) {
    return catalogue.get(Chain.of(record)).map(Catalogue.Entry::record);
  }

  /** Whether a record ended its service so long ago that nobody needs to know of it any more. */
  boolean forgotten(ServiceRecord record) {
    return record.withdrawn()
        && HybridTime.wallMillis(record.hlc())
                + TimeUnit.MICROSECONDS.toMillis(config.memoryOfEnds())
            < wallMillis.getAsLong();
  }

  /** How many milliseconds the record's clock is beyond what is allowed; 0 if it is within. */
  private long ahead(ServiceRecord record) {
    long latest = wallMillis.getAsLong() + TimeUnit.MICROSECONDS.toMillis(config.maxSkew());
    long claimed =
        Math.max(HybridTime.wallMillis(record.hlc()), HybridTime.wallMillis(record.claimHlc()));
    return Math.max(0, claimed - latest);
  }

  /** The records whose clock is no longer ahead; they are out of quarantine. */
  List<ServiceRecord> released() {
    List<ServiceRecord> due =
        quarantine.values().stream().filter(record -> ahead(record) == 0).toList();
    due.forEach(record -> quarantine.remove(record.hash()));
    return due;
  }

  int quarantined() {
    return quarantine.size();
  }

  /** Why a record that is to be installed may not be; empty if it may. */
  Optional<Refusal> refusal(PeerId from, ServiceRecord record) {
    if (installs.spent(from)) {
      count("flood");
      return Optional.of(
          new Refusal(
              ErrorCode.BUSY,
              "too many installs that were refused came by this peer; try again later"));
    }
    if (isFlood(from, record)) {
      return Optional.of(
          new Refusal(
              ErrorCode.BUSY,
              "too many records that are forged, or of owners that are not trusted here, came from"
                  + " this peer; try again later"));
    }
    Optional<Refusal> why = objection(from, record);
    why.ifPresent(it -> refusedInstall(from, record, it.code(), it.detail()));
    return why;
  }

  /** An install that a peer has asked for was refused, or came to nothing here. */
  void refusedInstall(PeerId from, ServiceRecord record, ErrorCode code, String detail) {
    installs.add(from, 1);
    report(from, record, code, detail);
  }

  private Optional<Refusal> objection(PeerId from, ServiceRecord record) {
    if (!record.signatureValid()) {
      forged(from, 1 + record.chain().size());
      return refuse(
          "signature",
          ErrorCode.BAD_SIGNATURE,
          "the record of " + record.name() + " was not signed by the owner that it names");
    }
    Optional<ServiceRecord> present = present(record);
    Optional<String> distrust = distrust(record, present);
    if (distrust.isPresent()) {
      return refuse("untrusted", ErrorCode.UNAUTHORISED, distrust.get());
    }
    Optional<String> owner = catalogue.ownerOf(record.name());
    if (owner.isPresent() && !owner.get().equals(record.owner()) && present.isEmpty()) {
      return taken(record, owner.get());
    }
    Optional<Refusal> misused = misuse(record, present);
    if (misused.isPresent()) {
      return misused;
    }
    if (present.isPresent() && Catalogue.ORDER.compare(record, present.get()) <= 0) {
      return superseded(record, present.get());
    }
    if (ahead(record) > 0) {
      return refuse(
          "skew",
          ErrorCode.NOT_READY,
          "the signer's clock is "
              + (ahead(record) + TimeUnit.MICROSECONDS.toMillis(config.maxSkew())) / 1000
              + " s ahead of this peer's; set the clocks right and sign again");
    }
    if (present.isEmpty() && full(record)) {
      return refuse("quota", ErrorCode.QUOTA, "this peer keeps no more services");
    }
    return Optional.empty();
  }

  /**
   * What a ticket has signed says itself when that was and since when its owner has the name.
   * Others must believe it, as it may have been on its way for long; the peers that it is installed
   * with know better.
   */
  private Optional<Refusal> misuse(ServiceRecord record, Optional<ServiceRecord> present) {
    if (record.chain().isEmpty()) {
      return Optional.empty();
    }
    long now = wallMillis.getAsLong() - TimeUnit.MICROSECONDS.toMillis(config.maxSkew());
    if (record.chain().stream().anyMatch(each -> each.expiry() < now / 1_000)) {
      return refuse(
          "expired",
          ErrorCode.UNAUTHORISED,
          "the ticket that signed the record of "
              + record.name()
              + " has expired; ask the service's owner for a new one");
    }
    if (present
        .filter(
            it -> it.claimHlc() != record.claimHlc() || !it.claimHash().equals(record.claimHash()))
        .isPresent()) {
      return refuse(
          "claim",
          ErrorCode.UNAUTHORISED,
          "a ticket cannot change since when its owner has the name " + record.name());
    }
    return Optional.empty();
  }

  /** To install something takes the right now, not only when it was signed. */
  private Optional<String> distrust(ServiceRecord record, Optional<ServiceRecord> present) {
    boolean begins = present.isEmpty() || present.get().withdrawn();
    long at = Math.max(wallMillis.getAsLong(), HybridTime.wallMillis(record.hlc()));
    Right needed = begins ? Right.INSTALL : Right.UPGRADE;
    return trust.refusal(record, rules.get(), Optional.of(needed), at);
  }

  private Optional<Refusal> taken(ServiceRecord record, String owner) {
    String fix =
        OwnerKey.fingerprint(owner)
            + "; sign with that owner's key (--owner-key FILE) or choose another name";
    return rules.get().holder(record.name()).isPresent()
        ? refuse(
            "name",
            ErrorCode.UNAUTHORISED,
            "the network's naming policy gives the name " + record.name() + " to owner " + fix)
        : refuse(
            "owner",
            ErrorCode.UNAUTHORISED,
            "the service " + record.name() + " belongs to owner " + fix);
  }

  private Optional<Refusal> superseded(ServiceRecord record, ServiceRecord present) {
    if (!present.upgradeable() && record.epoch() > present.epoch()) {
      return refuse(
          "sealed",
          ErrorCode.NOT_UPGRADEABLE,
          "the service "
              + record.name()
              + " was installed sealed; install the new version under another name");
    }
    return refuse(
        "stale",
        ErrorCode.BUSY,
        "epoch "
            + present.epoch()
            + " of "
            + record.name()
            + " is in force already; read its record again and sign the epoch after it");
  }

  private Optional<Refusal> refuse(String reason, ErrorCode code, String detail) {
    count(reason);
    return Optional.of(new Refusal(code, detail));
  }

  private void refuse(
      PeerId from, ServiceRecord record, String reason, ErrorCode code, String detail) {
    count(reason);
    report(from, record, code, detail);
  }

  private void report(PeerId from, ServiceRecord record, ErrorCode code, String detail) {
    audit.accept(AuditEntry.refused(AuditEntry.What.REFUSAL, record, from, code, detail));
  }

  void count(String reason) {
    refused.merge(reason, 1L, Long::sum);
  }

  Map<String, Long> refusals() {
    return refused;
  }
}
