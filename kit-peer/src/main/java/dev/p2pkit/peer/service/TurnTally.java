// Counts the turns of one version of a processor.
package dev.p2pkit.peer.service;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How the turns of one version went, so that another version can be compared with it. Written by
 * the processor's owner alone, read by anybody. Of many turns only some are timed: a clock reading
 * costs as much as the rest of a short turn.
 */
final class TurnTally {
  private static final int ALL_TIMED = 1_024;
  private static final int ONE_OF = 16;

  private final AtomicLong turns = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong timed = new AtomicLong();
  private final AtomicLong nanos = new AtomicLong();

  /** How many timed turns took how long: four steps for each doubling of a microsecond. */
  private final AtomicLongArray spread = new AtomicLongArray(4 * Long.SIZE);

  /** A turn has ended well. */
  void done(long beganNanos) {
    long count = turns.getPlain() + 1;
    turns.setOpaque(count);
    if (count <= ALL_TIMED || count % ONE_OF == 0) {
      timed.setOpaque(timed.getPlain() + 1);
      long took = System.nanoTime() - beganNanos;
      nanos.setOpaque(nanos.getPlain() + took);
      int step = step(took / 1_000);
      spread.setOpaque(step, spread.getPlain(step) + 1);
    }
  }

  /** A turn threw or took too long. */
  void failed() {
    turns.setOpaque(turns.getPlain() + 1);
    failed.setOpaque(failed.getPlain() + 1);
  }

  /** Which step a time belongs to. */
  static int step(long micros) {
    if (micros < 4) {
      return (int) Math.max(0, micros);
    }
    int doublings = 63 - Long.numberOfLeadingZeros(micros);
    return 4 * (doublings - 1) + (int) (micros >> (doublings - 2) & 3);
  }

  /** The longest time, in microseconds, that belongs to a step. */
  static long longest(int step) {
    if (step < 4) {
      return step;
    }
    int doublings = step / 4 + 1;
    return (1L << doublings) + ((step % 4 + 1L) << (doublings - 2)) - 1;
  }

  /** What 99 of 100 timed turns did not exceed, in microseconds, a quarter too high at most. */
  long p99Micros() {
    long all = timed.getOpaque();
    long above = all / 100;
    for (int step = spread.length() - 1; step > 0; step--) {
      above -= spread.getOpaque(step);
      if (above < 0) {
        return longest(step);
      }
    }
    return 0;
  }

  /** What was counted so far. */
  TurnCounts counts() {
    long of = Math.max(1, timed.getOpaque());
    return new TurnCounts(turns.getOpaque(), failed.getOpaque(), nanos.getOpaque() / of / 1_000);
  }
}
