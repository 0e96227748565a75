// Compares what callers are told with what was done.
package dev.p2pkit.overlay.simulator.oracle;

import java.util.Arrays;

/**
 * Compares what callers are told of their messages with what was done. Each message has a number
 * from {@link #opened}, which the workload carries in it. Takes nine bytes for each message of a
 * run.
 */
public final class OutcomeOracle {
  /** What a caller is told. */
  public enum Ending {
    /** It was processed, once. */
    DELIVERED,
    /** It was not processed and will not be. */
    NOT_DELIVERED,
    /** It was processed at most once. */
    UNKNOWN
  }

  private static final byte PROCESSED = 1;
  private static final byte ENDED = 2;
  private static final byte REFUSED = 4;
  private static final byte ABANDONED = 8;

  private final long grace;
  private final boolean repeatable;
  private final Findings findings;
  private byte[] states = new byte[1_024];
  private long[] deadlines = new long[1_024];
  private int count;
  private final long[] endings = new long[Ending.values().length];
  private long falseOutcomes;
  private long processedAgain;

  /**
   * Watches a run from its beginning.
   *
   * @param grace by how many microseconds an answer may come after the deadline: what a pause of
   *     the caller or a coarse timer explains
   */
  public OutcomeOracle(long grace, Findings findings) {
    this(grace, false, findings);
  }

  /**
   * As {@link #OutcomeOracle(long, Findings)}.
   *
   * @param repeatable whether callers have allowed that their messages are processed again by the
   *     next owner; then a second processing is counted, and is no untruth
   */
  public OutcomeOracle(long grace, boolean repeatable, Findings findings) {
    this.grace = grace;
    this.repeatable = repeatable;
    this.findings = findings;
  }

  /** A caller has handed in a message; returns its number. */
  public int opened(long deadlineAt) {
    if (count == states.length) {
      states = Arrays.copyOf(states, count * 2);
      deadlines = Arrays.copyOf(deadlines, count * 2);
    }
    deadlines[count] = deadlineAt;
    return count++;
  }

  /** A processor has got the message. */
  public void processed(int number, long now) {
    byte state = states[number];
    boolean again = (state & PROCESSED) != 0;
    processedAgain += again ? 1 : 0;
    if (again && !repeatable) {
      isFalse(number, now, "was processed twice");
    } else if ((state & REFUSED) != 0) {
      isFalse(number, now, "was processed after its caller was told that it was not delivered");
    }
    states[number] |= PROCESSED;
  }

  /** The caller was told. */
  public void ended(int number, Ending ending, long now) {
    byte state = states[number];
    endings[ending.ordinal()]++;
    if ((state & ENDED) != 0) {
      isFalse(number, now, "ended twice, the second time as " + ending);
    }
    if (ending == Ending.DELIVERED && (state & PROCESSED) == 0) {
      isFalse(number, now, "was called delivered without having been processed");
    }
    if (ending == Ending.NOT_DELIVERED && (state & PROCESSED) != 0) {
      isFalse(number, now, "was called not delivered after it had been processed");
    }
    if (now > deadlines[number] + grace) {
      isFalse(number, now, "ended " + (now - deadlines[number]) + " µs after its deadline");
    }
    states[number] |= ending == Ending.NOT_DELIVERED ? ENDED | REFUSED : ENDED;
  }

  /** The caller is gone and will not be told any more. */
  public void abandoned(int number) {
    states[number] |= ABANDONED;
  }

  /** The run is over: whoever lives and passed a deadline must have been told. */
  public void finish(long now) {
    for (int number = 0; number < count; number++) {
      if ((states[number] & (ENDED | ABANDONED)) == 0 && now > deadlines[number] + grace) {
        isFalse(number, now, "never ended; its deadline was " + deadlines[number]);
      }
    }
  }

  /** How many were handed in. */
  public int messages() {
    return count;
  }

  /** How many callers were told this. */
  public long count(Ending ending) {
    return endings[ending.ordinal()];
  }

  /** How often a message was processed that had been processed before. */
  public long processedAgain() {
    return processedAgain;
  }

  /** How often something untrue was said, or said late, twice or never. */
  public long falseOutcomes() {
    return falseOutcomes;
  }

  private void isFalse(int number, long now, String what) {
    falseOutcomes++;
    findings.add(Promise.OUTCOMES_TRUE, now, "message " + number + " " + what);
  }
}
