// Tells that a neighbour lives which cannot be dialled from here.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.Map;
import java.util.TreeMap;

/**
 * Neighbours that could not be dialled although others reach them: somebody should open the way, so
 * the event {@code Rejected} names each of them once, until it is heard straight again.
 */
final class ClosedPaths {
  private final RingCore core;

  /** Those that could not be dialled and were not heard since; whether that was told. */
  private final Map<PeerId, Boolean> undialled = new TreeMap<>();

  ClosedPaths(RingCore core) {
    this.core = core;
  }

  void onLink(PeerId id, LinkEvent event) {
    boolean failed = event == LinkEvent.UNREACHABLE || event == LinkEvent.REJECTED;
    if (failed && core.pointers.contain(id)) {
      undialled.putIfAbsent(id, false);
      if (core.detours.isOpen(id)) {
        core.table.find(id).ifPresent(this::reached);
      }
    }
  }

  /** Others reach this peer. */
  void reached(PeerRef ref) {
    if (core.pointers.contain(ref.id())
        && Boolean.FALSE.equals(undialled.replace(ref.id(), true))) {
      core.tell(
          new NetworkEvent.Rejected(
              "the neighbour "
                  + ref
                  + " is alive but cannot be reached from here; open the way to it"));
    }
  }

  /** It was heard straight, or is gone. */
  void forget(PeerId id) {
    if (!undialled.isEmpty()) {
      undialled.remove(id);
    }
  }

  void clear() {
    undialled.clear();
  }
}
