// A peer that claims to belong to a ring that does not exist.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.TablePart;
import dev.p2pkit.overlay.ring.MergeMessage.TablePull;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

final class InventedRing implements Machine {
  private static final int INVENTED = 100;

  private final SimulatedPeer process;
  private Effects effects;
  int asked;

  InventedRing(RingScenario scenario) {
    process = scenario.simulation.peer("liar");
    process.host(
        RingMachine.codecs(),
        given -> {
          effects = given;
          return this;
        });
  }

  void hail(RingPeer to) {
    process.run(now -> effects.send(to.ref(), new Hail(process.ref(), true)));
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof TablePull pull) {
      asked++;
      List<MemberNews> invented = new ArrayList<>();
      for (int i = 0; i < INVENTED; i++) {
        PeerId id = new PeerId(new Key(effects.random().nextLong(), i));
        invented.add(MemberNews.alive(new PeerRef(id, new Endpoint("nowhere", 1 + i), 1), 0));
      }
      effects.send(from, new TablePart(pull.number(), pull.part(), 1, invented));
    }
  }
}
