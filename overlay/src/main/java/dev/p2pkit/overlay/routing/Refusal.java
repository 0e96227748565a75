// A message that was not accepted under one attempt, as its owner remembers it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import java.util.Optional;

/**
 * Remembered as long as the message is open, so that a copy which comes late is refused like the
 * first one.
 */
record Refusal(int attempt, RoutingFrame.Verdict verdict, ErrorCode code, Optional<PeerRef> hint) {}
