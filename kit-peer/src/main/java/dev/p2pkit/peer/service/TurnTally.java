// Counts the turns of one version of a processor.
package dev.p2pkit.peer.service;

import java.util.concurrent.atomic.AtomicLong;

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

  /** A turn has ended well. */
  void done(long beganNanos) {
    long count = turns.getPlain() + 1;
    turns.setOpaque(count);
    if (count <= ALL_TIMED || count % ONE_OF == 0) {
      timed.setOpaque(timed.getPlain() + 1);
      nanos.setOpaque(nanos.getPlain() + System.nanoTime() - beganNanos);
    }
  }

  /** A turn threw or took too long. */
  void failed() {
    turns.setOpaque(turns.getPlain() + 1);
    failed.setOpaque(failed.getPlain() + 1);
  }

  /** What was counted so far. */
  TurnCounts counts() {
    long of = Math.max(1, timed.getOpaque());
    return new TurnCounts(turns.getOpaque(), failed.getOpaque(), nanos.getOpaque() / of / 1_000);
  }
}
