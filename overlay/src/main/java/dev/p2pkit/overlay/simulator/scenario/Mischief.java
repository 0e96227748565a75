// The fault sites of one run: some of them active, firing now and then.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.FaultSites;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The fault sites of one run, as FoundationDB does it: each is active in a quarter of the runs and
 * then fires a quarter of the times; timers, which are set all the time, one time in fifty.
 */
final class Mischief implements FaultSites {
  private static final double ACTIVE = 0.25;
  private static final double FIRES = 0.25;
  private static final double TIMER_FIRES = 0.02;

  private final SplittableRandom random;
  private final Map<FaultSite, Double> chances = new EnumMap<>(FaultSite.class);

  Mischief(SplittableRandom random) {
    this.random = random;
    for (FaultSite site : FaultSite.values()) {
      if (random.nextDouble() < ACTIVE) {
        chances.put(site, site == FaultSite.TIMER_LATE ? TIMER_FIRES : FIRES);
      }
    }
  }

  @Override
  public boolean fires(FaultSite site) {
    Double chance = chances.get(site);
    return chance != null && random.nextDouble() < chance;
  }
}
