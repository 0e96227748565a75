// How a processor comes from one version to another, and back if the new one crashes.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent.ServiceReverted;
import dev.p2pkit.sdk.NetworkEvent.ServiceUpgraded;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of version of one processor. Each is a command in its mailbox: it begins when the
 * present turn has ended, owns the processor while it lasts, and messages wait meanwhile.
 */
final class Upgrades {
  private static final Logger LOG = LoggerFactory.getLogger(Upgrades.class);

  private final Processor processor;
  private final Surroundings surroundings;
  private final Probations probations;
  private volatile @Nullable Probation probation;

  /** Where turns leave a trace; nowhere after the probation. */
  private volatile @Nullable LifeSigns signs;

  /** Turns of the running version that ended well in an earlier process. */
  private volatile long turnsBefore;

  private volatile @Nullable Long revertedEpoch;

  /** What a change of version has come to before it is stored. */
  private record Carried(Migration.Migrated migrated, Probation probation) {}

  /** Goes on with the probation that the version of this processor was on before the start. */
  Upgrades(Processor processor, Surroundings surroundings, Persistence.Begun begun) {
    this.processor = processor;
    this.surroundings = surroundings;
    this.probations = surroundings.probations();
    Version version = processor.version();
    turnsBefore = begun.saved().map(saved -> saved.turnsOf(version)).orElse(0L);
    probations.of(version.release()).ifPresent(this::use);
  }

  private void use(Probation next) {
    probation = next;
    signs = next.signs();
    next.signs().doing(LifeSigns.Doing.NOTHING);
  }

  /** When the version has crashed before this process began; oldest first. */
  List<Duration> earlierCrashes() {
    Probation present = probation;
    return present == null ? List.of() : present.crashes();
  }

  Optional<Long> revertedEpoch() {
    return Optional.ofNullable(revertedEpoch);
  }

  // What happens while a version is on probation.

  /** Code of the service runs on this thread from now on. */
  void turnBegins() {
    LifeSigns present = signs;
    if (present != null) {
      present.doing(LifeSigns.Doing.TURN);
    }
  }

  /** It does not any more. */
  void turnEnds() {
    LifeSigns present = signs;
    if (present != null) {
      present.doing(LifeSigns.Doing.NOTHING);
    }
  }

  /** A turn has failed. */
  void crashed() {
    Probation present = probation;
    if (present != null) {
      present.crashed(System.nanoTime());
    }
  }

  /** Whether others have still to get the version, if it is the one of this archive. */
  void awaited(String archive, boolean others) {
    Probation present = probation;
    if (present != null
        && present.entry().on().archiveHash().equalsIgnoreCase(archive)
        && present.signs().awaited() != others) {
      present.signs().awaited(others);
    }
  }

  // Forth.

  /** Replaces the version; closes the one that is not in use afterwards. */
  CompletableFuture<Activation> upgrade(Version next) {
    CompletableFuture<Activation> done = new CompletableFuture<>();
    Mailbox.Offer offer = processor.mailbox().command(() -> migrate(next, done));
    if (offer == Mailbox.Offer.WAKE) {
      processor.wake();
    } else if (offer == Mailbox.Offer.CLOSED) {
      surroundings.changer().execute(next::close);
      done.completeExceptionally(
          new KitException(
              ErrorCode.CANCELLED, processor.key() + " was removed while it was upgraded"));
    }
    return done;
  }

  private void migrate(Version next, CompletableFuture<Activation> done) {
    long begin = System.nanoTime();
    Persistence persistence = processor.persistence();
    Optional<Probation> present = Optional.ofNullable(probation);
    var unused =
        persistence
            .settle()
            .thenCompose(
                settled ->
                    surroundings
                        .changer()
                        .run(
                            "carrying over the state of " + processor.key(),
                            ErrorCode.MIGRATION_FAILED,
                            () -> carryOver(next),
                            late -> probations.giveBack(late.probation(), present)))
            .thenCompose(
                carried ->
                    persistence
                        .adopt(next, carried.migrated().state())
                        .whenComplete(
                            (stored, thrown) -> {
                              if (thrown != null) {
                                surroundings
                                    .changer()
                                    .execute(
                                        () -> probations.giveBack(carried.probation(), present));
                              }
                            })
                        .thenApply(
                            stored -> {
                              stored.run();
                              return swap(next, carried, begin);
                            }))
            .whenComplete(
                (activation, thrown) -> {
                  if (thrown != null) {
                    surroundings.changer().execute(next::close);
                    processor.wake();
                    done.completeExceptionally(KitException.from(thrown));
                  } else {
                    done.complete(activation);
                  }
                });
  }

  /** What is known of the way back is on the disk before the version is. */
  private Carried carryOver(Version next) {
    Version old = processor.version();
    Migration.Migrated migrated = Migration.migrate(old, processor.state(), next, snapshot());
    return new Carried(migrated, probations.begin(old, migrated.before(), next));
  }

  private Activation swap(Version next, Carried carried, long begin) {
    Version old = processor.version();
    Probation begun = carried.probation();
    turnsBefore = 0;
    revertedEpoch = null;
    use(begun);
    processor.become(next, carried.migrated().state());
    long micros = (System.nanoTime() - begin) / 1_000;
    String lost = lost(carried.migrated().turnsLost(), "the state before the upgrade was taken");
    processor.enter(
        Phase.ACTIVE,
        micros / 1_000,
        lost + (lost.isEmpty() || begun.trouble().isEmpty() ? "" : "; ") + begun.trouble());
    processor.wake();
    surroundings
        .changer()
        .execute(
            () -> {
              old.close();
              probations.settle(begun);
            });
    ServiceKey key = processor.key();
    long epoch = next.release().epoch();
    surroundings.event(new ServiceUpgraded(key.name(), key.instance(), epoch));
    return new Activation(key, epoch, next.manifest().version(), micros);
  }

  // Back.

  /**
   * Brings the version before back if there is one and its successor is on probation; for the
   * owner.
   *
   * @return whether a revert was begun; it is a command that the owner comes to next
   */
  boolean revert(String why) {
    Probation target = probation;
    if (target == null || !target.isOn(System.nanoTime())) {
      return false;
    }
    probation = null;
    return processor.mailbox().command(() -> revert(target, why)) == Mailbox.Offer.QUEUED;
  }

  private void revert(Probation target, String why) {
    var unused =
        surroundings
            .changer()
            .run(
                "the revert of " + processor.key(),
                ErrorCode.MIGRATION_FAILED,
                () -> reload(target, why),
                late -> late.version().close())
            .thenCompose(
                ready ->
                    processor
                        .persistence()
                        .adopt(ready.version(), ready.state())
                        .thenApply(
                            stored -> {
                              stored.run();
                              return ready;
                            }))
            .whenComplete(
                (ready, thrown) -> {
                  signs = null;
                  if (thrown != null) {
                    String detail =
                        why
                            + "; the version before cannot be brought back: "
                            + KitException.from(thrown).detail();
                    surroundings.changer().execute(() -> probations.end(target));
                    processor.shut(detail, false);
                  } else {
                    restore(ready, why);
                    surroundings.changer().execute(() -> probations.forgetState(target));
                  }
                  processor.wake();
                });
  }

  private WayBack.Ready reload(Probation target, String why) {
    Version running = processor.version();
    ProbationEntry.Edition before = target.entry().before();
    Version version =
        surroundings.load().apply(running.release().sibling(before.epoch(), before.archiveHash()));
    boolean complete = false;
    try {
      WayBack.Ready ready = WayBack.ofRunning(processor, target, version, turnsSince());
      // A process that dies from here on does not begin with the version that is given up.
      probations.lost(target, why);
      complete = true;
      return ready;
    } finally {
      if (!complete) {
        version.close();
      }
    }
  }

  /** The turns of the running version that ended well. */
  private long turnsSince() {
    TurnCounts counts = processor.counts();
    return turnsBefore + counts.turns() - counts.failed();
  }

  /** The state before the last upgrade, as long as it is kept. */
  Optional<Migration.Snapshot> snapshot() {
    Probation target = probation;
    if (target == null) {
      return Optional.empty();
    }
    ProbationEntry.Edition before = target.entry().before();
    Release release = processor.version().release().sibling(before.epoch(), before.archiveHash());
    return target
        .state()
        .map(
            state ->
                new Migration.Snapshot(
                    release, state, turnsSince(), target.takesStateBefore(System.nanoTime())));
  }

  /** Counts and says what a way back has cost; empty if nothing. */
  private String lost(long turns, String why) {
    if (turns == 0) {
      return "";
    }
    surroundings.ledger().turnsLost.add(turns);
    String said = turns + " turns since the upgrade are lost (" + why + ")";
    LOG.warn("{}: {}", processor.key(), said);
    return said;
  }

  private void restore(WayBack.Ready ready, String why) {
    Version bad = processor.version();
    processor.become(ready.version(), ready.state());
    turnsBefore = 0;
    reverted(ready, bad.manifest().version(), bad.release().epoch(), why);
    surroundings.changer().execute(bad::close);
  }

  /** The processor has begun with the version before: what it was asked for is lost. */
  void beganInstead(Probation target, Release asked, WayBack.Ready ready) {
    ProbationEntry entry = target.entry();
    reverted(ready, entry.on().version(), asked.epoch(), entry.lost());
    surroundings.changer().execute(() -> probations.forgetState(target));
  }

  private void reverted(WayBack.Ready ready, String bad, long badEpoch, String why) {
    revertedEpoch = badEpoch;
    String lost = lost(ready.turnsLost(), ready.whyLost());
    String detail =
        "version " + bad + " was reverted: " + why + (lost.isEmpty() ? "" : "; " + lost);
    processor.enter(Phase.REVERTED, 0, detail);
    LOG.warn("{}: {}", processor.key(), detail);
    ServiceKey key = processor.key();
    surroundings.event(
        new ServiceReverted(
            key.name(), key.instance(), ready.version().release().epoch(), ready.turnsLost()));
  }

  // The end.

  /**
   * Forgets what the revert would need when the probation is over. The state before a change of
   * schema is kept until the next upgrade, as a rollback may have no other way back.
   */
  void watch(long nowNanos) {
    Probation target = probation;
    if (target == null) {
      return;
    }
    target.tick(nowNanos);
    boolean outlasts = target.outlasts(processor.version().schema());
    if (!target.isOn(nowNanos)) {
      signs = null;
      if (!outlasts) {
        probation = null;
        surroundings.changer().execute(() -> probations.end(target));
      }
    } else if (!outlasts && target.hasState() && !target.takesStateBefore(nowNanos)) {
      surroundings.changer().execute(() -> probations.forgetState(target));
    }
    if (outlasts && target.hasStateTwice() && !target.takesStateBefore(nowNanos)) {
      surroundings.changer().execute(() -> probations.leaveStateOnDisk(target));
    }
  }

  /** It is reached under another name from now on. */
  void renamed(ServiceKey from, ServiceKey to) {
    surroundings.changer().execute(() -> probations.rename(from, to));
  }

  /**
   * The processor ends.
   *
   * @param comesBack whether it is the peer that ends
   */
  void close(boolean comesBack) {
    Probation target = probation;
    ServiceKey key = processor.key();
    if (!comesBack) {
      probation = null;
      signs = null;
      surroundings.changer().execute(() -> probations.forget(key));
    } else if (target != null) {
      signs = null;
      target.tick(System.nanoTime());
      target
          .signs()
          .doing(
              LifeSigns.endsProcess(processor.version().loader())
                  ? LifeSigns.Doing.TURN
                  : LifeSigns.Doing.ENDED);
    }
  }
}
