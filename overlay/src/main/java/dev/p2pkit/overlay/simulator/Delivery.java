// A message on its way to one life of one peer.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;

/** A message on its way; the most frequent of all occurrences, so it holds no more than it must. */
final class Delivery extends PeerOccurrence {
  private final Links network;
  private final PeerRef sender;
  private final WireMessage message;

  /** The end of the link at which it arrives; {@link LinkTable#NONE} for one to oneself. */
  private final int end;

  private final int opening;
  private final short type;

  Delivery(
      Links network,
      SimulatedPeer target,
      PeerRef sender,
      int end,
      int opening,
      int type,
      WireMessage message) {
    super(target);
    this.network = network;
    this.sender = sender;
    this.end = end;
    this.opening = opening;
    this.type = (short) type;
    this.message = message;
  }

  @Override
  void reach() {
    if (end != LinkTable.NONE && network.isOver(end, peer, opening)) {
      network.lost++;
    } else {
      network.delivered++;
      peer.receive(sender, type, message);
    }
  }

  @Override
  void miss() {
    network.lost++;
  }
}
