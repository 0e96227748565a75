// The effects of another, to be changed in part.
package dev.p2pkit.overlay.machine;

import java.util.SplittableRandom;

/**
 * Does what other effects do. For what stands between a machine and its driver, counts or changes
 * some of it, and leaves the rest alone.
 */
public abstract class ForwardingEffects implements Effects {
  private final Effects effects;

  /** Hands everything on to these. */
  protected ForwardingEffects(Effects effects) {
    this.effects = effects;
  }

  @Override
  public PeerRef self() {
    return effects.self();
  }

  @Override
  public void send(PeerRef to, WireMessage message) {
    effects.send(to, message);
  }

  @Override
  public boolean offer(PeerRef to, WireMessage message) {
    return effects.offer(to, message);
  }

  @Override
  public void timer(long token, long at) {
    effects.timer(token, at);
  }

  @Override
  public void cancel(long token) {
    effects.cancel(token);
  }

  @Override
  public void close(PeerRef peer) {
    effects.close(peer);
  }

  @Override
  public FaultSites faults() {
    return effects.faults();
  }

  @Override
  public SplittableRandom random() {
    return effects.random();
  }
}
