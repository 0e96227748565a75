// How a processor comes from one version to another, and back if the new one crashes.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent.ServiceReverted;
import dev.p2pkit.sdk.NetworkEvent.ServiceUpgraded;
import dev.p2pkit.sdk.ServiceStatus.Phase;
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
  private volatile @Nullable Previous previous;
  private volatile @Nullable Long revertedEpoch;

  /**
   * What a revert goes back to.
   *
   * @param release the version before
   * @param state its state when it was replaced; empty if it had none
   * @param kept whether the schema has changed, so that a rollback may need the state later
   * @param untilNanos the end of the probation
   */
  private record Previous(Release release, Optional<byte[]> state, boolean kept, long untilNanos) {
    boolean onProbation(long nowNanos) {
      return nowNanos - untilNanos <= 0;
    }
  }

  /**
   * A version with its state.
   *
   * @param turnsLost how many turns that ended well are not in it
   * @param whyLost why not; empty if all are
   */
  private record Ready(Version version, StateKeeper state, long turnsLost, String whyLost) {}

  Upgrades(Processor processor, Surroundings surroundings) {
    this.processor = processor;
    this.surroundings = surroundings;
  }

  Optional<Long> revertedEpoch() {
    return Optional.ofNullable(revertedEpoch);
  }

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
                            () ->
                                Migration.migrate(
                                    processor.version(), processor.state(), next, snapshot()),
                            late -> {}))
            .thenCompose(
                migrated ->
                    persistence
                        .adopt(next, migrated.state())
                        .thenApply(
                            stored -> {
                              stored.run();
                              return swap(next, migrated, begin);
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

  private Activation swap(Version next, Migration.Migrated migrated, long begin) {
    Version old = processor.version();
    previous =
        new Previous(
            old.release(),
            migrated.before(),
            next.schema() > old.schema(),
            System.nanoTime() + surroundings.config().probation().toNanos());
    revertedEpoch = null;
    processor.become(next, migrated.state());
    long micros = (System.nanoTime() - begin) / 1_000;
    processor.enter(
        Phase.ACTIVE,
        micros / 1_000,
        lost(migrated.turnsLost(), "the state before the upgrade was taken"));
    processor.wake();
    surroundings.changer().execute(old::close);
    ServiceKey key = processor.key();
    long epoch = next.release().epoch();
    surroundings.event(new ServiceUpgraded(key.name(), key.instance(), epoch));
    return new Activation(key, epoch, next.manifest().version(), micros);
  }

  /**
   * Brings the version before back if there is one and its successor is on probation; for the
   * owner.
   *
   * @return whether a revert was begun; it is a command that the owner comes to next
   */
  boolean revert(String why) {
    Previous target = previous;
    if (target == null || !target.onProbation(System.nanoTime())) {
      return false;
    }
    previous = null;
    return processor.mailbox().command(() -> revert(target, why)) == Mailbox.Offer.QUEUED;
  }

  private void revert(Previous target, String why) {
    var unused =
        surroundings
            .changer()
            .run(
                "the revert of " + processor.key(),
                ErrorCode.MIGRATION_FAILED,
                () -> reload(target),
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
                  if (thrown != null) {
                    String detail =
                        why
                            + "; the version before cannot be brought back: "
                            + KitException.from(thrown).detail();
                    processor.shut(detail, false);
                  } else {
                    restore(ready, why);
                  }
                  processor.wake();
                });
  }

  private Ready reload(Previous target) {
    Version version = surroundings.load().apply(target.release());
    boolean complete = false;
    try {
      Ready ready = ready(target, version);
      complete = true;
      return ready;
    } finally {
      if (!complete) {
        version.close();
      }
    }
  }

  /** The state that the version before goes on with: the present one if it can be had. */
  private Ready ready(Previous target, Version version) {
    if (target.state().isEmpty()) {
      return new Ready(version, version.initialState(), 0, "");
    }
    byte[] snapshot = target.state().get();
    long turns = turnsSince();
    if (turns == 0) {
      return new Ready(version, version.restored(snapshot), 0, "");
    }
    Version bad = processor.version();
    try {
      byte[] present = bad.inside(processor.state()::encoded);
      return new Ready(version, SchemaPath.carry(present, bad, version), 0, "");
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      return new Ready(version, version.restored(snapshot), turns, Failure.describe(e));
    }
  }

  /** The turns of the running version that ended well. */
  private long turnsSince() {
    TurnCounts counts = processor.counts();
    return counts.turns() - counts.failed();
  }

  /** The state before the last upgrade, as long as it is kept. */
  Optional<Migration.Snapshot> snapshot() {
    Previous target = previous;
    return target == null
        ? Optional.empty()
        : target
            .state()
            .map(
                state ->
                    new Migration.Snapshot(
                        target.release(),
                        state,
                        turnsSince(),
                        target.onProbation(System.nanoTime())));
  }

  /** The archive that a revert would load; empty if there would be none. */
  Optional<String> previousArchive() {
    return Optional.ofNullable(previous).map(target -> target.release().archiveHash());
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

  private void restore(Ready ready, String why) {
    Version bad = processor.version();
    revertedEpoch = bad.release().epoch();
    processor.become(ready.version(), ready.state());
    String lost = lost(ready.turnsLost(), ready.whyLost());
    String detail =
        "version "
            + bad.manifest().version()
            + " was reverted: "
            + why
            + (lost.isEmpty() ? "" : "; " + lost);
    processor.enter(Phase.REVERTED, 0, detail);
    LOG.warn("{}: {}", processor.key(), detail);
    surroundings.changer().execute(bad::close);
    ServiceKey key = processor.key();
    surroundings.event(
        new ServiceReverted(
            key.name(), key.instance(), ready.version().release().epoch(), ready.turnsLost()));
  }

  /**
   * Forgets what the revert would need when the probation is over. The state before a change of
   * schema is kept until the next upgrade, as a rollback may have no other way back.
   */
  void watch(long nowNanos) {
    Previous target = previous;
    if (target != null
        && !target.onProbation(nowNanos)
        && (target.state().isEmpty() || !target.kept())) {
      previous = null;
    }
  }
}
