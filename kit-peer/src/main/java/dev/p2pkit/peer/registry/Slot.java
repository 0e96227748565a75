// One service instance on this peer: what runs, what should, and what is being done about it.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The state of a chain on this peer. */
final class Slot {
  final Chain chain;

  /** Where it is, or will be, reached. */
  String accessPoint;

  /** Where it is to be reached, if its owner has lost or regained the name. */
  @Nullable String moveTo;

  boolean moving;

  /** What runs. */
  @Nullable ServiceRecord running;

  /** What is in force. */
  @Nullable ServiceRecord desired;

  /** What was in force and could not be put to use; it is not tried again. */
  @Nullable ServiceRecord hopeless;

  /** What the archive in force is asked for with, and of whom. */
  Key grant = Key.ZERO;

  List<PeerRef> holders = List.of();

  @Nullable Job job;

  /** A preparation that waits for the job before it. */
  @Nullable Job queued;

  /** When to try again after a failure that may pass; 0 if nothing is to be tried. */
  long retryAt;

  int retries;

  long millis;
  ErrorCode failure = ErrorCode.NO_SUCH_SERVICE;
  String detail = "";

  Slot(Chain chain, String accessPoint) {
    this.chain = chain;
    this.accessPoint = accessPoint;
  }

  /** How far a job is. */
  enum Stage {
    FETCHING,
    PREPARING,
    PREPARED,
    ACTIVATING
  }

  /** The way of one record into use. */
  static final class Job {
    final ServiceRecord record;
    final Key grant;
    final List<PeerRef> holders;
    final long deadlineAt;
    final @Nullable Completion<Result<Long>> prepared;
    Stage stage = Stage.FETCHING;
    boolean committed;
    boolean cancelled;
    long committedAt;

    Job(
        ServiceRecord record,
        Key grant,
        List<PeerRef> holders,
        long deadlineAt,
        @Nullable Completion<Result<Long>> prepared) {
      this.record = record;
      this.grant = grant;
      this.holders = List.copyOf(holders);
      this.deadlineAt = deadlineAt;
      this.prepared = prepared;
    }

    void report(long now, Result<Long> outcome) {
      if (prepared != null) {
        prepared.done(now, outcome);
      }
    }
  }

  long activeEpoch() {
    return running == null ? 0 : running.epoch();
  }

  /** Whether nothing that is under way, or to be tried again, would change what runs. */
  boolean settled() {
    boolean atRest = job == null || !job.committed;
    return atRest && moveTo == null && (desired == null || desired.equals(running) || gaveUp());
  }

  boolean gaveUp() {
    return desired != null && desired.equals(hopeless);
  }

  ServiceStatus.Phase phase() {
    if (desired != null && desired.equals(running)) {
      return ServiceStatus.Phase.ACTIVE;
    }
    if (gaveUp()) {
      return ServiceStatus.Phase.FAILED;
    }
    if (job != null && job.committed && job.stage != Stage.FETCHING) {
      return ServiceStatus.Phase.PREPARED;
    }
    return ServiceStatus.Phase.FETCHING;
  }
}
