// How long the sender of the message of a turn waits, which bounds what the turn sends on.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.SendOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The end of a sender's patience.
 *
 * @param endNanos on the scale of {@link System#nanoTime()}; empty if nobody waits: the message is
 *     a timer, or was acknowledged before its turn
 */
record Patience(OptionalLong endNanos) {
  /** What goes out of a turn has at least as long as the shortest deadline there is. */
  private static final long SHORTEST_NANOS = 1_000_000;

  /** That of a letter's sender, as it is now. */
  static Patience of(Letter letter, long nowNanos) {
    long left = letter.remainingNanos(nowNanos);
    return new Patience(
        left == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(nowNanos + left));
  }

  /**
   * The same options, with a deadline that lies no later than the end; empty if less than a
   * millisecond is left, in which nothing can be sent.
   */
  Optional<SendOptions> limit(SendOptions options, long nowNanos) {
    if (endNanos.isEmpty()) {
      return Optional.of(options);
    }
    long left = endNanos.getAsLong() - nowNanos;
    if (left < SHORTEST_NANOS) {
      return Optional.empty();
    }
    if (options.deadline().compareTo(Duration.ofNanos(left)) <= 0) {
      return Optional.of(options);
    }
    return Optional.of(
        new SendOptions(
            Duration.ofNanos(left),
            options.ack(),
            options.repeatable(),
            options.ownerCheck(),
            options.effectivelyOnce(),
            options.version()));
  }
}
