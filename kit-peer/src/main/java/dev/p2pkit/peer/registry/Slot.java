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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of a chain on this peer. */
final class Slot {
  final Chain chain;

  /** Where it is, or will be, reached. */
  String accessPoint;

  /** Where it is to be reached, if its owner has lost or regained the name. */
  @Nullable String moveTo;

  boolean moving;

  /** What is in force. */
  @Nullable ServiceRecord inForce;

  /** What runs. */
  @Nullable Assignment running;

  /** What is to run here of the record in force; nothing at a first install in waves. */
  @Nullable Assignment desired;

  /** What was to run and could not be put to use; it is not tried again. */
  @Nullable Assignment hopeless;

  /** Why the wave of this peer is closed; empty if it is open. */
  String waits = "";

  /** Why this peer went back to what was before; empty if it has not. */
  String setback = "";

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

  /** What failed last, and why: an attempt that fails like the one before is no news. */
  private @Nullable Assignment failed;

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
    final Assignment task;
    final Key grant;
    final List<PeerRef> holders;
    final long deadlineAt;
    final @Nullable Completion<Result<Long>> prepared;
    Stage stage = Stage.FETCHING;
    boolean committed;
    boolean cancelled;

    /** Whether the state is kept if the job is cancelled while it puts its record to use. */
    boolean keepsState;

    long committedAt;

    Job(
        Assignment task,
        Key grant,
        List<PeerRef> holders,
        long deadlineAt,
        @Nullable Completion<Result<Long>> prepared) {
      this.task = task;
      this.grant = grant;
      this.holders = List.copyOf(holders);
      this.deadlineAt = deadlineAt;
      this.prepared = prepared;
    }

    /** Whether it fetches this archive with this grant; no grant is none. */
    boolean has(String archive, Key wanted) {
      return !grant.equals(Key.ZERO) && task.archive().equals(archive) && grant.equals(wanted);
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

  /** Up to which epoch messages need not wait: where nothing is to run yet, nothing will come. */
  long servedEpoch() {
    return running == null && desired == null && inForce != null ? inForce.epoch() : activeEpoch();
  }

  /** The version that runs; empty if none does. */
  Optional<String> version() {
    return Optional.ofNullable(running).map(it -> it.edition().version());
  }

  /** Whether nothing that is under way, or to be tried again, would change what runs. */
  boolean settled() {
    boolean atRest = job == null || !job.committed;
    return atRest && moveTo == null && (desired == null || desired.equals(running) || gaveUp());
  }

  /** Notes a failure; whether the attempt before failed in the same way. */
  boolean lamented(Assignment task, ErrorCode code) {
    boolean again = task.equals(failed) && code == failure;
    failed = task;
    return again;
  }

  boolean gaveUp() {
    return desired != null && desired.equals(hopeless);
  }

  ServiceStatus.Phase phase() {
    if (!setback.isEmpty() && desired != null && desired.equals(running)) {
      return ServiceStatus.Phase.REVERTED;
    }
    boolean asAssigned = desired == null ? running == null : desired.equals(running);
    if (!waits.isEmpty() && asAssigned) {
      return ServiceStatus.Phase.PENDING;
    }
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

  /** What is to be said of the phase. */
  String explanation() {
    if (!detail.isEmpty()) {
      return detail;
    }
    return setback.isEmpty() ? waits : setback;
  }
}
