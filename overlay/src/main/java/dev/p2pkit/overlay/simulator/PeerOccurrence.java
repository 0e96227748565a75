// Something that happens to one life of one peer.
package dev.p2pkit.overlay.simulator;

/** Something that happens to a peer: waits while the peer is paused, and not after its death. */
abstract class PeerOccurrence extends Occurrence {
  final SimulatedPeer peer;
  private final int life;

  PeerOccurrence(SimulatedPeer peer) {
    this.peer = peer;
    life = peer.life();
  }

  @Override
  final void happen() {
    if (!peer.alive() || peer.life() != life) {
      miss();
    } else if (peer.paused()) {
      peer.postpone(this);
    } else {
      reach();
    }
  }

  abstract void reach();

  /** The peer is no more. */
  void miss() {}
}
