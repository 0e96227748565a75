// The slots of a peer: one for each service instance that runs here, or is to.
package dev.p2pkit.peer.registry;

import dev.p2pkit.sdk.Key;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds slots, and says which of them stands in another's way. */
final class Slots {
  private final Map<Chain, Slot> slots = new TreeMap<>();

  Collection<Slot> all() {
    return slots.values();
  }

  Optional<Slot> of(Chain chain) {
    return Optional.ofNullable(slots.get(chain));
  }

  /** The slot of a chain, which begins at an access point if it is new. */
  Slot ofOrNew(Chain chain, String accessPoint) {
    return slots.computeIfAbsent(chain, it -> new Slot(it, accessPoint));
  }

  /** Forgets a slot of which nothing came. */
  void removeIfEmpty(Slot slot) {
    if (slot.job == null && slot.queued == null && slot.inForce == null && slot.running == null) {
      slots.remove(slot.chain);
    }
  }

  /** Those that may have waited for the access point of this one; they are of the same name. */
  List<Slot> rivals(Slot slot) {
    return slots.values().stream()
        .filter(other -> other != slot && other.chain.name().equals(slot.chain.name()))
        .toList();
  }

  /** Whether another slot has the place that this one is to have. */
  boolean occupied(Slot slot, String accessPoint) {
    return slots.values().stream()
        .anyMatch(
            other ->
                other != slot
                    && other.accessPoint.equals(accessPoint)
                    && other.chain.instance().equals(slot.chain.instance())
                    && (other.running != null || other.moving || other.job != null));
  }

  /** Whether an archive is being prepared with a grant. */
  boolean granted(String archive, Key grant) {
    return slots.values().stream()
        .anyMatch(
            slot ->
                (slot.job != null && slot.job.has(archive, grant))
                    || (slot.queued != null && slot.queued.has(archive, grant)));
  }
}
