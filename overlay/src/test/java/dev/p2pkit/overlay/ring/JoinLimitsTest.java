// Whoever makes identities by the thousand is slowed down, and others are not.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.sdk.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinLimitsTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.200, true",
    "10.1.2.3, 10.1.3.3, false",
    "2001:db8:1:2::3, 2001:db8:1:ffff::1, true",
    "2001:db8:1:2::3, 2001:db8:2:2::3, false",
    "one.example, one.example, true",
    "one.example, two.example, false"
  })
  void aNetworkIsTheFirstPartOfAnAddressOrAName(String one, String other, boolean same) {
    assertThat(JoinLimits.networkOf(one).equals(JoinLimits.networkOf(other))).isEqualTo(same);
  }

  @Test
  void oneNetworkCannotUseUpTheShareOfTheOthers() {
    JoinLimits limits = new JoinLimits(new LimitsConfig(4, 2, 1));
    int greedy = 0;
    for (int i = 0; i < 100; i++) {
      greedy += limits.pauseFor(new Endpoint("10.0.0." + i, 1), 0) == 0 ? 1 : 0;
    }
    assertThat(greedy).isEqualTo(2);
    assertThat(limits.pauseFor(new Endpoint("10.0.1.1", 1), 0)).isZero();
    assertThat(limits.pauseFor(new Endpoint("10.0.2.1", 1), 0)).isZero();
    assertThat(limits.pauseFor(new Endpoint("10.0.3.1", 1), 0)).isEqualTo(250_000);
    assertThat(limits.pauseFor(new Endpoint("10.0.0.1", 1), 500_000)).isZero();
    assertThat(limits.refused()).isEqualTo(99);
  }

  @Test
  void peersBeyondTheRateWaitTheirTurnAndComeIn() {
    RingScenario scenario =
        new RingScenario(1, RingConfig.DEFAULT.withLimits(new LimitsConfig(2, 2, 64)));
    RingPeer first = scenario.first();
    List<RingPeer> joiners = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      joiners.add(scenario.joiner(first));
    }
    scenario.run(2);
    assertThat(joiners.stream().filter(RingPeer::member).count()).isBetween(2L, 7L);
    scenario.run(8);
    scenario.heals(Duration.ofSeconds(10));
    assertThat(scenario.members()).hasSize(13);
  }

  @Test
  void whoIsKeptOutByTheRateForTooLongIsToldWhy() {
    RingScenario scenario =
        new RingScenario(2, RingConfig.DEFAULT.withLimits(new LimitsConfig(1, 1, 64)));
    RingPeer first = scenario.first();
    List<RingPeer> joiners = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      joiners.add(scenario.joiner(first));
    }
    scenario.run(16);
    List<RingPeer> refused = joiners.stream().filter(peer -> peer.failure.isPresent()).toList();
    assertThat(refused).isNotEmpty();
    assertThat(refused)
        .allMatch(peer -> peer.failure.get() == ErrorCode.NO_ROUTE)
        .anyMatch(peer -> peer.failureDetail.contains("admits no more peers a second"));
  }
}
