// Newcomers come while the members of a ring have no leases and have to find out who holds what.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LapsedRingTest {
  /**
   * A newcomer would get no lease, but would be the nearest live peer to whoever closes a gap. Of
   * several that came, gave up and came again a ring of three never got its leases back.
   */
  @Test
  void aRingWithoutLeasesLetsNobodyInBeforeItHasThem() {
    RingScenario scenario = new RingScenario(7);
    scenario.form(3);
    scenario.run(5);
    List<RingPeer> members = List.copyOf(scenario.peers);
    members.forEach(peer -> peer.process.pause());
    scenario.run(6);
    members.forEach(peer -> peer.process.resume());
    scenario.run(5);
    List<RingPeer> newcomers = members.stream().map(contact -> scenario.joiner(contact)).toList();
    // They listen for four lease lengths first, since they have slept.
    scenario.run(9);
    assertThat(members).allMatch(member -> member.ring.view().size() == 3);
    scenario.run(12);
    assertThat(newcomers).allMatch(RingPeer::member);
    scenario.heals(Duration.ofSeconds(1));
  }
}
