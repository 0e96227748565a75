// Sees when a peer sends more than it may, or holds more than it may.
package dev.p2pkit.overlay.simulator.oracle;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sees when a peer sends more than its budget in any window of a run, or when a queue or table is
 * longer than its bound. Windows slide: each ends when the oracle is told, and begins with what it
 * was told a window before. A peer that was told of for less than a window may have sent no more
 * than for a whole one. Peers are numbers from 0.
 */
public final class BudgetOracle {
  private final long bytesPerSecond;
  private final long window;
  private final int steps;
  private final Findings findings;
  private @Nullable Trail[] trails = new Trail[64];
  private long highest;

  /** What one peer had sent at some moments of the last window, as a ring of pairs. */
  private static final class Trail {
    private final long[] times;
    private final long[] totals;
    private int first;
    private int count;

    /** Until when more of the same is not said again. */
    private long saidUntil = Long.MIN_VALUE;

    Trail(int most) {
      times = new long[most];
      totals = new long[most];
    }

    private int place(int index) {
      return (first + index) % times.length;
    }

    long time(int index) {
      return times[place(index)];
    }

    long total(int index) {
      return totals[place(index)];
    }

    void clear() {
      count = 0;
    }

    void dropFirst() {
      first = place(1);
      count--;
    }

    void add(long time, long total) {
      times[place(count)] = time;
      totals[place(count)] = total;
      count++;
    }
  }

  /**
   * Watches a run from its beginning.
   *
   * @param bytesPerSecond what a peer may send
   * @param window over how many microseconds that is counted
   * @param steps in how many steps the window slides, 1 to 1,000; so many numbers are kept of each
   *     peer
   */
  public BudgetOracle(long bytesPerSecond, long window, int steps, Findings findings) {
    this.bytesPerSecond = bytesPerSecond;
    this.window = window;
    this.steps = steps;
    this.findings = findings;
  }

  /**
   * How much a peer has sent since its start; to be told once a step of the window, or more often.
   *
   * @param total in bytes; less than before means that the peer has started again
   */
  public void sent(int peer, long total, long now) {
    if (peer >= trails.length) {
      trails = Arrays.copyOf(trails, Math.max(peer + 1, trails.length * 2));
    }
    Trail trail = trails[peer];
    if (trail == null) {
      trail = new Trail(steps + 2);
      trails[peer] = trail;
    }
    if (trail.count > 0 && total < trail.total(trail.count - 1)) {
      trail.clear();
    }
    // The last is kept however old it is, for peers that are told of seldom.
    while (trail.count > 1 && now - trail.time(0) > window) {
      trail.dropFirst();
    }
    if (trail.count > 0) {
      judge(trail, peer, total - trail.total(0), Math.max(window, now - trail.time(0)), now);
    }
    if (trail.count == 0 || now - trail.time(trail.count - 1) >= window / steps) {
      trail.add(now, total);
    }
  }

  private void judge(Trail trail, int peer, long bytes, long span, long now) {
    long rate = bytes * 1_000_000 / span;
    highest = Math.max(highest, rate);
    if (rate > bytesPerSecond && now >= trail.saidUntil) {
      trail.saidUntil = now + window;
      findings.add(
          Promise.BUDGET_KEPT,
          now,
          "peer " + peer + " sent " + rate + " B/s where it may send " + bytesPerSecond);
    }
  }

  /** The most that any peer has sent in a window, in bytes a second. */
  public long highest() {
    return highest;
  }

  /** How long a queue or table is. */
  public void holds(int peer, String what, long length, long bound, long now) {
    if (length > bound) {
      findings.add(
          Promise.BOUNDS_KEPT,
          now,
          "peer " + peer + " holds " + length + " " + what + " where " + bound + " are the most");
    }
  }
}
