// What a peer did not do about bans, counted.
package dev.p2pkit.overlay.ban;

/**
 * Counters of a {@link Bans} machine.
 *
 * @param unanswered questions that were not answered, because their peer had asked a moment before
 *     or too many had
 * @param ignored notices that were not looked at, because their peer had sent one a moment before
 *     that is not to be obeyed
 */
public record BanStatistics(long unanswered, long ignored) {}
