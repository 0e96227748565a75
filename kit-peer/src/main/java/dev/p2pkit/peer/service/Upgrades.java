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
   * @param untilNanos the end of the probation
   */
  private record Previous(Release release, Optional<byte[]> state, long untilNanos) {}

  /** A version with its state. */
  private record Ready(Version version, StateKeeper state) {}

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
                            () -> Migration.migrate(processor.version(), processor.state(), next),
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
            System.nanoTime() + surroundings.config().probation().toNanos());
    revertedEpoch = null;
    processor.become(next, migrated.state());
    long micros = (System.nanoTime() - begin) / 1_000;
    processor.enter(Phase.ACTIVE, micros / 1_000, "");
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
    if (target == null || System.nanoTime() - target.untilNanos() > 0) {
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
      StateKeeper state =
          target.state().isPresent()
              ? version.restored(target.state().get())
              : version.initialState();
      complete = true;
      return new Ready(version, state);
    } finally {
      if (!complete) {
        version.close();
      }
    }
  }

  private void restore(Ready ready, String why) {
    Version bad = processor.version();
    revertedEpoch = bad.release().epoch();
    processor.become(ready.version(), ready.state());
    String detail = "version " + bad.manifest().version() + " was reverted: " + why;
    processor.enter(Phase.REVERTED, 0, detail);
    LOG.warn("{}: {}", processor.key(), detail);
    surroundings.changer().execute(bad::close);
    ServiceKey key = processor.key();
    surroundings.event(
        new ServiceReverted(key.name(), key.instance(), ready.version().release().epoch()));
  }

  /** Forgets what the revert would need when the probation is over. */
  void watch(long nowNanos) {
    Previous target = previous;
    if (target != null && nowNanos - target.untilNanos() > 0) {
      previous = null;
    }
  }
}
