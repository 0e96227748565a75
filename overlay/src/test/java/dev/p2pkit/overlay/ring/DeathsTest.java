// What a peer does about deaths that it has found itself.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.RingMessage.Stabilise;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeathsTest {
  private final RingScenario scenario = RingScenario.formed(5, 100, 20);
  private final List<RingPeer> members = scenario.members();
  private final RingPeer finder = members.get(0);
  private int questions;

  /** The host of a peer says that its process is gone. */
  private void refused(RingPeer dead) {
    finder.process.run(now -> finder.ring.onLink(now, dead.process.id(), LinkEvent.REFUSED));
  }

  private void watched() {
    scenario.simulation.observe(
        new SimulationObserver() {
          @Override
          public void sent(
              SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
            if (from == finder.process && message instanceof Stabilise) {
              questions++;
            }
          }
        });
  }

  @Test
  void deathsFarAwayAreNoReasonToAskTheSuccessor() {
    List<RingPeer> far = members.subList(30, 70);
    far.forEach(dead -> dead.process.kill());
    watched();
    for (RingPeer dead : far) {
      refused(dead);
      scenario.run(0.05);
    }
    assertThat(finder.ring.view().members()).hasSizeLessThanOrEqualTo(60);
    // Two seconds: as many heartbeats, and one that was under way.
    assertThat(questions).isBetween(1, 3);
  }

  @Test
  void theDeathOfANeighbourIsOneAtOnce() {
    RingPeer third = members.get(3);
    third.process.kill();
    watched();
    refused(third);
    assertThat(questions).isEqualTo(1);
  }
}
