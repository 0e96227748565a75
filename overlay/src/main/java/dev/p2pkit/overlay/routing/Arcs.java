// Which peer held which keys when it last answered.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Arcs learnt from answers. What is wrong here costs a refusal: only an owner itself decides
 * whether it serves a key. The arc that was used least recently gives way.
 */
final class Arcs {
  private final int most;
  private final TreeMap<PeerId, Arc> byOwner = new TreeMap<>();
  private final LinkedHashMap<PeerId, Boolean> byUse = new LinkedHashMap<>(16, 0.75f, true);

  Arcs(int most) {
    this.most = most;
  }

  int size() {
    return byOwner.size();
  }

  void learn(Arc arc) {
    PeerId owner = arc.owner().id();
    Arc known = byOwner.get(owner);
    if (known != null && known.owner().incarnation() > arc.owner().incarnation()) {
      return;
    }
    byOwner.put(owner, arc);
    byUse.put(owner, true);
    if (byUse.size() > most) {
      PeerId least = byUse.keySet().iterator().next();
      byUse.remove(least);
      byOwner.remove(least);
    }
  }

  /** Who held the key. */
  @Nullable PeerRef owner(Key key) {
    if (byOwner.isEmpty()) {
      return null;
    }
    Map.Entry<PeerId, Arc> at = byOwner.ceilingEntry(new PeerId(key));
    Arc arc = at == null ? byOwner.firstEntry().getValue() : at.getValue();
    if (!key.isIn(arc.from(), arc.owner().id().position())) {
      return null;
    }
    Boolean unused = byUse.get(arc.owner().id());
    return arc.owner();
  }

  void forget(PeerId owner) {
    byOwner.remove(owner);
    byUse.remove(owner);
  }
}
