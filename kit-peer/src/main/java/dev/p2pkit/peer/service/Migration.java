// Carries the state of a running version, or of a file, over to another version.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The change of a state from one version to another. A newer schema is reached by {@link
 * SchemaPath}, an older one by what the running version declares, or by going back to the state
 * before the upgrade. A stateless version that becomes stateful begins with its initial state. The
 * reverse is refused: it would lose the state without anybody having said so.
 */
final class Migration {
  private Migration() {}

  /**
   * What a change gives.
   *
   * @param state the state of the next version
   * @param before the state of the one before, in its encoding; empty if it had none
   * @param turnsLost how many turns are not in it, as it is the one before an upgrade
   */
  record Migrated(StateKeeper state, Optional<byte[]> before, long turnsLost) {}

  /**
   * The state before the last upgrade.
   *
   * @param release what it is in the encoding of
   * @param state the state
   * @param turnsSince how many turns have ended well since
   * @param onProbation whether the version that followed is on probation
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and the bytes are not changed
  record Snapshot(Release release, byte[] state, long turnsSince, boolean onProbation) {}

  /**
   * As {@link #migrate}, and proves in addition that the result can be encoded and read, and that
   * the way back works if the next version declares one.
   */
  static void tryOut(Version from, StateKeeper state, Version to, Optional<Snapshot> snapshot) {
    Migrated migrated = migrate(from, state, to, snapshot);
    if (!migrated.state().stateful()) {
      return;
    }
    byte[] encoded =
        guarded(
            from,
            to,
            () ->
                to.inside(
                    () -> {
                      byte[] bytes = migrated.state().encoded();
                      var unused = to.restored(bytes);
                      return bytes;
                    }),
            "the state it returns cannot be encoded and read again");
    if (state.stateful()
        && from.schema() < to.schema()
        && SchemaPath.leadsDown(to, from.schema())) {
      try {
        var unused = SchemaPath.carry(encoded, to, from);
      } catch (SchemaPath.Blocked e) {
        throw failed(from, to, "the way back does not work: " + e.getMessage());
      }
    }
  }

  /**
   * Carries a state over; changes nothing that runs.
   *
   * @param snapshot the state before the last upgrade, if it is still here
   * @throws KitException MIGRATION_FAILED
   */
  static Migrated migrate(
      Version from, StateKeeper state, Version to, Optional<Snapshot> snapshot) {
    if (!state.stateful()) {
      return new Migrated(to.initialState(), Optional.empty(), 0);
    }
    if (to.descriptor().stateType().isEmpty()) {
      throw failed(
          from,
          to,
          "the new version has no state, and the old one's would be lost; keep a state,"
              + " or install it under another name");
    }
    byte[] before =
        guarded(from, to, () -> from.inside(state::encoded), "the present state cannot be encoded");
    String why;
    if (from.schema() <= to.schema() || SchemaPath.leadsDown(from, to.schema())) {
      try {
        return new Migrated(SchemaPath.carry(before, from, to), Optional.of(before), 0);
      } catch (SchemaPath.Blocked e) {
        if (from.schema() <= to.schema() || !to.release().discardSince()) {
          throw failed(from, to, String.valueOf(e.getMessage()));
        }
        why = String.valueOf(e.getMessage());
      }
    } else {
      why =
          "its schema is "
              + to.schema()
              + ", the running one's "
              + from.schema()
              + ", and the running version declares no downgradeState("
              + to.schema()
              + ", ...)";
    }
    Optional<Snapshot> back =
        snapshot.filter(
            it -> it.release().archiveHash().equalsIgnoreCase(to.release().archiveHash()));
    Optional<Snapshot> allowed =
        back.filter(it -> it.turnsSince() == 0 || it.onProbation() || to.release().discardSince());
    if (allowed.isEmpty()) {
      throw failed(
          from,
          to,
          why
              + "; install a version that declares it first"
              + back.map(
                      it ->
                          ", or roll back with --discard-since, which takes the state before the"
                              + " upgrade and loses the "
                              + it.turnsSince()
                              + " turns since")
                  .orElse(""));
    }
    byte[] taken = allowed.get().state();
    StateKeeper restored =
        guarded(from, to, () -> to.restored(taken), "the state before the upgrade cannot be read");
    return new Migrated(restored, Optional.of(before), allowed.get().turnsSince());
  }

  /**
   * The state of a file, for a version that begins here; fails like {@link #migrate}. Where the
   * service was rolled back while this peer was away, the version that has written the file is
   * loaded for its downgradeState, and closed again.
   *
   * @param load loads a release, on the present thread
   */
  static StateKeeper ofSaved(SavedState saved, Version to, Function<Release, Version> load) {
    SavedState.Head head = saved.head();
    try {
      return head.schema() <= to.schema()
          ? SchemaPath.up(saved.state(), head.schema(), to)
          : fromNewer(saved, to, load);
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      throw notRead(head, to, Failure.describe(e));
    }
  }

  private static StateKeeper fromNewer(
      SavedState saved, Version to, Function<Release, Version> load) {
    SavedState.Head head = saved.head();
    Release writer = to.release().sibling(head.epoch(), head.archiveHash());
    if (!Files.isRegularFile(writer.archiveFile())) {
      throw new SchemaPath.Blocked(
          "it has schema "
              + head.schema()
              + ", which is newer than "
              + to.schema()
              + ", and the archive that could take it back is not on this peer any more");
    }
    Version newer = load.apply(writer);
    try {
      return SchemaPath.carry(saved.state(), newer, to);
    } finally {
      newer.close();
    }
  }

  /** As {@link #ofSaved}, and proves that the result can be encoded and read. */
  static void tryOutSaved(SavedState saved, Version to, Function<Release, Version> load) {
    StateKeeper state = ofSaved(saved, to, load);
    try {
      var unused = to.inside(() -> to.restored(state.encoded()));
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      throw notRead(saved.head(), to, Failure.describe(e));
    }
  }

  private static KitException notRead(SavedState.Head head, Version to, String why) {
    return new KitException(
        ErrorCode.MIGRATION_FAILED,
        to.release().key()
            + " does not run on this peer: the state on its disk, of version "
            + head.version()
            + ", cannot be carried over to "
            + to.manifest().version()
            + ": "
            + why);
  }

  private static <T> T guarded(Version from, Version to, Supplier<T> work, String what) {
    try {
      return work.get();
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      throw failed(from, to, what + ": " + Failure.describe(e));
    }
  }

  private static KitException failed(Version from, Version to, String why) {
    return new KitException(
        ErrorCode.MIGRATION_FAILED,
        to.release().key()
            + " "
            + from.manifest().version()
            + " goes on, as its state cannot be carried over to "
            + to.manifest().version()
            + ": "
            + why);
  }
}
