// What callers may not do on this peer, counted and told to the audit.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.peer.registry.ServiceDirectory;
import dev.p2pkit.peer.rights.Caller;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Which messages may go to services that answer ticket holders only, and what becomes of requests
 * that a client's ticket does not allow.
 *
 * <p>The peer of the caller checks the right and marks the message; the peer of the service
 * believes the mark of a member of the ring, as it believes it where a key lies. Thread-safe.
 */
final class Restrictions {
  private final Supplier<ServiceDirectory> directory;
  private final PeerId self;
  private final AuditLog audit;
  private final LongAdder refused = new LongAdder();
  private final LongAdder refusedClients = new LongAdder();

  /** Refuses by what the directory says, and tells the audit. */
  Restrictions(Supplier<ServiceDirectory> directory, PeerId self, AuditLog audit) {
    this.directory = directory;
    this.self = self;
    this.audit = audit;
  }

  /** {@link #allows} as the flag {@link Mark#PERMITTED} of an envelope, or none. */
  int mark(String accessPoint, Caller caller) {
    return Mark.PERMITTED.bitIf(allows(accessPoint, caller));
  }

  /**
   * Whether a message that leaves here is to be marked; false for a service that answers everybody.
   *
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if the service is restricted and the
   *     caller may not call it
   */
  boolean allows(String accessPoint, Caller caller) {
    List<ServiceRecord> asking = directory.get().restrictedAt(accessPoint);
    for (ServiceRecord record : asking) {
      if (!caller.may(record)) {
        count(record, self, "a client or program of this peer has no right to call it");
        throw new KitException(ErrorCode.UNAUTHORISED, missing(record));
      }
    }
    return !asking.isEmpty();
  }

  /**
   * Why a message that has arrived is not given to its service; empty if it is.
   *
   * @param permitted whether it bears the mark
   * @param from the peer that sent it
   */
  Optional<String> refusal(String accessPoint, boolean permitted, PeerId from) {
    if (permitted) {
      return Optional.empty();
    }
    List<ServiceRecord> asking = directory.get().restrictedAt(accessPoint);
    if (asking.isEmpty()) {
      return Optional.empty();
    }
    count(asking.get(0), from, "the peer of the caller has not seen a right to call it");
    return Optional.of(missing(asking.get(0)));
  }

  private void count(ServiceRecord record, PeerId by, String reason) {
    refused.increment();
    audit.add(AuditEntry.refused(AuditEntry.What.CALL, record, by, ErrorCode.UNAUTHORISED, reason));
  }

  /** A client has asked for what its ticket does not allow. */
  void countClient() {
    refusedClients.increment();
  }

  /**
   * Tells the audit of a client that would install without the right to.
   *
   * @param record what it sent, not checked; empty if that cannot be read
   */
  void refuseInstall(Optional<ServiceRecord> record, String reason) {
    audit.add(
        record
            .map(
                known ->
                    AuditEntry.refused(
                        AuditEntry.What.REFUSAL, known, self, ErrorCode.UNAUTHORISED, reason))
            .orElseGet(
                () ->
                    AuditEntry.refused(
                        AuditEntry.What.REFUSAL, "", "", self, ErrorCode.UNAUTHORISED, reason)));
  }

  private static String missing(ServiceRecord record) {
    return "the service "
        + record.name()
        + " answers only callers with a service ticket that has neither expired nor been revoked;"
        + " ask its owner for one ('p2pkit service ticket "
        + record.name()
        + " --invoke')";
  }

  /** How many requests of clients their tickets did not allow. */
  long refusedClients() {
    return refusedClients.sum();
  }

  /** How many messages were refused, leaving or arriving. */
  long refused() {
    return refused.sum();
  }
}
