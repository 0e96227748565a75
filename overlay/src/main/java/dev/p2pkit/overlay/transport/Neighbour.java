// One other peer: what waits for it, the one link to it, and how that link comes about.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.overlay.transport.LinkFrame.Rival;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One other peer. All state is guarded by this object; what the state's changes cause happens after
 * the lock is released, in the order of the changes ({@link #emit}, {@link #settle}).
 *
 * <p>One link survives when both sides dial at once. Whoever is dialled and has not yet sent the
 * proof on a dial of its own lets the other in and gives its own dial up: nobody has accepted it,
 * nor will. If both have sent their proofs, both know of both dials and the one of the lower id
 * stays: the higher lets it in and gives its own up, the lower keeps the other's waiting until its
 * own has come through. Messages wait here and not in a connection, so none is lost with a dial.
 *
 * <p>What is known of the peer's process from its last link decides what proves its death: a later
 * process that holds the same lock for life, or a refusal at the address where the process itself
 * said that it listens. Two live processes of one identity are told of each other.
 */
final class Neighbour implements Attempt.Target, Connection.Owner {
  /** What a process has said of itself on a link. */
  private record Claim(PeerRef ref, Optional<Key> lock, boolean direct) {
    boolean holdsLockOf(Claim other) {
      return lock.isPresent() && lock.equals(other.lock);
    }
  }

  private static final long SECOND_NANOS = 1_000_000_000;

  /** How soon to dial again when the other side says that there is a link, and here is none. */
  private static final long AGAIN_MILLIS = 50;

  private final PeerTable table;
  private final PeerId id;
  private final boolean ownDialStays;
  private final Outbox outbox;
  private final BackOff backOff;
  private final EffectQueue effects = new EffectQueue();

  private PeerRef ref;
  private @Nullable Claim claim;
  private @Nullable Connection link;
  private @Nullable Connection held;
  private @Nullable Attempt dial;
  private List<CompletableFuture<PeerRef>> waiters = new ArrayList<>();
  private boolean proofSent;
  private boolean superseded;
  private boolean dialTimer;
  private boolean removed;
  private int duplicates;
  private long upSince;

  Neighbour(PeerTable table, PeerRef ref) {
    this.table = table;
    this.ref = ref;
    this.id = ref.id();
    this.ownDialStays = table.setup().identity().id().compareTo(id) < 0;
    this.outbox =
        new Outbox(
            table.setup().codecs(), table.setup().config().limits(), table.setup().counters());
    this.backOff = new BackOff(table.setup().config().times());
  }

  // ---- sending

  /** Queues a message; null if this object is no longer the peer's and another must be made. */
  @Nullable SendResult send(PeerRef to, WireMessage message) {
    SendResult result;
    synchronized (this) {
      if (removed) {
        return null;
      }
      learn(to);
      SendResult added = outbox.add(message);
      if (added != SendResult.SENT) {
        result = added;
      } else if (link != null) {
        if (!outbox.scheduled) {
          outbox.scheduled = true;
          link.wake();
        }
        return SendResult.SENT;
      } else {
        dialWhenDue();
        result = SendResult.QUEUED;
      }
    }
    if (result == SendResult.FULL || result == SendResult.TOO_LARGE) {
      table.setup().counters().dropped(result == SendResult.FULL ? Drop.FULL : Drop.TOO_LARGE, 1);
    }
    settle();
    return result;
  }

  private void learn(PeerRef to) {
    if (to.incarnation() > ref.incarnation()) {
      ref = to;
      backOff.reset();
    } else if (to.incarnation() == ref.incarnation() && link == null) {
      ref = to;
    }
  }

  private void dialWhenDue() {
    if (dial != null || link != null || held != null || dialTimer) {
      return;
    }
    long wait = backOff.remainingMillis(System.nanoTime());
    if (wait <= 0) {
      startDial(ref.endpoint());
    } else {
      dialAfter(wait);
    }
  }

  private void dialAfter(long millis) {
    dialTimer = true;
    table
        .setup()
        .vertx()
        .setTimer(
            millis,
            ignored -> {
              synchronized (this) {
                dialTimer = false;
                if (!removed && !outbox.isEmpty()) {
                  backOff.due();
                  dialWhenDue();
                }
              }
              settle();
            });
  }

  private void startDial(Endpoint endpoint) {
    proofSent = false;
    Attempt attempt = table.attempt(endpoint, Optional.of(id), this);
    dial = attempt;
    emit(() -> table.start(attempt));
  }

  /** Opens a link now, or waits for the one that is being opened. */
  boolean connect(Endpoint endpoint, CompletableFuture<PeerRef> waiter) {
    synchronized (this) {
      if (removed) {
        return false;
      }
      Connection up = link;
      if (up != null) {
        emit(() -> waiter.complete(up.peer()));
      } else {
        waiters.add(waiter);
        if (dial == null && held == null) {
          startDial(endpoint);
        }
      }
    }
    settle();
    return true;
  }

  /**
   * An attempt that was made without knowing who is there has found this peer: it becomes this
   * peer's own, unless there is a link or an attempt already.
   *
   * @return empty if this object is no longer the peer's
   */
  Optional<Boolean> adopt(Attempt attempt, CompletableFuture<PeerRef> waiter) {
    boolean wanted;
    synchronized (this) {
      if (removed) {
        return Optional.empty();
      }
      Connection up = link;
      wanted = up == null && dial == null;
      if (up != null) {
        emit(() -> waiter.complete(up.peer()));
      } else {
        waiters.add(waiter);
        if (wanted) {
          dial = attempt;
          proofSent = true;
          attempt.target(this);
        }
      }
    }
    settle();
    return Optional.of(wanted);
  }

  // ---- dialling

  @Override
  public boolean proving(Attempt attempt, Connection connection) {
    synchronized (this) {
      if (dial != attempt || link != null) {
        return false;
      }
      proofSent = true;
      return true;
    }
  }

  @Override
  public void welcomed(Attempt attempt, Connection connection) {
    connection.owner(this);
    synchronized (this) {
      if (dial == attempt && link == null && !table.isRevoked(id)) {
        dial = null;
        up(connection);
      } else {
        emit(() -> connection.end(duplicate()));
      }
    }
    settle();
  }

  @Override
  public void failed(Attempt attempt, Closure why) {
    synchronized (this) {
      if (dial == attempt) {
        dial = null;
        proofSent = false;
        if (held != null) {
          promote();
        } else if (why.kind() == Closure.Kind.DUPLICATE && duplicates < 20) {
          // The other side has a link that is ending, or one of ours is on its way.
          duplicates++;
          dialAfter(AGAIN_MILLIS);
          keepWaiting();
        } else {
          giveUp(why, attempt.endpoint());
        }
      }
    }
    settle();
  }

  private void keepWaiting() {
    if (outbox.isEmpty() && !waiters.isEmpty()) {
      // Nothing is queued, but somebody wants the link for its own sake.
      Endpoint endpoint = ref.endpoint();
      table
          .setup()
          .vertx()
          .setTimer(
              AGAIN_MILLIS,
              ignored -> {
                synchronized (this) {
                  if (!removed && link == null && dial == null && held == null) {
                    startDial(endpoint);
                  }
                }
                settle();
              });
    }
  }

  private void giveUp(Closure why, Endpoint dialled) {
    duplicates = 0;
    backOff.failed(System.nanoTime());
    drop();
    PeerRef target = ref;
    List<CompletableFuture<PeerRef>> failed = waiters;
    waiters = new ArrayList<>();
    LinkEvent event =
        switch (why.kind()) {
          case REFUSED -> isDeadAt(dialled) ? LinkEvent.REFUSED : LinkEvent.UNREACHABLE;
          case REJECTED -> LinkEvent.REJECTED;
          case LOST, DUPLICATE, CLOSED_HERE -> LinkEvent.UNREACHABLE;
        };
    emit(() -> table.report(target, event, why.detail()));
    emit(
        () -> {
          KitException exception = why.exception();
          failed.forEach(waiter -> waiter.completeExceptionally(exception));
        });
  }

  /** Whether nobody listening there means that the peer's process is gone. */
  private boolean isDeadAt(Endpoint dialled) {
    Claim known = claim;
    return known != null && known.direct && known.ref.equals(ref) && dialled.equals(ref.endpoint());
  }

  private boolean isProvedDead(PeerRef before, Claim later) {
    Claim known = claim;
    return known != null && known.ref.equals(before) && later.holdsLockOf(known);
  }

  private static Claim claimOf(Connection connection) {
    return new Claim(connection.peer(), connection.lock(), connection.isDirect());
  }

  // ---- being dialled

  /** The peer has dialled us and proved itself; false if this object is no longer the peer's. */
  boolean offer(Connection connection) {
    synchronized (this) {
      if (removed) {
        return false;
      }
      connection.owner(this);
      Connection current = link;
      if (current == null) {
        if (dial != null && proofSent && ownDialStays) {
          hold(connection);
        } else {
          up(connection);
        }
      } else if (connection.peer().incarnation() > current.peer().incarnation()) {
        hold(connection);
        if (isProvedDead(current.peer(), claimOf(connection))) {
          superseded = true;
          emit(() -> current.run(() -> current.end(replaced(connection.peer()))));
        } else {
          emit(() -> current.run(() -> current.probe(() -> replace(current, connection))));
        }
      } else if (connection.peer().incarnation() < current.peer().incarnation()) {
        KitException why = replaced(current.peer()).exception();
        tellOfEachOther(connection, current);
        emit(() -> connection.run(() -> connection.refuse(why)));
      } else {
        // Its process may have lost the link without our noticing, or its dial crossed ours.
        hold(connection);
        emit(() -> current.run(() -> current.probe(() -> refuseHeld(connection))));
      }
    }
    settle();
    return true;
  }

  /** Both processes live: the later one stays. */
  private void replace(Connection current, Connection later) {
    synchronized (this) {
      if (link == current && held == later) {
        tellOfEachOther(current, later);
        emit(() -> current.run(() -> current.end(replaced(later.peer()))));
      }
    }
    settle();
  }

  private void tellOfEachOther(Connection earlier, Connection later) {
    Rival first = rivalIn(earlier);
    Rival second = rivalIn(later);
    emit(() -> earlier.run(() -> earlier.warn(second)));
    emit(() -> later.run(() -> later.warn(first)));
  }

  private static Rival rivalIn(Connection connection) {
    PeerRef peer = connection.peer();
    return new Rival(
        peer.endpoint(), peer.incarnation(), connection.greeting().other().signature());
  }

  private void hold(Connection connection) {
    Connection before = held;
    held = connection;
    if (before != null) {
      emit(() -> before.run(() -> before.end(duplicate())));
    }
  }

  private void refuseHeld(Connection connection) {
    synchronized (this) {
      if (held == connection) {
        held = null;
        emit(() -> connection.run(() -> connection.end(duplicate())));
      }
    }
    settle();
  }

  private void promote() {
    Connection next = held;
    held = null;
    if (next != null) {
      up(next);
    }
  }

  private static Closure duplicate() {
    return new Closure(Closure.Kind.DUPLICATE, ErrorCode.NO_ROUTE, "there is another link");
  }

  private static Closure replaced(PeerRef later) {
    return Closure.rejected(
        ErrorCode.ADDRESS_IN_USE,
        "a process with this identity that was started later is at "
            + later.endpoint()
            + "; stop one of the two, or give it a data directory of its own");
  }

  // ---- up and down

  private void up(Connection connection) {
    PeerRef now = connection.peer();
    PeerRef before = ref;
    Claim later = claimOf(connection);
    if (before.incarnation() > 0 && before.incarnation() < now.incarnation()) {
      // What was queued was meant for an earlier process.
      drop();
      LinkEvent event = isProvedDead(before, later) ? LinkEvent.REFUSED : LinkEvent.UNREACHABLE;
      emit(() -> table.report(before, event, "a later process of it has connected"));
    }
    ref = now;
    claim = later;
    link = connection;
    superseded = false;
    duplicates = 0;
    upSince = System.nanoTime();
    Attempt own = dial;
    dial = null;
    if (own != null) {
      own.give(duplicate());
    }
    List<CompletableFuture<PeerRef>> done = waiters;
    waiters = new ArrayList<>();
    emit(() -> table.report(now, LinkEvent.UP, ""));
    emit(() -> connection.run(() -> connection.begin(this, outbox)));
    emit(() -> done.forEach(waiter -> waiter.complete(now)));
    emit(table::linkOpened);
    Connection waiting = held;
    if (waiting != null) {
      // The other side gives it up by itself, unless it has lost this link already.
      emit(() -> connection.run(() -> connection.probe(() -> refuseHeld(waiting))));
    }
  }

  @Override
  public void ended(Connection connection, Closure why) {
    synchronized (this) {
      if (connection == held) {
        held = null;
        if (link == null && dial == null && !outbox.isEmpty()) {
          dialWhenDue();
        }
      } else if (connection == link) {
        link = null;
        drop();
        boolean shortLived = System.nanoTime() - upSince < SECOND_NANOS;
        backOff.ended(shortLived, System.nanoTime());
        PeerRef was = connection.peer();
        LinkEvent event = superseded ? LinkEvent.REFUSED : LinkEvent.DOWN;
        emit(() -> table.report(was, event, why.detail()));
        if (held != null && held.peer().incarnation() > was.incarnation()) {
          // What became of the earlier process has been reported just now.
          ref = held.peer();
        }
        promote();
      }
    }
    settle();
  }

  private void drop() {
    long dropped = outbox.clear();
    if (dropped > 0) {
      table.setup().counters().dropped(Drop.LINK_LOST, dropped);
    }
  }

  @Override
  public void rival(Rival rival) {
    table.rival(rival);
  }

  @Override
  public void message(Connection connection, WireMessage message) {
    table.listener().onMessage(connection.peer(), message);
  }

  // ---- from outside

  /** Closes the link after what is queued has been written. */
  void close(Reason reason, String detail) {
    Connection up;
    synchronized (this) {
      up = link;
    }
    if (up != null) {
      up.run(() -> up.endAfterQueue(reason, detail));
    }
  }

  /** Ends the link without a word. */
  void abandon() {
    Connection up;
    synchronized (this) {
      up = link;
    }
    if (up != null) {
      up.run(up::abandon);
    }
  }

  /** Ends everything at once and fails what waits. */
  void cut(Closure why) {
    cutPending(why);
    Connection up;
    synchronized (this) {
      up = link;
    }
    if (up != null) {
      up.run(() -> up.end(why));
    }
  }

  /** Gives up whatever is not a link yet. */
  void cutPending(Closure why) {
    synchronized (this) {
      Connection waiting = held;
      if (waiting != null) {
        held = null;
        emit(() -> waiting.run(() -> waiting.end(why)));
      }
      Attempt own = dial;
      if (own != null) {
        own.give(why);
        dial = null;
        giveUp(why, own.endpoint());
      }
    }
    settle();
  }

  /** Whether a link that the other side dialled waits for what becomes of our own dial. */
  synchronized boolean holdsAnother() {
    return held != null;
  }

  PeerId id() {
    return id;
  }

  synchronized boolean isUp() {
    return link != null;
  }

  synchronized boolean isDialling() {
    return dial != null;
  }

  synchronized @Nullable Connection link() {
    return link;
  }

  synchronized boolean isRemoved() {
    return removed;
  }

  synchronized long lastUsedNanos() {
    return link == null ? upSince : link.lastUsedNanos();
  }

  /** Whether the link has carried nothing for that long, and nothing waits. */
  synchronized boolean isIdle(long nowNanos, long idleNanos) {
    return link != null && outbox.isEmpty() && nowNanos - link.lastUsedNanos() >= idleNanos;
  }

  /** Whether nothing is known here that is worth keeping; then this object is used no more. */
  synchronized boolean removeIfUnused(long nowNanos) {
    removed =
        removed
            || (link == null
                && dial == null
                && held == null
                && !dialTimer
                && waiters.isEmpty()
                && outbox.isEmpty()
                && backOff.isForgotten(nowNanos));
    return removed;
  }

  /** Something to do once the lock is released; in order. */
  private void emit(Runnable effect) {
    effects.add(effect);
  }

  /** Does what was emitted; without the lock. */
  private void settle() {
    effects.settle();
  }
}
