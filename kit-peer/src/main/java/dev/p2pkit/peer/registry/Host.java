// What the peer around the registry knows of itself.
package dev.p2pkit.peer.registry;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.peer.trust.TrustRules;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The peer that a registry belongs to.
 *
 * @param wallMillis the clock in milliseconds since 1970
 * @param labels what the operator says of this peer; waves of a staged roll-out may name them
 * @param seals signs what this peer says of itself, and checks what others say of themselves
 * @param rules what the network's root had said of owners and names when this peer last ran
 */
public record Host(
    LongSupplier wallMillis, Map<String, String> labels, BroadcastSeals seals, TrustRules rules) {
  /** Copies the map. */
  public Host {
    labels = Map.copyOf(labels);
  }

  /** A peer that knows no word of a root. */
  public Host(LongSupplier wallMillis, Map<String, String> labels, BroadcastSeals seals) {
    this(wallMillis, labels, seals, TrustRules.NONE);
  }
}
