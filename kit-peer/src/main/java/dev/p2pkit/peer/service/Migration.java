// Carries the state of a running version over to the next.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Tree;
import java.util.Optional;
import java.util.function.Function;

/**
 * The upgrade of a state. What the new version declares for the old schema is applied to the state
 * without its classes; if it declares nothing, the state is read by the names of its components. A
 * stateless version that becomes stateful begins with its initial state. The reverse is refused: it
 * would lose the state without anybody having said so.
 */
final class Migration {
  private Migration() {}

  /**
   * What an upgrade gives.
   *
   * @param state the state of the new version
   * @param before the state of the old one, in its encoding; empty if it had none
   */
  record Migrated(StateKeeper state, Optional<byte[]> before) {}

  /** As {@link #migrate}, and proves in addition that the result can be encoded and read. */
  static void tryOut(Version from, StateKeeper state, Version to) {
    Migrated migrated = migrate(from, state, to);
    if (migrated.state().stateful()) {
      guarded(
          from,
          to,
          () -> to.inside(() -> to.restored(migrated.state().encoded())),
          "the state it returns cannot be encoded and read again");
    }
  }

  /**
   * Carries a state over; changes nothing that runs.
   *
   * @throws KitException MIGRATION_FAILED
   */
  static Migrated migrate(Version from, StateKeeper state, Version to) {
    if (!state.stateful()) {
      return new Migrated(to.initialState(), Optional.empty());
    }
    Class<?> type =
        to.descriptor()
            .stateType()
            .orElseThrow(
                () ->
                    failed(
                        from,
                        to,
                        "the new version has no state, and the old one's would be lost; keep a state,"
                            + " or install it under another name"));
    byte[] before =
        guarded(from, to, () -> from.inside(state::encoded), "the present state cannot be encoded");
    Optional<Function<Tree, ?>> upgrade = to.descriptor().upgradeFrom(from.schema());
    String step =
        upgrade.isPresent()
            ? "the upgrade from schema " + from.schema() + " failed"
            : "reading the state of schema " + from.schema() + " by name failed";
    StateKeeper after =
        guarded(
            from,
            to,
            () ->
                to.inside(
                    () ->
                        StateKeeper.of(
                            to.codec(),
                            type,
                            upgrade.isPresent()
                                ? upgrade.get().apply(to.codec().treeView(before))
                                : to.codec().decodeState(before, type))),
            step);
    return new Migrated(after, Optional.of(before));
  }

  /** The state of a file, for a version that begins here; fails like {@link #migrate}. */
  static StateKeeper ofSaved(SavedState saved, Version to) {
    SavedState.Head head = saved.head();
    if (head.schema() > to.schema()) {
      throw notRead(
          head, to, "it has schema " + head.schema() + ", which is newer than " + to.schema());
    }
    Class<?> type = to.descriptor().stateType().orElseThrow();
    Optional<Function<Tree, ?>> upgrade =
        head.schema() == to.schema()
            ? Optional.empty()
            : to.descriptor().upgradeFrom(head.schema());
    try {
      return to.inside(
          () ->
              StateKeeper.of(
                  to.codec(),
                  type,
                  upgrade.isPresent()
                      ? upgrade.get().apply(to.codec().treeView(saved.state()))
                      : to.codec().decodeState(saved.state(), type)));
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      throw notRead(head, to, Failure.describe(e));
    }
  }

  /** As {@link #ofSaved}, and proves that the result can be encoded and read. */
  static void tryOutSaved(SavedState saved, Version to) {
    StateKeeper state = ofSaved(saved, to);
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

  private static <T> T guarded(
      Version from, Version to, java.util.function.Supplier<T> work, String what) {
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
