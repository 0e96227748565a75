// Decides what follows a crash: a pause, or a stop with a trial later.
package dev.p2pkit.peer.service;

import java.time.Duration;
import java.util.Optional;

/**
 * Counts the crashes of one processor. A crash is followed by a pause that doubles while crashes
 * follow each other; too many within a window shut the gate, and later one message is let through
 * as a trial. Thread-safe.
 */
final class Supervision {
  private enum Gate {
    OPEN,
    SHUT,
    TRIAL
  }

  private static final int MOST_DOUBLINGS = 20;

  private final RestartPolicy policy;
  private final long[] crashTimes;
  private int crashCount;
  private int inARow;
  private int stops;
  private volatile Gate gate = Gate.OPEN;
  private long trialAt;
  private boolean forGood;

  Supervision(RestartPolicy policy) {
    this.policy = policy;
    this.crashTimes = new long[policy.crashes()];
  }

  /** Whether a message may come in now; lets one through when the time for a trial has come. */
  boolean admits() {
    return gate == Gate.OPEN || admitsTrial(System.nanoTime());
  }

  private synchronized boolean admitsTrial(long nowNanos) {
    if (gate == Gate.OPEN) {
      return true;
    }
    if (gate == Gate.TRIAL || forGood || nowNanos - trialAt < 0) {
      return false;
    }
    gate = Gate.TRIAL;
    return true;
  }

  /** Whether turns are off. */
  boolean isShut() {
    return gate == Gate.SHUT;
  }

  /** The trial's message was given up before its turn; the next one may try. */
  synchronized void trialMissed() {
    if (gate == Gate.TRIAL) {
      gate = Gate.SHUT;
    }
  }

  /** A turn has ended well; true if that opens the gate again. */
  boolean succeeded() {
    return (inARow > 0 || gate != Gate.OPEN) && recovered();
  }

  private synchronized boolean recovered() {
    inARow = 0;
    boolean wasShut = gate != Gate.OPEN;
    if (wasShut) {
      open();
    }
    return wasShut;
  }

  /** A turn has failed: the pause that follows, or empty if the processor has to stop. */
  synchronized Optional<Duration> crashed(long nowNanos) {
    if (gate == Gate.TRIAL) {
      return Optional.empty();
    }
    crashTimes[crashCount % crashTimes.length] = nowNanos;
    crashCount++;
    if (crashCount >= crashTimes.length) {
      long oldest = crashTimes[crashCount % crashTimes.length];
      if (nowNanos - oldest <= policy.crashWindow().toNanos()) {
        return Optional.empty();
      }
    }
    Duration pause = policy.firstBackOff().multipliedBy(1L << Math.min(inARow++, MOST_DOUBLINGS));
    return Optional.of(
        pause.compareTo(policy.longestBackOff()) > 0 ? policy.longestBackOff() : pause);
  }

  /** Shuts the gate until a trial, which comes later each time. */
  synchronized void shut(long nowNanos) {
    gate = Gate.SHUT;
    trialAt = nowNanos + policy.halfOpenAfter().multipliedBy(1L << Math.min(stops++, 4)).toNanos();
  }

  /** Shuts the gate until the next version. */
  synchronized void shutForGood() {
    gate = Gate.SHUT;
    forGood = true;
  }

  /** Another version: nothing is held against it. */
  synchronized void reset() {
    open();
    inARow = 0;
    stops = 0;
    forGood = false;
  }

  private void open() {
    gate = Gate.OPEN;
    crashCount = 0;
  }
}
