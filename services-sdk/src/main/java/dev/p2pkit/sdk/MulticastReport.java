// Whom a multicast reached.
package dev.p2pkit.sdk;

import java.util.Map;

/**
 * The outcome of a multicast: each target that was listed is in exactly one of the two maps.
 *
 * @param delivered the targets at which the message arrived, with their acknowledgement
 * @param failed the targets of which that cannot be said; the code of each tells whether the
 *     message may have been processed there
 */
public record MulticastReport(
    Map<Destination, Receipt> delivered, Map<Destination, KitException> failed) {
  /** Copies the maps. */
  public MulticastReport {
    delivered = Map.copyOf(delivered);
    failed = Map.copyOf(failed);
  }

  /** Whether the message arrived at every target. */
  public boolean complete() {
    return failed.isEmpty();
  }
}
