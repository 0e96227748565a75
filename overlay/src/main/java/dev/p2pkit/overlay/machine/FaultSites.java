// Whether something goes wrong here and now; never, outside of simulations.
package dev.p2pkit.overlay.machine;

/** Whether something goes wrong here and now. Part of {@link Effects}. */
@FunctionalInterface
public interface FaultSites {
  /** Nothing ever goes wrong: a constant that the compiler takes out of the code. */
  FaultSites NONE = site -> false;

  /** Whether the fault happens now. */
  boolean fires(FaultSite site);
}
