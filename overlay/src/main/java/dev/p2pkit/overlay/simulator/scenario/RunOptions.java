// How a run is made, beside what it plays.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Optional;

/**
 * How a run is made, beside what it plays.
 *
 * @param memory whether the heap that a peer takes is measured, which costs a collection
 * @param traced whether the run has a hash
 * @param transcript gets what happens
 * @param stopAt when to stop, in microseconds; the largest number for the end
 * @param progress hears how far it is
 */
public record RunOptions(
    boolean memory,
    boolean traced,
    Optional<Transcript> transcript,
    long stopAt,
    Progress progress) {
  /** Hears how far a run is. */
  public interface Progress {
    /** How much of the time has passed, and what is going on. */
    void at(double share, String what);
  }

  /** To the end, with a hash, telling nobody. */
  public static final RunOptions PLAIN =
      new RunOptions(false, true, Optional.empty(), Long.MAX_VALUE, (share, what) -> {});

  /** The same with this listener. */
  public RunOptions withProgress(Progress listener) {
    return new RunOptions(memory, traced, transcript, stopAt, listener);
  }

  /** The same with memory measured or not. */
  public RunOptions withMemory(boolean measured) {
    return new RunOptions(measured, traced, transcript, stopAt, progress);
  }

  /** The same with or without a hash. */
  public RunOptions withTrace(boolean on) {
    return new RunOptions(memory, on, transcript, stopAt, progress);
  }

  /** The same, told until some time. */
  public RunOptions withTranscript(Transcript told, long until) {
    return new RunOptions(memory, traced, Optional.of(told), until, progress);
  }
}
