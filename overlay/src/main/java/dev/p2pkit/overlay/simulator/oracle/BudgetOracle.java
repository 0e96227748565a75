// Sees when a peer sends more than it may, or holds more than it may.
package dev.p2pkit.overlay.simulator.oracle;

import java.util.Arrays;

/**
 * Sees when a peer sends more than its budget in any window of a run, or when a queue or table is
 * longer than its bound. Peers are numbers from 0.
 */
public final class BudgetOracle {
  private final long bytesPerSecond;
  private final long window;
  private final Findings findings;
  private long[] starts = new long[64];
  private long[] totals = new long[64];
  private long highest;

  /**
   * Watches a run from its beginning.
   *
   * @param bytesPerSecond what a peer may send
   * @param window over how many microseconds that is counted
   */
  public BudgetOracle(long bytesPerSecond, long window, Findings findings) {
    this.bytesPerSecond = bytesPerSecond;
    this.window = window;
    this.findings = findings;
    Arrays.fill(starts, -1);
  }

  /**
   * How much a peer has sent since its start; to be told at least once a window.
   *
   * @param total in bytes; less than before means that the peer has started again
   */
  public void sent(int peer, long total, long now) {
    if (peer >= starts.length) {
      int before = starts.length;
      starts = Arrays.copyOf(starts, Math.max(peer + 1, before * 2));
      totals = Arrays.copyOf(totals, starts.length);
      Arrays.fill(starts, before, starts.length, -1);
    }
    if (starts[peer] < 0 || total < totals[peer]) {
      starts[peer] = now;
      totals[peer] = total;
      return;
    }
    long span = now - starts[peer];
    if (span >= window) {
      long rate = (total - totals[peer]) * 1_000_000 / span;
      highest = Math.max(highest, rate);
      if (rate > bytesPerSecond) {
        findings.add(
            Promise.BUDGET_KEPT,
            now,
            "peer " + peer + " sent " + rate + " B/s where it may send " + bytesPerSecond);
      }
      starts[peer] = now;
      totals[peer] = total;
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
