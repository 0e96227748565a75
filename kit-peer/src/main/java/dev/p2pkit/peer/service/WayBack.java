// With which state the version before goes on when the one on probation is given up.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.MvStateStore;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The present state, if it can be carried back; else, in the first part of the probation, the one
 * before the upgrade, and then it is said how many turns that costs. While the process lives the
 * present state is the processor's, at a start it is what the disk has. Runs code of services.
 */
final class WayBack {
  private static final Logger LOG = LoggerFactory.getLogger(WayBack.class);

  private WayBack() {}

  /**
   * A version with its state.
   *
   * @param turnsLost how many turns that ended well are not in it
   * @param whyLost why not; empty if all are
   */
  record Ready(Version version, StateKeeper state, long turnsLost, String whyLost) {}

  /** A version that begins with what the disk has, in place of another one. */
  record Start(Ready ready, Persistence.Begun begun) {}

  /**
   * For a processor whose version is given up.
   *
   * @param turns how many turns of that version have ended well
   * @throws KitException MIGRATION_FAILED if there is no state that may be taken
   */
  static Ready ofRunning(Processor processor, Probation target, Version version, long turns) {
    Version bad = processor.version();
    return choose(
        target,
        version,
        turns,
        () -> {
          byte[] present = bad.inside(processor.state()::encoded);
          return SchemaPath.carry(present, bad, version);
        });
  }

  private static Ready choose(
      Probation target, Version version, long turns, Supplier<StateKeeper> carried) {
    if (!target.entry().hadState()) {
      return new Ready(version, version.initialState(), 0, "");
    }
    Optional<byte[]> before = target.state();
    if (turns == 0 && before.isPresent()) {
      return new Ready(version, version.restored(before.get()), 0, "");
    }
    String why;
    try {
      return new Ready(version, carried.get(), 0, "");
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      why = Failure.describe(e);
    }
    if (!target.takesStateBefore(System.nanoTime())) {
      throw new KitException(
          ErrorCode.MIGRATION_FAILED,
          why
              + "; the state before the upgrade is too old to be taken without having been asked"
              + " for: upgrade to a corrected version, or roll back with --discard-since");
    }
    // What was not durable has ended with the process that had it.
    return new Ready(
        version, before.map(version::restored).orElseGet(version::initialState), turns, why);
  }

  // At a start.

  /**
   * Tries it, and changes nothing.
   *
   * @param asked the release that this peer does not run any more
   * @throws KitException as {@link #begin}
   */
  static void tryOut(Surroundings surroundings, Probation target, Release asked, Version version) {
    Optional<StateFiles.Opened> opened = open(surroundings, asked, version);
    try {
      StateKeeper state = ofDisk(surroundings, target, version, opened).state();
      if (state.stateful()) {
        var unused = version.inside(() -> version.restored(state.encoded()));
      }
    } finally {
      opened.ifPresent(it -> it.store().close());
    }
  }

  /**
   * Begins with what the disk has.
   *
   * @throws KitException MIGRATION_FAILED if there is no state that may be taken, and as {@link
   *     StateFiles#open}
   */
  static Start begin(Surroundings surroundings, Probation target, Release asked, Version version) {
    Optional<StateFiles.Opened> opened = open(surroundings, asked, version);
    boolean complete = false;
    try {
      Ready ready = ofDisk(surroundings, target, version, opened);
      Persistence.Begun begun;
      if (version.manifest().durability() == Durability.NONE) {
        begun = new Persistence.Begun(ready.state(), Optional.empty(), Optional.empty());
        opened.ifPresent(WayBack::delete);
      } else {
        StateFiles.Opened file = opened.orElseThrow();
        DurableState durable =
            DurableState.begin(
                surroundings.files(), file, surroundings.committer(), version, ready.state());
        begun = new Persistence.Begun(ready.state(), Optional.of(durable), file.saved());
      }
      complete = true;
      return new Start(ready, begun);
    } finally {
      if (!complete) {
        opened.ifPresent(it -> it.store().close());
      }
    }
  }

  private static void delete(StateFiles.Opened opened) {
    opened.store().close();
    try {
      MvStateStore.delete(opened.file());
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted", opened.file(), e);
    }
  }

  private static Optional<StateFiles.Opened> open(
      Surroundings surroundings, Release asked, Version version) {
    StateFiles files = surroundings.files();
    if (version.manifest().durability() != Durability.NONE) {
      return Optional.of(files.open(version, asked.epoch(), surroundings::event));
    }
    Path file = files.file(asked.key());
    return Files.isRegularFile(file) ? Optional.of(files.read(file)) : Optional.empty();
  }

  private static Ready ofDisk(
      Surroundings surroundings,
      Probation target,
      Version version,
      Optional<StateFiles.Opened> opened) {
    Optional<SavedState> saved = opened.flatMap(StateFiles.Opened::saved);
    if (saved.isEmpty()) {
      return choose(
          target,
          version,
          0,
          () -> {
            throw new SchemaPath.Blocked("its state was not durable");
          });
    }
    SavedState present = saved.get();
    if (present.head().archiveHash().equalsIgnoreCase(version.release().archiveHash())) {
      return new Ready(version, version.restored(present.state()), 0, "");
    }
    return choose(
        target, version, present.turns(), () -> carried(surroundings, target, present, version));
  }

  private static StateKeeper carried(
      Surroundings surroundings, Probation target, SavedState present, Version version) {
    if (present.head().schema() <= version.schema()) {
      return SchemaPath.up(present.state(), present.head().schema(), version);
    }
    if (target.diedLoading()) {
      throw new SchemaPath.Blocked(
          "the last process died while it loaded the version that could take its state back");
    }
    target.signs().doing(LifeSigns.Doing.LOADING);
    try {
      return Migration.ofSaved(present, version, surroundings.load());
    } finally {
      target.signs().doing(LifeSigns.Doing.ENDED);
    }
  }
}
