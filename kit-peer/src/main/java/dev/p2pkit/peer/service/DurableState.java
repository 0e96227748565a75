// The durable side of a processor: what its turns change, on the way to the state file.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the effects of turns in the order of the turns. With JOURNAL, what the world sees of a turn
 * (answer, messages, timers) is released when its group is on the disk; if that fails, {@link
 * Ear#failed} hears of all turns that were not stored, and no more is written until {@link
 * #reopened}. With SNAPSHOT, turns are released before.
 *
 * <p>The state is encoded once per group, on the committer's thread, where it cannot change; one
 * that can was encoded by its turn. Thread-safe; only the committer touches the file.
 */
final class DurableState {
  private static final Logger LOG = LoggerFactory.getLogger(DurableState.class);

  /** How long after a snapshot that failed the next one is tried. */
  private static final long RETRY_NANOS = 1_000_000_000;

  private final Committer committer;
  private volatile @Nullable Ear ear;
  private final DedupeWindow window;

  private final StoredLetters letters = new StoredLetters();

  // For the committer, or for whoever has opened the file while nothing is written.
  private final StateFile file;
  private boolean closed;
  private StateKeeper.@Nullable Good stored;

  private final Object lock = new Object();
  private Durability kind = Durability.NONE;
  private long everyNanos;
  private Batch batch = new Batch();
  private List<Effect> effects = new ArrayList<>();
  private Version version;
  private StateKeeper.Good good;
  private long turns;
  private boolean committing;
  private boolean announced;
  private boolean broken;

  /** A turn that has ended, and what makes it visible. */
  record Effect(Turn turn, Runnable release) {}

  /** Hears of what could not be stored; on the committer's thread. */
  interface Ear {
    /** These turns are not on the disk, and nothing is until the file was opened again. */
    void failed(List<Effect> lost, StoreException.Kind kind, String detail);

    /** A snapshot could not be written; the service goes on in memory. */
    void snapshotFailed(String detail);

    /** A group was written. */
    void written();
  }

  private DurableState(
      StateFiles files,
      StateFiles.Opened opened,
      Committer committer,
      Version version,
      StateKeeper.Good good) {
    this.file = new StateFile(files, opened);
    this.committer = committer;
    this.version = version;
    this.good = good;
    this.window = new DedupeWindow(DedupeWindow.MOST, new Unhurried());
    kind(version);
    opened.saved().ifPresent(letters::count);
    turns = opened.saved().map(saved -> saved.turnsOf(version)).orElse(0L);
  }

  /**
   * Begins with an open file, on the present thread: when it returns, state and version are on the
   * disk. Fails like {@link #become}, and then the file is closed.
   */
  static DurableState begin(
      StateFiles files,
      StateFiles.Opened opened,
      Committer committer,
      Version version,
      StateKeeper state) {
    DurableState durable = new DurableState(files, opened, committer, version, state.good());
    boolean complete = false;
    try {
      byte[] encoded = version.inside(state::encoded);
      durable.file.establish(
          SavedState.Head.of(version), encoded, counted(durable.takeChanges(), durable.turns));
      durable.adopt(version, state.good());
      opened.saved().ifPresent(durable.window::restore);
      complete = true;
      return durable;
    } catch (StoreException e) {
      throw unstorable(version, e);
    } finally {
      if (!complete) {
        opened.store().close();
      }
    }
  }

  private static KitException unstorable(Version version, StoreException e) {
    return new KitException(
        e.kind() == StoreException.Kind.FULL ? ErrorCode.QUOTA : ErrorCode.MIGRATION_FAILED,
        "the state of " + version.release().key() + " cannot be stored: " + e.getMessage(),
        e);
  }

  /** Changes that belong to no turn, and need no commit of their own. */
  private final class Unhurried implements DedupeWindow.Changes {
    @Override
    public void put(String table, String key, byte[] value) {
      synchronized (lock) {
        batch.put(table, key, value);
      }
    }

    @Override
    public void remove(String table, String key) {
      synchronized (lock) {
        batch.remove(table, key);
      }
    }
  }

  /** Says who hears of failures; before the first turn. */
  void listen(Ear listener) {
    ear = listener;
  }

  private Ear ear() {
    return Objects.requireNonNull(ear, "nobody listens yet");
  }

  private void kind(Version next) {
    Manifest.State declared = next.manifest().state().orElseThrow();
    kind = declared.durability();
    everyNanos = kind == Durability.SNAPSHOT ? declared.snapshotEvery().toNanos() : 0;
  }

  DedupeWindow window() {
    return window;
  }

  boolean isBroken() {
    synchronized (lock) {
      return broken;
    }
  }

  /** The letters that are part of the state. */
  StoredLetters letters() {
    return letters;
  }

  /** A letter was given up outside of a turn that has ended well. */
  void drop(Letter letter) {
    if (letter.storedAs() != 0) {
      Batch dropped = new Batch();
      letters.drop(dropped, letter);
      change(dropped);
    }
  }

  /** Changes outside of a turn. */
  void change(Batch changed) {
    synchronized (lock) {
      batch.addAll(changed);
    }
    announce();
  }

  /** Tells the committer, once until it comes. */
  private void announce() {
    synchronized (lock) {
      if (announced) {
        return;
      }
      announced = true;
    }
    committer.dirty(this, everyNanos);
  }

  /**
   * A turn has ended well.
   *
   * @param changed what it changes besides the state
   * @param release makes it visible
   */
  void ended(Turn turn, StateKeeper.Good after, Batch changed, Runnable release) {
    boolean changes;
    boolean visible;
    synchronized (lock) {
      turns++;
      changes = after != good || !changed.isEmpty();
      // A turn that has only read what is on the disk does not wait either.
      visible =
          kind == Durability.SNAPSHOT || (!changes && effects.isEmpty() && !committing && !broken);
      good = after;
      batch.addAll(changed);
      if (!visible) {
        effects.add(new Effect(turn, release));
      }
    }
    if (visible) {
      release.run();
    }
    if (changes || !visible) {
      announce();
    }
  }

  /** Writes what has ended; for the committer. */
  void commit() {
    Batch changes;
    List<Effect> group;
    StateKeeper.Good after;
    Version of;
    long count;
    synchronized (lock) {
      announced = false;
      if (broken || closed || (effects.isEmpty() && batch.isEmpty() && good == stored)) {
        return;
      }
      changes = batch;
      batch = new Batch();
      group = effects;
      effects = new ArrayList<>();
      after = good;
      of = version;
      count = turns;
      committing = true;
    }
    try {
      if (after != stored || !changes.isEmpty()) {
        write(counted(changes, count), of, after);
        stored = after;
        ear().written();
      }
      for (Effect effect : group) {
        release(effect);
      }
    } catch (StoreException e) {
      failed(changes, group, e.kind(), String.valueOf(e.getMessage()));
    } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
      failed(
          changes,
          group,
          StoreException.Kind.FAILED,
          "its state cannot be encoded: " + Failure.describe(e));
    } finally {
      synchronized (lock) {
        committing = false;
      }
    }
  }

  private static void release(Effect effect) {
    try {
      effect.release().run();
    } catch (RuntimeException e) {
      LOG.error("a turn could not be made visible", e);
    }
  }

  private void write(Batch changes, Version of, StateKeeper.Good after) {
    file.write(
        changes,
        after == stored
            ? Optional.empty()
            : Optional.of(of.inside(() -> after.encoded(of.codec()))));
  }

  /** How many turns are in a state is written with it. */
  private static Batch counted(Batch changes, long turns) {
    changes.put(SavedState.TURNS, SavedState.ONLY, SavedState.number(turns));
    return changes;
  }

  private void failed(Batch changes, List<Effect> group, StoreException.Kind why, String detail) {
    file.close();
    List<Effect> all = new ArrayList<>(group);
    synchronized (lock) {
      if (kind == Durability.SNAPSHOT) {
        changes.addAll(batch);
        batch = changes;
      } else {
        broken = true;
        all.addAll(effects);
        effects = new ArrayList<>();
        batch = new Batch();
      }
    }
    if (isBroken()) {
      ear().failed(all, why, detail);
    } else {
      file.giveUp();
      stored = null;
      ear().snapshotFailed(detail);
      committer.dirty(this, Math.max(everyNanos, RETRY_NANOS));
    }
  }

  // After a failure: the owner of the processor has it, and nothing is written.

  /** The turns that have ended since. */
  List<Effect> takeLost() {
    synchronized (lock) {
      List<Effect> all = effects;
      effects = new ArrayList<>();
      batch = new Batch();
      return all;
    }
  }

  /** Opens the file again and reads what is on the disk. */
  StateFiles.Opened reopen() {
    return file.read();
  }

  /** Whether the group that failed is on the disk nevertheless. */
  boolean wasWritten(StateFiles.Opened opened) {
    return file.hasLaterThanKnown(opened);
  }

  /** Goes on with what is on the disk. */
  void reopened(StateFiles.Opened opened, StateKeeper.Good present) {
    file.goOn(opened);
    stored = present;
    opened.saved().ifPresent(letters::count);
    opened.saved().ifPresent(window::restore);
    synchronized (lock) {
      good = present;
      turns = opened.saved().map(SavedState::turns).orElse(0L);
      batch = new Batch();
      broken = false;
    }
  }

  // Changes of version, while the owner of the processor waits.

  /** All turns that have ended are on the disk or have failed. */
  CompletableFuture<Void> settle() {
    return committer.settle(this);
  }

  /**
   * Another version has the state from now on: both are on the disk, or neither is. Fails with
   * QUOTA or MIGRATION_FAILED.
   */
  CompletableFuture<Void> become(Version next, StateKeeper.Good state, byte[] encoded) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    committer.execute(
        () -> {
          try {
            file.ensureOpen();
            file.replace(SavedState.Head.of(next), encoded, counted(takeChanges(), 0));
            adopt(next, state);
            done.complete(null);
          } catch (StoreException e) {
            done.completeExceptionally(unstorable(next, e));
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private Batch takeChanges() {
    synchronized (lock) {
      Batch changes = batch;
      batch = new Batch();
      return changes;
    }
  }

  private void adopt(Version next, StateKeeper.Good state) {
    stored = state;
    synchronized (lock) {
      if (version != next) {
        turns = 0;
      }
      version = next;
      good = state;
      kind(next);
    }
  }

  /** The service has another name from now on, and so has the file. */
  void rename(ServiceKey key) {
    committer.execute(() -> file.rename(key));
  }

  /** Writes what has ended and closes the file. */
  void close() {
    committer.execute(
        () -> {
          commit();
          closed = true;
          file.close();
        });
  }

  /** Closes the file and deletes it. */
  void discard() {
    committer.execute(
        () -> {
          closed = true;
          file.delete();
        });
  }
}
