// Ownership by pointers alone.
package dev.p2pkit.overlay.ring;

/**
 * A peer may serve once its successor has confirmed it, until there is a reason to doubt. While the
 * ring changes two peers may believe this of the same key for a moment.
 */
final class PointerOwnership implements Ownership {
  private boolean certain;

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
}
