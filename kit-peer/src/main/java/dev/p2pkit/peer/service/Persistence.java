// What a processor does so that its state outlives the process, if its version asks for that.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between a processor and its {@link DurableState}, and does nothing where there is none. A
 * group of turns that cannot be stored is taken back as a whole: their senders are told, and state,
 * letters, timers and answers are again what is on the disk.
 */
final class Persistence implements DurableState.Ear {
  private static final Logger LOG = LoggerFactory.getLogger(Persistence.class);
  private static final long RETRY_NANOS = 2_000_000_000L;
  private static final long EXPIRE_NANOS = 1_000_000_000L;

  private final Processor processor;
  private final Surroundings surroundings;
  private final Mailbox mailbox;
  private final Aftermath aftermath;
  private volatile @Nullable DurableState durable;
  private volatile boolean ailing;
  private volatile boolean unreadable;
  private volatile long nextTry;
  private long nextExpiry;

  /** A state that was read from its file when its processor began. */
  record Begun(StateKeeper state, Optional<DurableState> durable, Optional<SavedState> saved) {}

  private record Reopened(StateFiles.Opened opened, SavedState saved, StateKeeper state) {}

  Persistence(
      Processor processor, Surroundings surroundings, Mailbox mailbox, Aftermath aftermath) {
    this.processor = processor;
    this.surroundings = surroundings;
    this.mailbox = mailbox;
    this.aftermath = aftermath;
  }

  /**
   * Reads the state of a version that is to begin here, from its file or from its own initialState;
   * runs code of the service.
   */
  static Begun begin(Surroundings surroundings, Version version, Optional<StateKeeper> initial) {
    if (version.manifest().durability() == Durability.NONE) {
      return new Begun(
          initial.orElseGet(version::initialState), Optional.empty(), Optional.empty());
    }
    StateFiles.Opened opened = surroundings.files().open(version, surroundings::event);
    boolean complete = false;
    try {
      StateKeeper state =
          opened.saved().isPresent()
              ? Migration.ofSaved(opened.saved().get(), version, surroundings.load())
              : initial.orElseGet(version::initialState);
      DurableState durable =
          DurableState.begin(
              surroundings.files(), opened, surroundings.committer(), version, state);
      complete = true;
      return new Begun(state, Optional.of(durable), opened.saved());
    } finally {
      if (!complete) {
        opened.store().close();
      }
    }
  }

  /** Tries that on the state in the file, and leaves the file as it is. */
  static void tryOut(Surroundings surroundings, Version version) {
    if (version.manifest().durability() == Durability.NONE) {
      return;
    }
    StateFiles.Opened opened = surroundings.files().open(version, surroundings::event);
    try {
      opened.saved().ifPresent(saved -> Migration.tryOutSaved(saved, version, surroundings.load()));
    } finally {
      opened.store().close();
    }
  }

  /** Takes up what was read; before the first message. */
  void take(Begun begun) {
    if (begun.durable().isPresent()) {
      DurableState present = begun.durable().get();
      present.listen(this);
      durable = present;
      begun.saved().ifPresent(saved -> place(present, saved, new HashMap<>()));
    }
  }

  private void place(DurableState present, SavedState saved, Map<Long, Letter> known) {
    List<Letter> front = new ArrayList<>();
    List<Letter> setAside = new ArrayList<>();
    for (SavedState.Letter one : saved.letters()) {
      Letter before = known.remove(one.id());
      Letter letter = before == null ? Letter.stored(one) : before;
      if (before == null) {
        letter.once().ifPresent(once -> present.window().open(once, letter));
      }
      switch (one.place()) {
        case FRONT -> front.add(letter);
        case DEFERRED -> setAside.add(letter);
        case TIMER -> aftermath.restore(letter, one.order());
      }
    }
    mailbox.putStored(front, setAside);
  }

  /** Whether letters wait that nobody here has brought. */
  boolean hasWork() {
    return durable != null && mailbox.waiting() > 0;
  }

  /** Puts a message into the mailbox; empty if its sender is told otherwise. */
  Optional<Mailbox.Offer> offer(Letter letter, Incoming incoming) {
    if (letter.once().isEmpty()) {
      return Optional.of(mailbox.offer(letter));
    }
    DurableState present = durable;
    if (present == null) {
      incoming.fail(
          ErrorCode.PROTOCOL_ERROR,
          processor.key()
              + " keeps no durable state, so it could not know this message again after a restart;"
              + " give its @KitService a durability, or send without once()");
      return Optional.empty();
    }
    if (present.isBroken()) {
      incoming.fail(ErrorCode.NOT_READY, processor.status().detail());
      return Optional.empty();
    }
    return present
        .window()
        .admit(letter.once().get(), letter, incoming, () -> mailbox.offer(letter));
  }

  /** Lets a turn that ended well take effect. */
  void apply(Turn turn, StateKeeper.Good state) {
    DurableState present = durable;
    if (present == null) {
      aftermath.apply(turn);
    } else {
      aftermath.apply(turn, state, present);
    }
  }

  /** A letter was given up; its sender is told, or it is a dead letter. */
  void dropped(Letter letter) {
    DurableState present = durable;
    if (present != null) {
      present.drop(letter);
    }
  }

  // Changes of version; for the owner.

  /** All turns that have ended are on the disk; fails if they cannot be stored. */
  CompletableFuture<Void> settle() {
    DurableState present = durable;
    if (present == null) {
      return CompletableFuture.completedFuture(null);
    }
    return present
        .settle()
        .thenAccept(
            done -> {
              if (present.isBroken()) {
                throw new KitException(
                    ErrorCode.MIGRATION_FAILED,
                    "the present state of " + processor.key() + " cannot be stored");
              }
            });
  }

  /**
   * Stores a version with its state. Until this is complete the version before is what a restart
   * finds, afterwards the new one.
   *
   * @return what is left to do when the version is put to use
   */
  CompletableFuture<Runnable> adopt(Version next, StateKeeper state) {
    DurableState present = durable;
    boolean wanted = next.manifest().durability() != Durability.NONE;
    if (present != null && wanted) {
      return surroundings
          .changer()
          .run(
              "encoding the state of " + processor.key(),
              ErrorCode.MIGRATION_FAILED,
              () -> next.inside(state::encoded),
              late -> {})
          .thenCompose(encoded -> present.become(next, state.good(), encoded))
          .thenApply(done -> () -> {});
    }
    if (wanted) {
      return surroundings
          .changer()
          .run(
              "the state file of " + processor.key(),
              ErrorCode.MIGRATION_FAILED,
              () ->
                  DurableState.begin(
                      surroundings.files(),
                      surroundings.files().fresh(surroundings.files().file(processor.key())),
                      surroundings.committer(),
                      next,
                      state),
              DurableState::discard)
          .thenApply(begun -> () -> becomeDurable(begun));
    }
    return CompletableFuture.completedFuture(
        () -> {
          if (present != null) {
            durable = null;
            mailbox.forgetStored();
            aftermath.timers().forEach(letter -> letter.storedAs(0));
            present.discard();
          }
        });
  }

  private void becomeDurable(DurableState begun) {
    begun.listen(this);
    Batch waiting = new Batch();
    mailbox.deferred().forEach(letter -> begun.letters().keepDeferred(waiting, letter));
    aftermath.keepTimers(begun, waiting);
    begun.change(waiting);
    durable = begun;
  }

  void renamed(ServiceKey key) {
    DurableState present = durable;
    if (present != null) {
      present.rename(key);
    }
  }

  /** Whether a letter waits on the disk for the next start. */
  boolean holds(Letter letter) {
    return durable != null && letter.storedAs() != 0;
  }

  /** The peer ends: what has ended is written. */
  void close() {
    DurableState present = durable;
    if (present != null) {
      present.close();
    }
  }

  /** The service ends: its state goes with it. */
  void discard() {
    DurableState present = durable;
    if (present != null) {
      durable = null;
      present.discard();
    }
  }

  // What cannot be stored.

  @Override
  public void failed(List<DurableState.Effect> lost, StoreException.Kind kind, String detail) {
    Mailbox.Offer offer = mailbox.command(() -> takeBack(lost, kind, detail));
    if (offer == Mailbox.Offer.WAKE) {
      processor.wake();
    } else if (offer == Mailbox.Offer.CLOSED) {
      lost.forEach(
          effect ->
              processor.bounces().tell(effect.turn().letter(), ErrorCode.SERVICE_CRASHED, detail));
    }
  }

  /** Owns the processor until it is told to go on. */
  private void takeBack(List<DurableState.Effect> lost, StoreException.Kind kind, String detail) {
    DurableState present = durable;
    if (present == null) {
      processor.wake();
      return;
    }
    List<DurableState.Effect> all = new ArrayList<>(lost);
    all.addAll(present.takeLost());
    Version version = processor.version();
    var unused =
        surroundings
            .changer()
            .run(
                "reading the state of " + processor.key(),
                ErrorCode.SERVICE_CRASHED,
                () -> reopen(present, version),
                late -> late.opened().store().close())
            .whenComplete(
                (reopened, thrown) -> {
                  if (thrown == null) {
                    restore(present, reopened, all, kind, detail);
                  } else {
                    String why = detail + "; " + KitException.from(thrown).detail();
                    unreadable = true;
                    nextTry = System.nanoTime() + RETRY_NANOS;
                    processor.shut(why, true);
                    all.forEach(effect -> undo(effect, ErrorCode.SERVICE_CRASHED, why));
                  }
                  processor.wake();
                });
  }

  private static Reopened reopen(DurableState present, Version version) {
    StateFiles.Opened opened;
    try {
      opened = present.reopen();
    } catch (StoreException e) {
      throw new KitException(ErrorCode.SERVICE_CRASHED, String.valueOf(e.getMessage()), e);
    }
    boolean complete = false;
    try {
      SavedState saved = opened.saved().orElseThrow();
      Reopened reopened = new Reopened(opened, saved, version.restored(saved.state()));
      complete = true;
      return reopened;
    } finally {
      if (!complete) {
        opened.store().close();
      }
    }
  }

  private void restore(
      DurableState present,
      Reopened reopened,
      List<DurableState.Effect> lost,
      StoreException.Kind kind,
      String detail) {
    // A write that failed half-way may have reached the disk.
    boolean unknown = present.wasWritten(reopened.opened());
    ErrorCode code =
        kind == StoreException.Kind.FULL && !unknown ? ErrorCode.QUOTA : ErrorCode.SERVICE_CRASHED;
    // Who hears that a turn has failed may ask at once how the service is; and what is written from
    // here on ends the ailing.
    unreadable = false;
    surroundings.ledger().unstored.add(lost.size());
    ail(detail);
    aftermath.forgetTimers();
    Map<Long, Letter> known = new HashMap<>();
    for (Letter letter : mailbox.takeStored()) {
      known.put(letter.storedAs(), letter);
    }
    for (DurableState.Effect effect : lost) {
      Letter letter = effect.turn().letter();
      if (letter.storedAs() != 0) {
        known.putIfAbsent(letter.storedAs(), letter);
      }
    }
    present.reopened(reopened.opened(), reopened.state().good());
    processor.restored(reopened.state());
    place(present, reopened.saved(), known);
    for (DurableState.Effect effect : lost) {
      Letter letter = effect.turn().letter();
      if (letter.storedAs() == 0 || known.containsKey(letter.storedAs())) {
        undo(effect, code, detail);
      } else {
        effect.turn().undo();
      }
    }
    for (Letter letter : known.values()) {
      letter.fail(code, detail);
      letter.storedAs(0);
    }
    LOG.warn("{}: {} turns were taken back: {}", processor.key(), lost.size(), detail);
  }

  private void undo(DurableState.Effect effect, ErrorCode code, String detail) {
    effect.turn().undo();
    processor.bounces().tell(effect.turn().letter(), code, detail);
  }

  private void ail(String detail) {
    ailing = true;
    processor.enter(Phase.FAILED, 0, detail);
  }

  @Override
  public void snapshotFailed(String detail) {
    if (!ailing) {
      LOG.warn("{}: a snapshot cannot be written: {}", processor.key(), detail);
    }
    ail("its state is in memory only: " + detail);
  }

  @Override
  public void written() {
    if (ailing) {
      ailing = false;
      processor.enter(Phase.ACTIVE, 0, "");
    }
  }

  /** Looks now and then; on the thread of the watch. */
  void watch(long nowNanos) {
    DurableState present = durable;
    if (present == null) {
      return;
    }
    if (unreadable && nowNanos - nextTry > 0) {
      nextTry = nowNanos + RETRY_NANOS;
      failed(List.of(), StoreException.Kind.FAILED, processor.status().detail());
    }
    if (nowNanos - nextExpiry > 0) {
      nextExpiry = nowNanos + EXPIRE_NANOS;
      present.window().expire(System.currentTimeMillis());
    }
  }
}
