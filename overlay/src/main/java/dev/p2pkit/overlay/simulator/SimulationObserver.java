// Who watches a simulation from outside.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.PeerId;
import java.util.Collection;
import java.util.List;

/** Sees every message and every step; for oracles and measurements. Must not change anything. */
public interface SimulationObserver {
  /** A machine of this peer hands a message to the network. */
  default void sent(
      SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {}

  /** A peer dials another, to send a message of this type. */
  default void dialled(SimulatedPeer from, PeerRef to, int type) {}

  /** A peer is told what became of its link to another. */
  default void linked(SimulatedPeer peer, PeerId other, LinkEvent event) {}

  /** The network is divided: each group reaches itself only, and those in none form one more. */
  default void divided(List<? extends Collection<SimulatedPeer>> groups) {}

  /** A partition has ended. */
  default void united() {}

  /** A machine of this peer has taken a step. */
  default void stepped(SimulatedPeer peer) {}
}
