// The registry of one peer as a machine: what the peer around it calls, and where frames go.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.registry.archive.ArchiveTransfer;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Holds the records, brings them to the same state on all peers, and has what is in force run here.
 * Must be driven by the same thread as its {@link ArchiveTransfer}.
 */
public final class Registry implements Machine {
  /**
   * A registry that knows what its store holds. What is stored is activated once this peer is alone
   * in its ring or has compared it with a neighbour, so that no outdated version serves.
   *
   * @param wallMillis the clock in milliseconds since 1970
   */
  public Registry(
      RegistryConfig config,
      Effects effects,
      ArchiveTransfer transfer,
      Deployment deployment,
      RecordStore store,
      TrustPolicy trust,
      LongSupplier wallMillis,
      RegistryListener listener) {}

  /** Whether this peer may serve keys: it has its neighbours' records and runs what they say. */
  public boolean caughtUp() {
    return false;
  }

  /** What is known here. Any thread. */
  public ServiceDirectory directory() {
    return ServiceDirectory.EMPTY;
  }

  /** The record in force at an access point. Any thread. */
  public Optional<ServiceRecord> current(String accessPoint, String instance) {
    return Optional.empty();
  }

  /**
   * Installs or upgrades on all peers that are known: prepares everywhere, then puts into force.
   * The outcome comes by the request's deadline.
   *
   * <p>Fails with {@link ErrorCode#BAD_SIGNATURE}, {@link ErrorCode#UNAUTHORISED}, {@link
   * ErrorCode#NOT_UPGRADEABLE}, {@link ErrorCode#BAD_ARCHIVE}, {@link ErrorCode#VERSION_SKEW} or
   * {@link ErrorCode#MIGRATION_FAILED} if a peer said so, and with {@link ErrorCode#BUSY} if the
   * service is being installed by somebody else or the record's epoch is outdated; then nothing has
   * changed anywhere.
   */
  public void install(long now, InstallRequest request, Completion<Result<UpdateReport>> done) {}

  /**
   * A message for an access point names an epoch that does not run here, or there is no such access
   * point here (then the epoch may be 0). Gets the record from the peer that sent it or from a
   * neighbour, and has it run.
   *
   * @param done the epoch that runs then; or {@link ErrorCode#NO_SUCH_SERVICE}, or the code for
   *     which it cannot run here
   */
  public void mention(
      long now, String accessPoint, long epoch, PeerRef from, Completion<Result<Long>> done) {}

  /**
   * Asks all peers what they run.
   *
   * @param accessPoint only this service; empty for all
   * @param deadlineAt when the answer is due; peers that have not answered are left out
   */
  public void statuses(
      long now,
      Optional<String> accessPoint,
      long deadlineAt,
      Completion<List<ServiceStatus>> done) {}

  /** A broadcast with topic 2 has arrived; what it returns goes into the sender's report. */
  public Optional<ErrorCode> onBroadcast(long now, PeerRef origin, byte[] payload) {
    return Optional.empty();
  }

  /** The counters. */
  public RegistryStatistics statistics() {
    return new RegistryStatistics(0, 0, 0, Map.of());
  }
}
