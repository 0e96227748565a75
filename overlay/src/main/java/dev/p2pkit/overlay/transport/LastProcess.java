// What a peer's process has said of itself on its last link.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a peer's process from its last link, and so decides what proves its death: a
 * later process that holds the same lock for life, or a refusal at the address where the process
 * itself said that it listens. Guarded by its owner's lock.
 */
final class LastProcess {
  private record Claim(PeerRef ref, Optional<Key> lock, boolean direct) {
    boolean holdsLockOf(Claim other) {
      return lock.isPresent() && lock.equals(other.lock);
    }
  }

  private @Nullable Claim claim;

  /** This connection is the link now. */
  void linked(Connection connection) {
    claim = claimOf(connection);
  }

  /** Whether nobody listening there means that this process of the peer is gone. */
  boolean isDeadAt(PeerRef process, Endpoint dialled) {
    Claim known = claim;
    return known != null
        && known.direct
        && known.ref.equals(process)
        && dialled.equals(process.endpoint());
  }

  /** Whether what is at the other end of a later connection shows that this process is gone. */
  boolean isProvedDead(PeerRef process, Connection later) {
    Claim known = claim;
    return known != null && known.ref.equals(process) && claimOf(later).holdsLockOf(known);
  }

  private static Claim claimOf(Connection connection) {
    return new Claim(connection.peer(), connection.lock(), connection.isDirect());
  }
}
