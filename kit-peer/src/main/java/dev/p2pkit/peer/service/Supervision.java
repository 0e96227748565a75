// Decides what follows a crash: a pause, or a stop with a trial later.
package dev.p2pkit.peer.service;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Counts the crashes of one processor. A crash is followed by a pause that doubles while crashes
 * follow each other, up to a longest one; too many within a window shut the gate, and later one
 * message is let through as a trial. Of each pause, and of the time until a trial, up to a quarter
 * is left out at random: what crashed on many peers at once must not come back on all of them at
 * once. Thread-safe.
 */
final class Supervision {
  private enum Gate {
    OPEN,
    SHUT,
    TRIAL
  }

  private static final int MOST_DOUBLINGS = 20;

  /** How often the time until a trial doubles. */
  private static final int MOST_STOPS = 4;

  /** The longest part that is left out is one in this many. */
  private static final int JITTER = 4;

  private final RestartPolicy policy;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final long[] crashTimes;
  private int crashCount;
  private int inARow;
  private int stops;
  private long openSince;
  private volatile Gate gate = Gate.OPEN;
  private long trialAt;
  private boolean forGood;

  /**
   * Nothing has crashed yet.
   *
   * @param nanoTime the clock, as that of {@link System#nanoTime}
   * @param random how much of a pause is left out; used under this object's lock
   */
  Supervision(RestartPolicy policy, LongSupplier nanoTime, RandomGenerator random) {
    this.policy = policy;
    this.nanoTime = nanoTime;
    this.random = random;
    this.crashTimes = new long[policy.crashes()];
    openSince = nanoTime.getAsLong();
  }

  /** Whether a message may come in now; lets one through when the time for a trial has come. */
  boolean admits() {
    return gate == Gate.OPEN || admitsTrial();
  }

  private synchronized boolean admitsTrial() {
    if (gate == Gate.OPEN) {
      return true;
    }
    if (gate == Gate.TRIAL || forGood || nanoTime.getAsLong() - trialAt < 0) {
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

  /**
   * What the version has done in an earlier process.
   *
   * @param ago how long ago it has crashed, in the time in which it has run; oldest first
   */
  synchronized void remember(List<Duration> ago) {
    long now = nanoTime.getAsLong();
    for (Duration crash : ago) {
      crashTimes[crashCount % crashTimes.length] = now - crash.toNanos();
      crashCount++;
    }
  }

  /** A turn has failed: the pause that follows, or empty if the processor has to stop. */
  synchronized Optional<Duration> crashed() {
    if (gate == Gate.TRIAL) {
      return Optional.empty();
    }
    long nowNanos = nanoTime.getAsLong();
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
        shortened(pause.compareTo(policy.longestBackOff()) > 0 ? policy.longestBackOff() : pause));
  }

  private Duration shortened(Duration pause) {
    return pause.minusNanos(random.nextLong(pause.toNanos() / JITTER + 1));
  }

  /**
   * Shuts the gate until a trial, which comes later each time. Who was open for longer than the
   * latest trial takes to come begins anew.
   */
  synchronized void shut() {
    long now = nanoTime.getAsLong();
    if (gate == Gate.OPEN && now - openSince > untilTrial(MOST_STOPS).toNanos()) {
      stops = 0;
    }
    gate = Gate.SHUT;
    trialAt = now + shortened(untilTrial(Math.min(stops++, MOST_STOPS))).toNanos();
  }

  private Duration untilTrial(int stopsBefore) {
    return policy.halfOpenAfter().multipliedBy(1L << stopsBefore);
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
    openSince = nanoTime.getAsLong();
    crashCount = 0;
  }
}
