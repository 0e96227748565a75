// Ownership by pointers alone.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.lease.Renewal;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;

/**
 * A peer may serve once its successor has confirmed it, until there is a reason to doubt. While the
 * ring changes two peers may believe this of the same key for a moment.
 */
final class PointerOwnership implements Ownership {
  private final PeerId self;
  private boolean certain;

  PointerOwnership(PeerId self) {
    this.self = self;
  }

  @Override
  public void confirmed(long now) {
    certain = true;
  }

  @Override
  public void doubted(long now) {
    certain = false;
  }

  @Override
  public void alone(long now) {
    certain = true;
  }

  @Override
  public boolean mayServe(long now) {
    return certain;
  }

  @Override
  public Renewal renewal(long now) {
    return new Renewal(now, self, 0, 0, 0);
  }

  @Override
  public RenewalAnswer asked(long now, PeerRef from, Renewal renewal) {
    return new RenewalAnswer(RenewalAnswer.Verdict.WAIT, renewal.sentAt(), renewal.lo());
  }
}
