// Somebody outside of a ring that says what it likes.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import java.util.ArrayList;
import java.util.List;

/** Knows how to reach members, and says what it likes. */
class Liar implements Machine {
  final List<WireMessage> heard = new ArrayList<>();
  final SimulatedPeer process;
  Effects effects;

  Liar(RingScenario scenario) {
    process = scenario.simulation.peer("liar");
    process.host(
        RingMachine.codecs(),
        given -> {
          effects = given;
          return this;
        });
  }

  void say(RingPeer to, WireMessage message) {
    process.run(now -> effects.send(to.ref(), message));
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    heard.add(message);
  }
}
