// A broadcast that this peer knows of.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A broadcast that was delivered here once, and this peer's duties in it. */
final class Remembered {
  final BroadcastId id;
  final PeerRef origin;
  final int topic;

  /** Why it was not taken here; empty if it was. */
  Optional<ErrorCode> refusal = Optional.empty();

  /** By interval, the finished ones too: a parent that asks again gets the same answer. */
  final Map<Arc, Duty> duties = new LinkedHashMap<>();

  /** Kept while a duty is open, because a part may have to be handed over again. */
  byte @Nullable [] payload;

  /** The latest deadline of its duties. */
  long deadlineAt;

  Remembered(BroadcastId id, PeerRef origin, int topic) {
    this.id = id;
    this.origin = origin;
    this.topic = topic;
  }

  boolean isOpen() {
    return payload != null;
  }

  boolean hasOpenDuty() {
    return duties.values().stream().anyMatch(duty -> !duty.isDone());
  }
}
