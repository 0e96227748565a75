// How far a peer trusts its own judgement of others.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.Map;
import java.util.TreeMap;

/**
 * A peer that is itself in trouble (starved of processor time, badly connected) gives others more
 * time before it suspects them (Lifeguard, Dadgar, Phillips and Currey 2017): one point for each
 * answer that is missing, for each witness that says nothing, and for each timer that fires late; a
 * question that is answered in time takes one back.
 *
 * <p>Answers that one peer alone owes say more of that peer than of this one: they count against
 * this peer's judgement of all others, but not of the one that owes them, and are taken back when a
 * witness misses the same answers.
 */
final class LocalHealth {
  /** The greatest score: times are stretched to nine times what they are. */
  static final int WORST = 8;

  private int score;

  /** Points that came from the silence of one peer. */
  private final Map<PeerId, Integer> owed = new TreeMap<>();

  /** A witness is silent, a timer was late, or this peer was wrongly declared dead. */
  void worse() {
    score = Math.min(WORST, score + 1);
  }

  /** A peer owes an answer. */
  void worse(PeerId by) {
    if (score < WORST) {
      score++;
      owed.merge(by, 1, Integer::sum);
    }
  }

  /** A question was answered in time. */
  void better() {
    score = Math.max(0, score - 1);
  }

  /** A peer has spoken: what it owed is no longer told apart. */
  void heard(PeerId from) {
    if (!owed.isEmpty()) {
      owed.remove(from);
    }
  }

  /** The silence of a peer was no fault of this one: others find the same, or it is dead. */
  void acquit(PeerId of) {
    Integer points = owed.remove(of);
    if (points != null) {
      score = Math.max(0, score - points);
    }
  }

  /** This peer has no place any more. */
  void clear() {
    owed.clear();
  }

  /** 0 (well) to {@link #WORST}. */
  int score() {
    return score;
  }

  /** Stretches a time by what this peer has gone through. */
  long stretch(long time) {
    return time * (1 + score);
  }

  /** Stretches a time by what this peer has gone through with others than this one. */
  long stretch(long time, PeerId about) {
    return time * (1 + Math.max(0, score - owed.getOrDefault(about, 0)));
  }
}
