// Effects without a driver, for tests that look at one machine.
package dev.p2pkit.overlay.machine;

import java.util.SplittableRandom;

/** A peer around which nothing happens: what it sends goes nowhere, and no timer of it fires. */
public class StillEffects implements Effects {
  private final PeerRef self;
  private final SplittableRandom random;

  /** With the same random numbers in each run. */
  public StillEffects(PeerRef self) {
    this(self, new SplittableRandom(1));
  }

  /** With random numbers of the test's own. */
  public StillEffects(PeerRef self, SplittableRandom random) {
    this.self = self;
    this.random = random;
  }

  @Override
  public final PeerRef self() {
    return self;
  }

  @Override
  public void send(PeerRef to, WireMessage message) {}

  @Override
  public void timer(long token, long at) {}

  @Override
  public void cancel(long token) {}

  @Override
  public void close(PeerRef peer) {}

  @Override
  public final SplittableRandom random() {
    return random;
  }
}
