// What the overlay costs a peer, and on what it is spent.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrafficTest {
  /** What a peer may spend when nothing happens, in bytes a second. */
  private static final int IDLE = 250;

  @Test
  void anIdleRingCostsAtMost250BytesASecondAndPeer() {
    RingScenario scenario = new RingScenario(1);
    scenario.form(300);
    scenario.run(10);
    long[] before = scenario.peers.stream().mapToLong(p -> p.ring.traffic().budgeted()).toArray();
    scenario.run(60);
    for (int i = 0; i < before.length; i++) {
      Traffic traffic = scenario.peers.get(i).ring.traffic();
      assertThat((traffic.budgeted() - before[i]) / 60)
          .as("%s", traffic)
          .isBetween(100L, (long) IDLE);
      assertThat(traffic.budgetedPerSecond()).isBetween(100, IDLE + 20);
    }
  }

  @Test
  void bytesAreCountedUnderTheirPurpose() {
    RingScenario scenario = new RingScenario(2);
    scenario.form(50);
    scenario.peers.get(0).process.killHost();
    scenario.run(15);
    Traffic all = scenario.peers.get(1).ring.traffic();
    assertThat(all.bytes(Purpose.RING)).isPositive();
    assertThat(all.bytes(Purpose.LEASE)).isPositive();
    assertThat(all.bytes(Purpose.MEMBERSHIP)).isPositive();
    assertThat(
            scenario.peers.stream().mapToLong(p -> p.ring.traffic().bytes(Purpose.DETECTION)).sum())
        .isPositive();
  }
}
