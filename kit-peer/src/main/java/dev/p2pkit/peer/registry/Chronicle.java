// The last records of each chain, and the forks among them.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this peer has seen of each chain, the latest {@value #MOST} records of it, those that lost
 * against another one of their epoch too: what a rollback goes back to, and what shows that an
 * owner has signed twice.
 */
final class Chronicle {
  /** How many records of a chain are kept. */
  static final int MOST = 16;

  private final Map<Chain, List<ServiceRecord>> chains = new HashMap<>();

  /** What is known of a chain, in the order of {@link Catalogue#ORDER}. */
  List<ServiceRecord> of(Chain chain) {
    return List.copyOf(chains.getOrDefault(chain, List.of()));
  }

  /**
   * Keeps a record whose signature was checked.
   *
   * @return whether it shows a fork that was not known: another record that follows the same one
   */
  boolean add(ServiceRecord record) {
    List<ServiceRecord> known = chains.computeIfAbsent(Chain.of(record), it -> new ArrayList<>());
    if (known.contains(record)) {
      return false;
    }
    List<ServiceRecord> twins = known.stream().filter(other -> isFork(other, record)).toList();
    known.add(record);
    known.sort(Catalogue.ORDER);
    if (known.size() > MOST) {
      known.remove(0);
    }
    // A third record of the same place is no other fork.
    return twins.size() == 1;
  }

  /** Whether two records follow the same one: their owner has signed in two places at once. */
  static boolean isFork(ServiceRecord one, ServiceRecord other) {
    return !one.equals(other)
        && one.generation() == other.generation()
        && one.epoch() == other.epoch()
        && one.previous().equals(other.previous());
  }

  /** The edition with an archive, if the chain ever had one. */
  Optional<Edition> edition(Chain chain, String archive) {
    List<ServiceRecord> known = chains.getOrDefault(chain, List.of());
    for (int i = known.size() - 1; i >= 0; i--) {
      ServiceRecord record = known.get(i);
      if (record.archive().equals(archive)) {
        return Optional.of(record.edition());
      }
      Optional<Edition> base = record.plan().base().filter(it -> it.archive().equals(archive));
      if (base.isPresent()) {
        return base;
      }
    }
    return Optional.empty();
  }

  void forget(Chain chain) {
    chains.remove(chain);
  }
}
