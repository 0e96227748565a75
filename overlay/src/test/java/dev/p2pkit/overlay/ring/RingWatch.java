// Watches every step of a simulated ring: never two servers of a key.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.overlay.simulator.oracle.EpochOracle;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.overlay.simulator.oracle.OverlapOracle;
import dev.p2pkit.overlay.simulator.oracle.Promise;
import dev.p2pkit.overlay.simulator.oracle.ServingArc;
import dev.p2pkit.overlay.simulator.oracle.Sides;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Shows the oracles of leases what each peer may serve, after each of its steps. */
final class RingWatch implements SimulationObserver {
  private record Shown(PeerRef ref, Tenure tenure) {}

  private static final long TWO_RINGS = 600_000_000;

  private final RingScenario scenario;
  private final Findings findings = new Findings();

  /** Two sides that meet again have a minute to become one. */
  private final Sides sides = new Sides(60_000_000);

  private final OverlapOracle overlaps = new OverlapOracle(sides, findings);
  private final EpochOracle epochs = new EpochOracle(sides, findings);

  /** Of each peer of the scenario, in its order, what was shown last; null if nothing. */
  private Shown[] shown = {};

  RingWatch(RingScenario scenario) {
    this.scenario = scenario;
  }

  @Override
  public void stepped(SimulatedPeer process) {
    if (shown.length < scenario.peers.size()) {
      shown = Arrays.copyOf(shown, scenario.peers.size());
    }
    // After each step of hundreds of peers: nothing is looked up here.
    for (int i = 0; i < scenario.peers.size(); i++) {
      RingPeer peer = scenario.peers.get(i);
      Shown last = shown[i];
      if (last != null && !(peer.process.alive() && peer.ref().equals(last.ref()))) {
        shown[i] = null;
        silence(last.ref());
      }
      if (peer.process == process && peer.process.alive()) {
        show(i, peer, last);
      }
    }
  }

  private void show(int place, RingPeer peer, Shown last) {
    Tenure tenure = peer.ring.view().holding().tenure(OwnershipMode.STRICT);
    if (last != null && last.tenure().equals(tenure) && last.ref().equals(peer.ref())) {
      return;
    }
    if (last == null) {
      sides.came(peer.id());
    }
    shown[place] = new Shown(peer.ref(), tenure);
    if (tenure.isNone()) {
      silence(peer.ref());
      return;
    }
    if (last == null || last.tenure().epoch() != tenure.epoch()) {
      sides.serves(peer.id(), tenure.epoch());
    }
    long until =
        tenure.until() == Long.MAX_VALUE ? tenure.until() : peer.process.moment(tenure.until());
    ServingArc arc = new ServingArc(peer.ref(), tenure.after(), tenure.epoch(), until);
    long now = scenario.simulation.now();
    overlaps.serves(now, arc);
    epochs.serves(now, arc);
  }

  /** Who takes an arc from another is of that one's side from then on. */
  @Override
  public void sent(SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
    if (message instanceof Admit admit) {
      sides.handedOver(from.id(), to.id(), admit.arc().epoch());
    }
  }

  private void silence(PeerRef ref) {
    overlaps.servesNothing(ref);
    epochs.servesNothing(ref);
  }

  @Override
  public void divided(List<? extends Collection<SimulatedPeer>> groups) {
    sides.divide(
        scenario.simulation.now(),
        groups.stream()
            .map(group -> group.stream().map(SimulatedPeer::id).toList())
            .map(List::<PeerId>copyOf)
            .toList());
  }

  /**
   * Two rings are to meet that were never one: until then, and for a while, keys have two servers.
   */
  void expectTwoRings() {
    sides.meet(scenario.simulation.now() + TWO_RINGS);
  }

  @Override
  public void united() {
    sides.unite(scenario.simulation.now());
  }

  /** Fails if two have served the same key. */
  void nothingWrong() {
    assertThat(findings.count(Promise.ONE_SERVER))
        .as(() -> "seed " + scenario.simulation.seed() + ": " + findings.first())
        .isZero();
  }

  Findings findings() {
    return findings;
  }
}
