// What the registry tells the peer around it.
package dev.p2pkit.peer.registry;

import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.sdk.NetworkEvent;

/** Hears of the registry, on its thread; must not block. */
public interface RegistryListener {
  /** Sends a record to all peers by overlay broadcast, topic 2. It need not arrive everywhere. */
  void broadcast(byte[] payload);

  /** The services that are known or run here are others now: what the data plane reads. */
  void onServices(ServiceDirectory directory);

  /** From now on this peer may serve keys; said once. */
  void onCaughtUp();

  /** Something was done to a service here, or was refused. */
  void onAudit(AuditEntry entry);

  /** A service's owner has lost a name. */
  void onEvent(NetworkEvent event);
}
