// How fast a link may send and receive, per channel.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import java.util.List;
import java.util.Map;

/**
 * How many bytes a second each link may send and receive on a channel; a channel that is missing is
 * not limited.
 *
 * @param send limits of what a link sends, each at least 1,024 bytes/s
 * @param receive limits of what a link reads, each at least 1,024 bytes/s; reading stops for a
 *     moment on all channels of the link, because they share a socket
 */
public record LinkRates(Map<Channel, Long> send, Map<Channel, Long> receive) {
  /** Checks the ranges. */
  public LinkRates {
    send = Map.copyOf(send);
    receive = Map.copyOf(receive);
    for (Map<Channel, Long> each : List.of(send, receive)) {
      each.forEach(
          (channel, rate) -> {
            if (rate < 1024) {
              throw new IllegalArgumentException(
                  "the rate of a channel is at least 1024 bytes/s, not " + rate);
            }
          });
    }
  }

  /** No limits. */
  public static LinkRates unlimited() {
    return new LinkRates(Map.of(), Map.of());
  }
}
