// How long a message may live and when it counts as acknowledged.
package dev.p2pkit.sdk;

import java.time.Duration;

/**
 * Options of a send, an rpc or a broadcast.
 *
 * @param deadline after how long the call ends at the latest; 1 ms to 10 minutes, 10 s by default
 * @param ack when a send counts as acknowledged
 */
public record SendOptions(Duration deadline, Ack ack) {
  // Before the options that are made with them: static fields are set in their order.
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** 10 s, acknowledged when processed. */
  public static final SendOptions DEFAULT = new SendOptions(Duration.ofSeconds(10), Ack.PROCESSED);

  public SendOptions {
    if (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a deadline lies between 1 ms and 10 minutes, not " + deadline);
    }
  }

  /** The default with another deadline. */
  public static SendOptions within(Duration deadline) {
    return new SendOptions(deadline, DEFAULT.ack);
  }

  /** The same with another moment of acknowledgement. */
  public SendOptions ack(Ack when) {
    return new SendOptions(deadline, when);
  }
}
