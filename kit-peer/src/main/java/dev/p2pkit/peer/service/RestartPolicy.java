// What follows the crashes of a processor: how long it pauses, and when it is stopped.
package dev.p2pkit.peer.service;

import java.time.Duration;

/**
 * How a processor is supervised.
 *
 * @param firstBackOff the pause after a crash; doubled at each further one in a row
 * @param longestBackOff the longest such pause
 * @param crashes how many crashes within {@code crashWindow} stop the processor, at least 1
 * @param crashWindow see {@code crashes}
 * @param halfOpenAfter after how long a stopped processor is tried with one message
 */
public record RestartPolicy(
    Duration firstBackOff,
    Duration longestBackOff,
    int crashes,
    Duration crashWindow,
    Duration halfOpenAfter) {
  /** The defaults: 100 ms to 30 s, 5 crashes in a minute, a trial after 30 s. */
  public static final RestartPolicy DEFAULT =
      new RestartPolicy(
          Duration.ofMillis(100),
          Duration.ofSeconds(30),
          5,
          Duration.ofMinutes(1),
          Duration.ofSeconds(30));

  public RestartPolicy {
    if (crashes < 1) {
      throw new IllegalArgumentException("crashes are at least 1");
    }
  }
}
