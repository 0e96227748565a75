// Brings the records in force into use on this peer, one step at a time for each service.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.registry.Slot.Job;
import dev.p2pkit.peer.registry.Slot.Stage;
import dev.p2pkit.peer.registry.archive.ArchiveTransfer;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches, prepares and activates. A record that is in force goes all the way; one that a rollout
 * asks for stops when it is prepared, until it comes into force or is given up.
 */
final class Deployer {
  private static final Logger LOG = LoggerFactory.getLogger(Deployer.class);
  private static final long FETCH_TIME = TimeUnit.SECONDS.toMicros(60);
  private static final long RETRY_TIME = TimeUnit.SECONDS.toMicros(2);
  private static final int MAX_DOUBLINGS = 5;

  private final Alarms alarms;
  private final ArchiveTransfer transfer;
  private final Deployment deployment;
  private final LongConsumer changed;
  private final Failures failures;
  private final Slots slots = new Slots();
  private final Relocation relocation;
  private boolean open;

  /** Is told what is in force and cannot be put to use here. */
  interface Failures {
    /** Once for each reason, not for each attempt. */
    void failed(ServiceRecord record, ErrorCode code, String detail);
  }

  /** Calls {@code changed} whenever something runs, fails or has moved. */
  Deployer(
      Alarms alarms,
      ArchiveTransfer transfer,
      Deployment deployment,
      LongConsumer changed,
      Failures failures) {
    this.failures = failures;
    this.alarms = alarms;
    this.transfer = transfer;
    this.deployment = deployment;
    this.changed = changed;
    this.relocation = new Relocation(alarms, deployment, slots, this::moved);
  }

  /** What runs or is to run here; to be read only. */
  Slots slots() {
    return slots;
  }

  /** Records in force are brought into use from now on. */
  void open(long now) {
    open = true;
    List.copyOf(slots.all()).forEach(slot -> advance(now, slot));
  }

  /**
   * A record is in force.
   *
   * @param here which edition of it this peer runs; empty to leave what runs, or nothing
   * @param waits why that is not the record's own, if its wave is closed
   * @param setback why that is not the record's own, if this peer has reverted it
   */
  record Order(
      ServiceRecord record,
      Optional<Edition> here,
      String waits,
      String setback,
      String accessPoint,
      Key grant,
      List<PeerRef> holders) {}

  /** A record is in force, or what this peer runs of it has changed. */
  void want(long now, Order order) {
    ServiceRecord record = order.record();
    Slot slot = slots.ofOrNew(Chain.of(record), order.accessPoint());
    Assignment running = slot.running;
    slot.inForce = record;
    slot.desired =
        order
            .here()
            .or(() -> Optional.ofNullable(running).map(Assignment::edition))
            .map(edition -> new Assignment(record, edition))
            .orElse(null);
    slot.waits = order.waits();
    slot.setback = order.setback();
    slot.detail = "";
    slot.retryAt = 0;
    slot.retries = 0;
    slot.grant = order.grant();
    slot.holders = List.copyOf(order.holders());
    if (slot.desired == null) {
      slot.failure = ErrorCode.NO_SUCH_SERVICE;
    }
    relabel(now, slot);
    Job job = slot.job;
    if (job != null && job.task.equals(slot.desired) && !job.task.equals(slot.running)) {
      commit(now, slot, job);
    } else if (job != null && !job.committed) {
      cancel(now, slot, job, "another version of " + record.name() + " came into force");
    }
    Job queued = slot.queued;
    if (queued != null) {
      slot.queued = null;
      queued.report(now, busy(record));
    }
    advance(now, slot);
    if (open && !slot.waits.isEmpty()) {
      // When the wave opens, and the network is perhaps cut, the archive is here.
      transfer.fetch(
          now, record.edition(), slot.grant, slot.holders, now + FETCH_TIME, (then, outcome) -> {});
    }
  }

  /** The runtime has brought the version before back by itself. */
  void reverted(Slot slot, Assignment back, String why) {
    slot.running = back;
    slot.desired = back;
    slot.setback = why;
  }

  /** Goes as far as prepared; the outcome may be reported from inside of this call. */
  void prepare(
      long now,
      ServiceRecord record,
      String accessPoint,
      Key grant,
      List<PeerRef> holders,
      long deadlineAt,
      Completion<Result<Long>> prepared) {
    Slot slot = slots.ofOrNew(Chain.of(record), accessPoint);
    Job job = new Job(Assignment.target(record), grant, holders, deadlineAt, prepared);
    if (slot.queued != null || (slot.job != null && !slot.job.committed)) {
      job.report(now, busy(record));
      return;
    }
    slot.queued = job;
    alarms.at(deadlineAt, then -> abandon(then, record));
    advance(now, slot);
  }

  private static Result<Long> busy(ServiceRecord record) {
    return new Result.Failure<>(
        ErrorCode.BUSY,
        "another install of " + record.name() + " is under way; try again when it has ended");
  }

  /** A record that was prepared does not come into force. */
  void abandon(long now, ServiceRecord record) {
    Slot slot = slots.of(Chain.of(record)).orElse(null);
    if (slot == null) {
      return;
    }
    if (slot.queued != null && slot.queued.task.record().equals(record)) {
      slot.queued = null;
    }
    Job job = slot.job;
    if (job != null && job.task.record().equals(record) && !job.committed) {
      cancel(now, slot, job, "the install of " + record.name() + " was given up");
    } else {
      vacate(now, slot);
    }
  }

  /**
   * A job has ended without effect: the next one begins, here or at another slot. A slot that
   * nothing came of goes, so that refused installs leave nothing behind.
   */
  private void vacate(long now, Slot slot) {
    advance(now, slot);
    slots.removeIfEmpty(slot);
    wakeOthers(now, slot);
  }

  private void cancel(long now, Slot slot, Job job, String why) {
    job.cancelled = true;
    if (job.stage == Stage.PREPARED) {
      deployment.discard(job.task, slot.accessPoint);
    }
    if (job.stage != Stage.PREPARING) {
      slot.job = null;
    }
    if (job.stage != Stage.PREPARED) {
      job.report(now, new Result.Failure<>(ErrorCode.BUSY, why));
    }
    vacate(now, slot);
  }

  private void commit(long now, Slot slot, Job job) {
    if (!job.committed) {
      job.committed = true;
      job.committedAt = now;
      if (job.stage == Stage.PREPARED) {
        activate(slot, job);
      }
    }
  }

  /** A service has ended: what runs of it does, and what it has left where it does not run goes. */
  void end(long now, ServiceRecord record) {
    Chain chain = Chain.of(record);
    boolean runs =
        slots
            .of(chain)
            .filter(
                slot ->
                    slot.running != null
                        || (slot.job != null && slot.job.stage == Stage.ACTIVATING))
            .isPresent();
    drop(now, chain, true);
    if (!runs) {
      deployment.forget(record);
    }
  }

  /**
   * What runs of a chain ends: the service is withdrawn, or the record is not for this peer.
   *
   * @param forGood whether its state goes, too; else it is there when the service comes back
   */
  void drop(long now, Chain chain, boolean forGood) {
    Slot slot = slots.of(chain).orElse(null);
    if (slot == null) {
      return;
    }
    slot.inForce = null;
    slot.desired = null;
    slot.waits = "";
    slot.setback = "";
    if (slot.running != null) {
      stop(slot.running, slot.accessPoint, forGood);
      slot.running = null;
    }
    Job job = slot.job;
    if (job != null && job.stage == Stage.ACTIVATING) {
      job.cancelled = true;
      job.keepsState = !forGood;
    } else if (job != null) {
      cancel(now, slot, job, "the service " + chain.name() + " has ended");
    } else {
      vacate(now, slot);
    }
    changed.accept(now);
  }

  private void stop(Assignment task, String accessPoint, boolean forGood) {
    if (forGood) {
      deployment.remove(task, accessPoint);
    } else {
      deployment.suspend(task, accessPoint);
    }
  }

  /** The service is to be reached elsewhere. */
  void move(long now, Chain chain, String accessPoint) {
    Slot slot = slots.of(chain).orElse(null);
    if (slot != null) {
      boolean stays = !slot.moving && slot.accessPoint.equals(accessPoint);
      slot.moveTo = stays ? null : accessPoint;
      advance(now, slot);
    }
  }

  private void advance(long now, Slot slot) {
    if (slot.moving) {
      return;
    }
    if (slot.moveTo != null) {
      relocation.makeWay(now, slot);
      return;
    }
    if (slot.job != null) {
      return;
    }
    relabel(now, slot);
    Assignment desired = slot.desired;
    if (open
        && desired != null
        && !desired.equals(slot.running)
        && !slot.gaveUp()
        && slot.retryAt <= now) {
      Job job = new Job(desired, slot.grant, slot.holders, now + FETCH_TIME, null);
      commit(now, slot, job);
      begin(now, slot, job);
    } else if (slot.queued != null) {
      Job job = slot.queued;
      slot.queued = null;
      begin(now, slot, job);
    }
  }

  /** Another record with what runs already: nothing is loaded, and no state changes. */
  private void relabel(long now, Slot slot) {
    Assignment desired = slot.desired;
    Assignment running = slot.running;
    boolean changing = slot.job != null && slot.job.committed;
    if (desired != null
        && running != null
        && !changing
        && !desired.equals(running)
        && desired.archive().equals(running.archive())) {
      slot.running = desired;
      changed.accept(now);
    }
  }

  private void moved(long now, Slot slot) {
    advance(now, slot);
    wakeOthers(now, slot);
    changed.accept(now);
  }

  /** Who waited for the access point that this slot held may have it now. */
  private void wakeOthers(long now, Slot slot) {
    slots.rivals(slot).forEach(other -> advance(now, other));
  }

  private void begin(long now, Slot slot, Job job) {
    if (slots.occupied(slot, slot.accessPoint)) {
      if (job.prepared != null) {
        job.report(now, busy(job.task.record()));
      }
      return;
    }
    slot.job = job;
    transfer.fetch(
        now,
        job.task.edition(),
        job.grant,
        job.holders,
        job.deadlineAt,
        alarms.deferred((then, outcome) -> fetched(then, slot, job, outcome)));
  }

  private void fetched(long now, Slot slot, Job job, Result<String> outcome) {
    if (job.cancelled || slot.job != job) {
      return;
    }
    if (outcome instanceof Result.Failure<String> failure) {
      fail(now, slot, job, failure.code(), failure.detail());
      return;
    }
    job.stage = Stage.PREPARING;
    deployment.prepare(
        job.task,
        slot.accessPoint,
        alarms.deferred((then, step) -> prepared(then, slot, job, step)));
  }

  private void prepared(long now, Slot slot, Job job, Deployment.Step step) {
    if (step instanceof Deployment.Step.Failed failed) {
      if (job.cancelled) {
        slot.job = null;
        vacate(now, slot);
      } else {
        fail(now, slot, job, failed.code(), failed.detail());
      }
      return;
    }
    job.stage = Stage.PREPARED;
    if (job.cancelled) {
      deployment.discard(job.task, slot.accessPoint);
      slot.job = null;
      vacate(now, slot);
      return;
    }
    job.report(now, new Result.Value<>(job.task.epoch()));
    if (slot.moveTo != null) {
      relocation.makeWay(now, slot);
    } else if (job.committed) {
      activate(slot, job);
    }
  }

  private void activate(Slot slot, Job job) {
    job.stage = Stage.ACTIVATING;
    deployment.activate(
        job.task,
        slot.accessPoint,
        alarms.deferred((then, step) -> activated(then, slot, job, step)));
  }

  private void activated(long now, Slot slot, Job job, Deployment.Step step) {
    if (step instanceof Deployment.Step.Failed failed) {
      fail(now, slot, job, failed.code(), failed.detail());
      return;
    }
    slot.job = null;
    if (job.cancelled) {
      stop(job.task, slot.accessPoint, !job.keepsState);
      vacate(now, slot);
      return;
    }
    slot.running = job.task;
    slot.detail = "";
    slot.retries = 0;
    slot.millis = TimeUnit.MICROSECONDS.toMillis(now - job.committedAt);
    changed.accept(now);
    advance(now, slot);
  }

  private void fail(long now, Slot slot, Job job, ErrorCode code, String detail) {
    slot.job = null;
    if (job.committed) {
      LOG.warn("{} cannot be put to use here: {}: {}", job.task, code, detail);
      if (!slot.lamented(job.task, code)) {
        failures.failed(job.task.record(), code, detail);
      }
      slot.failure = code;
      slot.detail = code + ": " + detail;
      if (mayPass(code)) {
        slot.retryAt = now + (RETRY_TIME << Math.min(slot.retries++, MAX_DOUBLINGS));
        alarms.at(slot.retryAt, then -> advance(then, slot));
      } else {
        slot.hopeless = job.task;
      }
      changed.accept(now);
    }
    job.report(now, new Result.Failure<>(code, detail));
    vacate(now, slot);
  }

  /** Whether it may go better without another record. */
  static boolean mayPass(ErrorCode code) {
    return code.retryable();
  }
}
