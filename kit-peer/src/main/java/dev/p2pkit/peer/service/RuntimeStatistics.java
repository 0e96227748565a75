// The counters of the service runtime.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import java.util.Map;

/**
 * Counters since the start of the runtime; all but the loaders only grow.
 *
 * @param turns turns that ended well
 * @param crashes turns that threw
 * @param fenced turns that did not end in time and were given up
 * @param refused messages that were refused before a turn: mailbox full, service stopped, deadline
 *     passed while they waited, or not understood
 * @param deadLetters messages that were set aside, those no longer kept included
 * @param loadersAlive class loaders of services that are not collected, those in use included
 * @param loadersLeaked class loaders that were closed long ago and are still not collected
 * @param unstored turns that ended well but were taken back, as they could not be stored
 * @param turnsLost turns that ended well and are gone, as a rollback or revert went back to the
 *     state before an upgrade
 * @param damaged files of states, dead letters and probations that were found damaged
 * @param forgottenLetters dead letters that were forgotten for lack of room, also before the start
 * @param leftOver services that had ended while they did not run here, of which a durable state or
 *     a probation was still there and was deleted
 * @param strandedReplies replies to messages for which nobody waited at this peer any more, and
 *     that could not be brought to where they were to go, by the code of that; usually the call had
 *     ended, NO_SUCH_ACCESS_POINT
 */
public record RuntimeStatistics(
    long turns,
    long crashes,
    long fenced,
    long refused,
    long deadLetters,
    int loadersAlive,
    int loadersLeaked,
    long unstored,
    long turnsLost,
    long damaged,
    long forgottenLetters,
    long leftOver,
    Map<ErrorCode, Long> strandedReplies) {
  /** Copies the map. */
  public RuntimeStatistics {
    strandedReplies = Map.copyOf(strandedReplies);
  }
}
