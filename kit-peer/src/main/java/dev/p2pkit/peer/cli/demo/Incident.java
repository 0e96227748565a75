// What happened to the ring during the load, and when.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Map;

/**
 * The events against which calls are judged. Times are {@link System#nanoTime}.
 *
 * @param killedAt when the process was killed
 * @param after the start of the killed peer's arc, exclusive
 * @param killed the killed peer: the end of its arc, inclusive
 * @param upgradedAt when each peer reported that it runs version 2
 */
record Incident(long killedAt, Key after, PeerId killed, Map<PeerId, Long> upgradedAt) {
  Incident {
    upgradedAt = Map.copyOf(upgradedAt);
  }

  /** Whether the killed peer owned the key. */
  boolean concerns(Key key) {
    return key.isIn(after, killed.position());
  }
}
