// What the leases of one peer say at this moment, for those who are to attest it.
package dev.p2pkit.overlay.lease;

import java.util.Optional;

/** What one peer holds and what it has granted. */
public interface Deeds {
  /** As {@link Lease#held}. */
  Optional<HeldArc> held(long now);

  /** As {@link Lease#granted}. */
  Optional<GrantRecord> granted(long now);
}
