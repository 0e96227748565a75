// The turns of one version of a processor, counted.
package dev.p2pkit.peer.service;

/**
 * What a {@link TurnTally} has counted.
 *
 * @param turns how many have ended
 * @param failed how many of them threw or took too long
 * @param micros how long the others took on average, in microseconds
 */
public record TurnCounts(long turns, long failed, long micros) {
  /** No turn yet. */
  public static final TurnCounts NONE = new TurnCounts(0, 0, 0);
}
