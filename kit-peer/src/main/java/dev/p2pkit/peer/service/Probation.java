// The time after an upgrade in which a crash loop brings the version before back.
package dev.p2pkit.peer.service;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One version on probation. Its age is the time in which peers have run it here: a peer that is
 * down does not use it up. Thread-safe; who changes what is on the disk is {@link Probations}.
 */
final class Probation {
  private final Duration first;
  private final Duration longest;
  private final LifeSigns signs;
  private final long ageAtStart;
  private final long startNanos;
  private volatile ProbationEntry entry;
  private volatile Supplier<Optional<byte[]>> state;
  private volatile boolean hasState;
  private volatile boolean stateInMemory;
  private volatile String trouble = "";

  /** Whether the last process has died while it loaded the version. */
  private volatile boolean diedLoading;

  /**
   * Goes on at the age that the signs tell.
   *
   * @param config how long a probation lasts
   * @param state the state before the upgrade; empty if there was none or it is not known any more
   */
  Probation(RuntimeConfig config, ProbationEntry entry, Optional<byte[]> state, LifeSigns signs) {
    this.first = config.probation();
    this.longest = config.longestProbation();
    this.entry = entry;
    this.state = () -> state;
    this.hasState = state.isPresent();
    this.stateInMemory = hasState;
    this.signs = signs;
    this.ageAtStart = signs.age();
    this.startNanos = System.nanoTime();
  }

  ProbationEntry entry() {
    return entry;
  }

  void entry(ProbationEntry changed) {
    entry = changed;
  }

  LifeSigns signs() {
    return signs;
  }

  /** The state before the upgrade, as long as it is kept; may read the disk. */
  Optional<byte[]> state() {
    return state.get();
  }

  /** Whether it is kept. */
  boolean hasState() {
    return hasState;
  }

  void forgetState() {
    hasState = false;
    stateInMemory = false;
    state = Optional::empty;
  }

  /** Whether the state takes room in memory that is on the disk as well. */
  boolean hasStateTwice() {
    return stateInMemory && entry.state().isPresent() && trouble.isEmpty();
  }

  /** It is read from where it is kept each time that it is wanted, from now on. */
  void readStateFrom(Supplier<Optional<byte[]>> disk) {
    state = disk;
    stateInMemory = false;
  }

  /** Why it would not outlive this process, for people; empty if it does. */
  String trouble() {
    return trouble;
  }

  void trouble(String why) {
    trouble = why;
  }

  boolean diedLoading() {
    return diedLoading;
  }

  void diedLoading(boolean loading) {
    diedLoading = loading;
  }

  private long age(long nowNanos) {
    return ageAtStart + Math.max(0, nowNanos - startNanos);
  }

  /** Whether the state before the upgrade may be taken, though turns since are lost by that. */
  boolean takesStateBefore(long nowNanos) {
    return age(nowNanos) <= first.toNanos();
  }

  /** Whether a crash loop brings the version before back. */
  boolean isOn(long nowNanos) {
    return takesStateBefore(nowNanos) || (signs.awaited() && age(nowNanos) <= longest.toNanos());
  }

  /** Whether a rollback may need the state before the upgrade after the probation, too. */
  boolean outlasts(int schema) {
    return hasState && schema > entry.before().schema();
  }

  /** Writes down how old it is. */
  synchronized void tick(long nowNanos) {
    signs.age(Math.max(signs.age(), age(nowNanos)));
  }

  /** The version has crashed. */
  synchronized void crashed(long nowNanos) {
    tick(nowNanos);
    signs.crashed(age(nowNanos));
  }

  /** How long ago the version has crashed, in the time in which it has run, oldest first. */
  List<Duration> crashes() {
    return signs.crashes().stream()
        .map(age -> Duration.ofNanos(Math.max(0, ageAtStart - age)))
        .toList();
  }
}
