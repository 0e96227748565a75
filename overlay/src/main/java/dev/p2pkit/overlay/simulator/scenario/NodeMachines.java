// The machines that run on a peer of a scenario, honest or not.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.proof.Credentials;
import dev.p2pkit.overlay.proof.LyingProofs;
import dev.p2pkit.overlay.proof.ProofCodec;
import dev.p2pkit.overlay.proof.Proofs;
import dev.p2pkit.overlay.ring.FormedRing;
import dev.p2pkit.overlay.ring.LyingRing;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.LyingRouter;
import dev.p2pkit.overlay.routing.Router;
import dev.p2pkit.overlay.routing.RouterConfig;
import dev.p2pkit.overlay.routing.RoutingCodec;
import dev.p2pkit.overlay.simulator.SimulatedSeals;
import dev.p2pkit.sdk.OwnerCheck;
import dev.p2pkit.sdk.PeerId;
import java.util.NavigableMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the real machines on a simulated process: the ring always, the router and the owner proofs
 * where the scenario sends or asks for them. On a peer that lies each of them stands behind one
 * that twists what it says.
 */
final class NodeMachines {
  private final Scenario scenario;
  private final RingConfig config;
  private final NavigableMap<PeerId, PeerRef> liars;
  private @Nullable FormedRing formed;

  /**
   * The machines of a scenario's peers.
   *
   * @param liars those who lie together, as they come and go
   */
  NodeMachines(Scenario scenario, RingConfig config, NavigableMap<PeerId, PeerRef> liars) {
    this.scenario = scenario;
    this.config = config;
    this.liars = liars;
  }

  /** Peers from now on share what is known of a ring that was there at the beginning. */
  void within(FormedRing ring) {
    formed = ring;
  }

  /** A peer's machines begin, those of a new process or of one that starts again. */
  void boot(Node node) {
    RingMachine machine = hostRing(node);
    Router router = null;
    if (scenario.sendsPerSecond() > 0) {
      router = node.lies ? hostLyingRouter(node) : hostRouter(node);
    }
    Proofs proofs = scenario.check() == OwnerCheck.NONE ? null : hostProofs(node, machine);
    node.boot(machine, router, proofs);
  }

  private RingMachine hostRing(Node node) {
    FormedRing ring = formed;
    Function<Effects, RingMachine> make =
        effects ->
            ring == null
                ? new RingMachine(config, effects, node)
                : RingMachine.within(ring, config, effects, node);
    return node.lies
        ? node.process
            .host(RingMachine.codecs(), effects -> new LyingRing(effects, liars, make))
            .machine()
        : node.process.host(RingMachine.codecs(), make);
  }

  private Router hostRouter(Node node) {
    return node.process.host(
        new RoutingCodec(), effects -> new Router(RouterConfig.DEFAULT, effects, node));
  }

  private Router hostLyingRouter(Node node) {
    Router[] honest = new Router[1];
    LyingRouter unused =
        node.process.host(
            new RoutingCodec(),
            effects -> {
              honest[0] = new Router(RouterConfig.DEFAULT, effects, node);
              return new LyingRouter(honest[0], effects);
            });
    return honest[0];
  }

  private Proofs hostProofs(Node node, RingMachine ring) {
    Proofs[] honest = new Proofs[1];
    Machine unused =
        node.process.<Machine>host(
            new ProofCodec(),
            effects -> {
              honest[0] =
                  new Proofs(
                      effects,
                      ring.deeds(),
                      new SimulatedSeals(node.id()),
                      Credentials.NONE,
                      effects.random()::nextLong);
              return node.lies
                  ? new LyingProofs(honest[0], effects, liars, SimulatedSeals::new)
                  : honest[0];
            });
    return honest[0];
  }
}
