// What a peer did not do about notices, counted.
package dev.p2pkit.overlay.notice;

/**
 * Counters of a {@link NoticeBoard}.
 *
 * @param unanswered questions that were not answered, because their peer had asked a moment before
 *     or too many had
 * @param ignored notices that were not looked at, because their peer had sent one a moment before
 *     that is not to be obeyed
 */
public record NoticeStatistics(long unanswered, long ignored) {}
