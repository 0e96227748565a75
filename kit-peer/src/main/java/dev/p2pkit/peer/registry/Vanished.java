// Who had the new version of a roll-out and is no member any more.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.PeerId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Peers that praised a version and then left the ring, by chain: the version may have taken them
 * along. Only whether there are any counts, so at most {@link Waves#WATCHED} are kept of each. In
 * memory: a peer that was restarted knows of none.
 */
final class Vanished {
  private final Map<Chain, Of> all = new HashMap<>();

  private record Of(String archive, Set<PeerId> peers) {}

  /** A peer that had this version is gone. */
  void add(HealthReport last) {
    Of known = all.get(last.chain());
    if (known == null || !known.archive().equals(last.archive())) {
      known = new Of(last.archive(), new HashSet<>());
      all.put(last.chain(), known);
    }
    if (known.peers().size() < Waves.WATCHED) {
      known.peers().add(last.peer());
    }
  }

  /** A peer speaks again. */
  void back(HealthReport report) {
    Of known = all.get(report.chain());
    if (known != null) {
      known.peers().remove(report.peer());
    }
  }

  /** Whether some of those that had what a record brings are gone. */
  boolean any(ServiceRecord record) {
    Of known = all.get(Chain.of(record));
    return known != null && known.archive().equals(record.archive()) && !known.peers().isEmpty();
  }

  /** Forgets all chains but these. */
  void keep(Set<Chain> chains) {
    all.keySet().retainAll(chains);
  }
}
