// Who is told when a service on this peer changes its phase.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ServiceStatus;

/** Hears of each change of what this peer runs, on a thread of the runtime; must not block. */
@FunctionalInterface
public interface ServiceListener {
  /** A processor has come into another phase. */
  void onStatus(ServiceKey key, ServiceStatus.OnPeer status);
}
