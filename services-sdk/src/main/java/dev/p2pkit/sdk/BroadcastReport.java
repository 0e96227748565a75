// Whom a broadcast reached and what it missed.
package dev.p2pkit.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The outcome of a broadcast, with respect to the ring as it was walked until the report was made.
 * Who is missed here and comes within reach again in the next minute still gets the message, from
 * its neighbours. A report with missed arcs waits for two seconds, as far as its deadline allows,
 * for word of whom that helps.
 *
 * @param reached how many peers have the message, the sender's included
 * @param peers their ids; the first 1,024 of them if there are more
 * @param refused peers that were reached but did not take the message, with the reason; at most 64
 * @param missed arcs of the ring from which no report came, at most 64; empty means that everybody
 *     was reached who was in the ring when it began
 * @param more whether more arcs were missed than are listed
 * @param repaired peers that were not reached through the tree but got the message from their
 *     neighbours before the report was made; at most 1,024, not among {@code peers}
 * @param duration from the call to the last report
 */
public record BroadcastReport(
    int reached,
    Set<PeerId> peers,
    Map<PeerId, ErrorCode> refused,
    List<Arc> missed,
    boolean more,
    Set<PeerId> repaired,
    Duration duration) {
  /** Copies the collections. */
  public BroadcastReport {
    peers = Set.copyOf(peers);
    refused = Map.copyOf(refused);
    missed = List.copyOf(missed);
    repaired = Set.copyOf(repaired);
  }

  /** A part of the ring: the keys in {@code (after, upTo]}. */
  public record Arc(Key after, Key upTo) {}

  /** Whether nothing was missed and nobody refused. */
  public boolean complete() {
    return missed.isEmpty() && refused.isEmpty();
  }
}
