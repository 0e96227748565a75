// One other peer: what waits for it, the one link to it, and how that link comes about.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.overlay.transport.LinkFrame.Rival;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.PeerId;
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
 */
final class Neighbour implements Attempt.Target, Connection.Owner {
  private static final long SECOND_NANOS = 1_000_000_000;

  private final PeerTable table;
  private final PeerId id;
  private final boolean ownDialStays;
  private final Outbox outbox;
  private final EffectQueue effects = new EffectQueue();
  private final LinkWaiters waiters = new LinkWaiters(effects);
  private final LastProcess process = new LastProcess();
  private final Dialling dialling;
  private final Contest contest;

  private PeerRef ref;
  private @Nullable Connection link;
  private boolean superseded;
  private boolean removed;
  private long upSince;

  Neighbour(PeerTable table, PeerRef ref) {
    this.table = table;
    this.ref = ref;
    this.id = ref.id();
    this.ownDialStays = table.setup().identity().id().compareTo(id) < 0;
    this.outbox =
        new Outbox(
            table.setup().codecs(), table.setup().config().limits(), table.setup().counters());
    this.dialling = new Dialling(table, id, this, effects, this::dialPauseOver);
    this.contest = new Contest(this, effects, connection -> connection == link);
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
      dialling.laterProcess();
    } else if (to.incarnation() == ref.incarnation() && link == null) {
      ref = to;
    }
  }

  private void dialWhenDue() {
    if (link == null && !contest.isOpen()) {
      dialling.startWhenDue(ref.endpoint());
    }
  }

  private void dialPauseOver() {
    synchronized (this) {
      boolean wanted = !removed && !outbox.isEmpty();
      dialling.pauseOver(wanted);
      if (wanted) {
        dialWhenDue();
      }
    }
    settle();
  }

  /** Whether there is neither a link nor anything that may become one. */
  private boolean isApart() {
    return link == null && !dialling.isRunning() && !contest.isOpen();
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
        if (isApart()) {
          dialling.start(endpoint);
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
      wanted = up == null && !dialling.isRunning();
      if (up != null) {
        emit(() -> waiter.complete(up.peer()));
      } else {
        waiters.add(waiter);
        if (wanted) {
          dialling.adopt(attempt);
        }
      }
    }
    settle();
    return Optional.of(wanted);
  }

  // ---- dialling

  @Override
  public void delayed(Attempt attempt) {
    PeerRef target;
    synchronized (this) {
      target = ref;
    }
    table.listener().onDialDelayed(target);
  }

  @Override
  public boolean proving(Attempt attempt, Connection connection) {
    synchronized (this) {
      if (!dialling.is(attempt) || link != null) {
        return false;
      }
      dialling.proving();
      return true;
    }
  }

  @Override
  public void welcomed(Attempt attempt, Connection connection) {
    connection.owner(this);
    synchronized (this) {
      if (dialling.is(attempt) && link == null && !table.isRevoked(id) && !table.isSevered(id)) {
        dialling.over();
        up(connection);
      } else {
        emit(() -> connection.end(Closure.duplicate()));
      }
    }
    settle();
  }

  @Override
  public void failed(Attempt attempt, Closure why) {
    synchronized (this) {
      if (dialling.is(attempt)) {
        dialling.over();
        if (contest.isOpen()) {
          promote();
        } else if (why.kind() == Closure.Kind.DUPLICATE && dialling.pauseAfterDuplicate()) {
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
              Dialling.AGAIN_MILLIS,
              ignored -> {
                synchronized (this) {
                  if (!removed && isApart()) {
                    dialling.start(endpoint);
                  }
                }
                settle();
              });
    }
  }

  private void giveUp(Closure why, Endpoint dialled) {
    dialling.failed();
    drop();
    PeerRef target = ref;
    LinkEvent event =
        switch (why.kind()) {
          case REFUSED ->
              process.isDeadAt(target, dialled) ? LinkEvent.REFUSED : LinkEvent.UNREACHABLE;
          case REJECTED -> LinkEvent.REJECTED;
          case BUSY -> LinkEvent.BUSY;
          case LOST, DUPLICATE, CLOSED_HERE -> LinkEvent.UNREACHABLE;
        };
    emit(() -> table.report(target, event, why.detail()));
    waiters.failed(why);
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
      if (table.isSevered(id)) {
        emit(() -> connection.run(connection::abandon));
      } else if (current == null) {
        if (ownDialStays && dialling.isProofSent()) {
          contest.hold(connection);
        } else {
          up(connection);
        }
      } else {
        boolean provedDead =
            connection.peer().incarnation() > current.peer().incarnation()
                && process.isProvedDead(current.peer(), connection);
        superseded |= provedDead;
        contest.challenge(current, connection, provedDead);
      }
    }
    settle();
    return true;
  }

  private void promote() {
    Connection next = contest.take();
    if (next != null) {
      up(next);
    }
  }

  // ---- up and down

  private void up(Connection connection) {
    PeerRef now = connection.peer();
    PeerRef before = ref;
    if (before.incarnation() > 0 && before.incarnation() < now.incarnation()) {
      // What was queued was meant for an earlier process.
      drop();
      LinkEvent event =
          process.isProvedDead(before, connection) ? LinkEvent.REFUSED : LinkEvent.UNREACHABLE;
      emit(() -> table.report(before, event, "a later process of it has connected"));
    }
    ref = now;
    process.linked(connection);
    link = connection;
    superseded = false;
    upSince = System.nanoTime();
    dialling.linked();
    emit(() -> table.report(now, LinkEvent.UP, ""));
    emit(() -> connection.run(() -> connection.begin(this, outbox)));
    waiters.linked(now);
    emit(table::linkOpened);
    // The other side gives it up by itself, unless it has lost this link already.
    contest.refuseHeldIfAlive(connection);
  }

  @Override
  public void ended(Connection connection, Closure why) {
    synchronized (this) {
      if (contest.holds(connection)) {
        var unused = contest.take();
        if (!outbox.isEmpty()) {
          dialWhenDue();
        }
      } else if (connection == link) {
        link = null;
        drop();
        boolean shortLived = System.nanoTime() - upSince < SECOND_NANOS;
        dialling.linkEnded(shortLived, System.nanoTime());
        PeerRef was = connection.peer();
        LinkEvent event = superseded ? LinkEvent.REFUSED : LinkEvent.DOWN;
        emit(() -> table.report(was, event, why.detail()));
        Connection next = contest.take();
        if (next != null) {
          if (next.peer().incarnation() > was.incarnation()) {
            // What became of the earlier process has been reported just now.
            ref = next.peer();
          }
          up(next);
        }
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

  /** Ends everything without a word to the other side, as a cut cable does. */
  void sever(Closure why) {
    cutPending(why);
    abandon();
  }

  /** What has failed so far says nothing any more. */
  synchronized void mend() {
    dialling.forgive();
  }

  /** Gives up whatever is not a link yet. */
  void cutPending(Closure why) {
    synchronized (this) {
      contest.end(why);
      dialling.giveUp(why).ifPresent(endpoint -> giveUp(why, endpoint));
    }
    settle();
  }

  /** Whether a link that the other side dialled waits for what becomes of our own dial. */
  synchronized boolean holdsAnother() {
    return contest.isOpen();
  }

  PeerId id() {
    return id;
  }

  synchronized boolean isUp() {
    return link != null;
  }

  synchronized boolean isDialling() {
    return dialling.isRunning();
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
                && !contest.isOpen()
                && waiters.isEmpty()
                && outbox.isEmpty()
                && dialling.isForgotten(nowNanos));
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
