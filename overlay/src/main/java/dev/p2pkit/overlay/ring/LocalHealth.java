// How far a peer trusts its own judgement of others.
package dev.p2pkit.overlay.ring;

/**
 * A peer that is itself in trouble (starved of processor time, badly connected) gives others more
 * time before it suspects them (Lifeguard, Dadgar, Phillips and Currey 2017).
 */
final class LocalHealth {
  private static final int WORST = 8;

  private int score;

  /** An answer is missing, a timer was late, or this peer was wrongly declared dead. */
  void worse() {
    score = Math.min(WORST, score + 1);
  }

  /** A question was answered in time. */
  void better() {
    score = Math.max(0, score - 1);
  }

  /** Stretches a time by what this peer has gone through. */
  long stretch(long time) {
    return time * (1 + score);
  }
}
