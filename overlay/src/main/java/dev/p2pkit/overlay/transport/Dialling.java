// How this side dials one peer: one attempt at a time, with a pause after each that failed.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attempt to open a link to one peer that is going on, and when the next one may be made. It
 * knows nothing of links: its owner asks for an attempt when it has none. Guarded by its owner's
 * lock; {@code due} is called without it.
 */
final class Dialling {
  /** How soon to dial again when the other side says that there is a link, and here is none. */
  static final long AGAIN_MILLIS = 50;

  /** How often in a row that is believed. */
  private static final int MOST_DUPLICATES = 20;

  private final PeerTable table;
  private final PeerId id;
  private final Attempt.Target target;
  private final EffectQueue effects;
  private final Runnable due;
  private final BackOff backOff;
  private @Nullable Attempt attempt;
  private boolean proofSent;
  private boolean pausing;
  private long pauseTimer = -1;
  private int duplicates;

  /**
   * No attempt yet.
   *
   * @param target hears what becomes of attempts
   * @param effects does what must be done without the lock
   * @param due called after each pause; {@link #pauseOver} follows
   */
  Dialling(PeerTable table, PeerId id, Attempt.Target target, EffectQueue effects, Runnable due) {
    this.table = table;
    this.id = id;
    this.target = target;
    this.effects = effects;
    this.due = due;
    this.backOff = new BackOff(table.setup().config().times());
  }

  /** Whether there is an attempt. */
  boolean isRunning() {
    return attempt != null;
  }

  /** Whether this attempt is still the one. */
  boolean is(Attempt other) {
    return attempt == other;
  }

  /** Whether the other side has our proof, and so knows of the attempt. */
  boolean isProofSent() {
    return attempt != null && proofSent;
  }

  /** The other side gets our proof now. */
  void proving() {
    proofSent = true;
  }

  /** Dials now. */
  void start(Endpoint endpoint) {
    proofSent = false;
    Attempt started = table.attempt(endpoint, Optional.of(id), target);
    attempt = started;
    effects.add(() -> table.start(started));
  }

  /** Dials now or as soon as the pause after the last failure is over. */
  void startWhenDue(Endpoint endpoint) {
    if (attempt != null || pausing) {
      return;
    }
    long wait = backOff.remainingMillis(System.nanoTime());
    if (wait <= 0) {
      start(endpoint);
    } else {
      pause(wait);
    }
  }

  private void pause(long millis) {
    pausing = true;
    pauseTimer = table.setup().vertx().setTimer(millis, ignored -> due.run());
  }

  /** A pause is over; if a link is wanted, none is left to wait for. */
  void pauseOver(boolean wanted) {
    pausing = false;
    if (wanted) {
      backOff.due();
    }
  }

  /** Takes an attempt on that was made for somebody unknown, and has our proof sent. */
  void adopt(Attempt other) {
    attempt = other;
    proofSent = true;
    other.target(target);
  }

  /** The attempt is over, one way or the other. */
  void over() {
    attempt = null;
    proofSent = false;
  }

  /**
   * The other side says that there is a link, although here is none: its link is ending, or one of
   * ours is on its way. Sets a short pause; false if it has been said too often.
   */
  boolean pauseAfterDuplicate() {
    if (duplicates >= MOST_DUPLICATES) {
      return false;
    }
    duplicates++;
    pause(AGAIN_MILLIS);
    return true;
  }

  /** It did not work: the next attempt has to wait. */
  void failed() {
    duplicates = 0;
    backOff.failed(System.nanoTime());
  }

  /** There is a link: whatever attempt still runs is given up. */
  void linked() {
    duplicates = 0;
    var unused = giveUp(Closure.duplicate());
  }

  /** The link has ended; see {@link BackOff#ended}. */
  void linkEnded(boolean shortLived, long now) {
    backOff.ended(shortLived, now);
  }

  /** There is a later process of the peer, about which earlier failures say nothing. */
  void laterProcess() {
    backOff.reset();
  }

  /** Failures so far had a cause that is gone: the next attempt may be made at once. */
  void forgive() {
    backOff.reset();
    if (pausing) {
      table.setup().vertx().cancelTimer(pauseTimer);
      pausing = false;
    }
  }

  /** Gives the attempt up, if there is one; where it led. */
  Optional<Endpoint> giveUp(Closure why) {
    Attempt own = attempt;
    if (own == null) {
      return Optional.empty();
    }
    attempt = null;
    own.give(why);
    return Optional.of(own.endpoint());
  }

  /** Whether there is neither an attempt nor a pause nor a failure that still says anything. */
  boolean isForgotten(long nowNanos) {
    return attempt == null && !pausing && backOff.isForgotten(nowNanos);
  }
}
