// A ring that is there from the beginning: right at once, stays right, heals.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.PeerRef;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormedRingTest {
  @Test
  void aFormedRingIsIdealFromTheFirstMoment() {
    RingScenario scenario = new RingScenario(1);
    scenario.form(300);
    assertThat(RingOracle.deviation(scenario.members(), scenario.config)).isEmpty();
    scenario.run(10);
    assertThat(RingOracle.deviation(scenario.members(), scenario.config)).isEmpty();
    assertThat(scenario.peers.get(7).ring.statistics().successorChanges()).isEqualTo(1);
  }

  @Test
  void aFormedRingHealsAndAdmitsLikeAnyOther() {
    RingScenario scenario = new RingScenario(2);
    scenario.form(100);
    scenario.peers.get(3).process.kill();
    scenario.peers.get(4).process.killHost();
    scenario.peers.get(5).leave();
    scenario.joiner(scenario.peers.get(6));
    scenario.heals(Duration.ofSeconds(60));
    assertThat(scenario.members()).hasSize(98);
  }

  @Test
  void peersOfAFormedRingHoldItsTableOnce() {
    RingScenario scenario = new RingScenario(3);
    scenario.form(100);
    RingPeer gone = scenario.peers.get(0);
    gone.process.kill();
    scenario.heals(Duration.ofSeconds(60));
    List<RingPeer> members = scenario.members();
    MemberTable table = members.get(0).ring.table();
    for (RingPeer member : members) {
      for (int place = 0; place < table.coverage().count(); place++) {
        assertThat(member.ring.table().block(place)).isSameAs(table.block(place));
      }
    }
  }

  @Test
  void aStrangerCannotFormARing() {
    RingScenario scenario = new RingScenario(4);
    scenario.form(5);
    RingPeer stranger = scenario.addWithin(FormedRing.of(List.of(scenario.peers.get(0).ref())));
    assertThatThrownBy(() -> stranger.process.run(stranger.ring::form))
        .hasRootCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void twoPeersOfOneIdentityFormNoRing() {
    PeerRef ref = new RingScenario(5).add().ref();
    assertThatThrownBy(() -> FormedRing.of(List.of(ref, ref)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
