// Whom of those in the ring somebody takes for dead or gone.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Whom of those in the ring somebody takes for dead or gone, as the peers tell it. Nobody is
 * doubted for long where paths and processes are as they should be; in a partition each side doubts
 * the other.
 */
final class Doubts {
  /** Who doubts somebody, and when the last one ceased to. */
  private static final class Doubt {
    final BitSet by = new BitSet();
    long endedAt;
  }

  private final World world;
  private final Map<PeerId, Doubt> doubts = new HashMap<>();

  Doubts(World world) {
    this.world = world;
  }

  /** A peer has told what it knows of others. */
  void heard(Node node, NetworkEvent event) {
    if (event instanceof NetworkEvent.PeerFailed failed) {
      begin(node, failed.peer());
    } else if (event instanceof NetworkEvent.PeerLeft left) {
      begin(node, left.peer());
    } else if (event instanceof NetworkEvent.PeerJoined joined) {
      Doubt doubt = doubts.get(joined.peer());
      if (doubt != null) {
        end(doubt, node.index());
      }
    }
  }

  private void begin(Node node, PeerId peer) {
    if (world.isInOrEntering(peer)) {
      doubts.computeIfAbsent(peer, none -> new Doubt()).by.set(node.index());
    }
  }

  private void end(Doubt doubt, int by) {
    if (doubt.by.get(by)) {
      doubt.by.clear(by);
      doubt.endedAt = world.now();
    }
  }

  /** A process is no more: what it took others for does not count, nor what it is taken for. */
  void gone(Node node) {
    doubts.remove(node.id());
    doubts.values().forEach(doubt -> end(doubt, node.index()));
  }

  /** Who has forgotten everybody and come back knows again whom it has not told of. */
  void review() {
    doubts.forEach(
        (peer, doubt) -> {
          for (int by = doubt.by.nextSetBit(0); by >= 0; by = doubt.by.nextSetBit(by + 1)) {
            if (knows(world.node(by), peer)) {
              end(doubt, by);
            }
          }
        });
  }

  private static boolean knows(Node node, PeerId peer) {
    RingView view = node.view();
    return view == null || view.find(peer).isPresent();
  }

  /** Whether nobody has doubted a peer at a time or since. */
  boolean noneOf(PeerId peer, long since) {
    Doubt doubt = doubts.get(peer);
    return doubt == null || (doubt.by.isEmpty() && doubt.endedAt < since);
  }
}
