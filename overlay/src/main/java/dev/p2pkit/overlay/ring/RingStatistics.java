// Counters of the ring.
package dev.p2pkit.overlay.ring;

import java.util.Map;

/**
 * Counters since the start; each only grows.
 *
 * @param tableChanges changes of the membership table
 * @param successorChanges changes of the peer's successor
 * @param predecessorChanges changes of its predecessor
 * @param deathsDeclared peers that this peer itself found dead
 * @param refutations how often this peer had to contradict news of its own death
 * @param relaysPassedOn messages that were passed on between peers that cannot reach each other
 * @param relaysRefused such messages that were neither passed on nor taken: forged, old, too many
 * @param dropped what else others have told or asked and was not taken or answered, by reason
 */
public record RingStatistics(
    long tableChanges,
    long successorChanges,
    long predecessorChanges,
    long deathsDeclared,
    long refutations,
    long relaysPassedOn,
    long relaysRefused,
    Map<String, Long> dropped) {
  /** Copies. */
  public RingStatistics {
    dropped = Map.copyOf(dropped);
  }
}
