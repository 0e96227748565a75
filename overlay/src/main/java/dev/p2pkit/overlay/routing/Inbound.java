// A message that was accepted here, until it is answered.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import org.jspecify.annotations.Nullable;

/**
 * A message that this peer has accepted and that awaits {@link Router#complete}. Accepted once,
 * whatever the network does.
 */
public final class Inbound {
  private final Envelope envelope;
  private final PeerRef via;
  private final long deadlineAt;

  /** How it came, if it was pinned to nobody. */
  final RoutedFrame.@Nullable Routed routed;

  /** The answer that ends it was given. */
  boolean finished;

  /** An rpc whose turn has ended without a reply so far. */
  boolean processed;

  Inbound(Envelope envelope, PeerRef via, long deadlineAt) {
    this(envelope, via, deadlineAt, null);
  }

  Inbound(Envelope envelope, PeerRef via, long deadlineAt, RoutedFrame.@Nullable Routed routed) {
    this.routed = routed;
    this.envelope = envelope;
    this.via = via;
    this.deadlineAt = deadlineAt;
  }

  /** The message. */
  public Envelope envelope() {
    return envelope;
  }

  /** The peer it came from last: its origin or a relay; this peer itself for a local call. */
  public PeerRef via() {
    return via;
  }

  /** When its life ends, in this peer's machine time (microseconds). */
  public long deadlineAt() {
    return deadlineAt;
  }
}
