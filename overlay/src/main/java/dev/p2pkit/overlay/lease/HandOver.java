// A newcomer is being admitted.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * A peer hands the first part of its arc to a newcomer. It has stopped to serve that part; when its
 * grantor has registered this, the newcomer gets it.
 *
 * @param newcomer who gets it
 * @param requestedAt the number of the newcomer's renewal: its lease runs from then
 * @param oldLo where the arc began
 * @param oldBefore what was known of the arc before it; empty if the whole ring was held
 * @param newEpoch with which the newcomer serves
 * @param startedAt when this began
 * @param sent whether the newcomer was told, at least once
 */
public record HandOver(
    PeerId newcomer,
    long requestedAt,
    PeerId oldLo,
    Optional<GrantRecord> oldBefore,
    long newEpoch,
    long startedAt,
    boolean sent) {

  HandOver requested(long at) {
    return new HandOver(
        newcomer, Math.max(at, requestedAt), oldLo, oldBefore, newEpoch, startedAt, sent);
  }

  HandOver told() {
    return new HandOver(newcomer, requestedAt, oldLo, oldBefore, newEpoch, startedAt, true);
  }
}
