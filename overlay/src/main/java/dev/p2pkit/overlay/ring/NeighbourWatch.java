// Notices when one of the two neighbours has been silent for too long.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Watches the silence of the two neighbours. Each is given time from when it became a neighbour or
 * was heard last, whichever is later; what passed while this process did not run does not count.
 */
final class NeighbourWatch {
  /** A neighbour, and since when it is one. */
  private static final class Watched {
    private @Nullable PeerId id;
    private long since;

    long since(PeerId neighbour, long now) {
      if (!neighbour.equals(id)) {
        id = neighbour;
        since = now;
      }
      return since;
    }
  }

  private final RingCore core;
  private final Acquaintances acquaintances;
  private final Predicate<PeerId> suspected;
  private final Watched before = new Watched();
  private final Watched after = new Watched();

  /** Silence before this moment counts for nothing: this process did not run. */
  private long excusedUntil = Long.MIN_VALUE / 2;

  /**
   * Watches whoever the neighbours are.
   *
   * @param suspected who is under investigation already
   */
  NeighbourWatch(RingCore core, Acquaintances acquaintances, Predicate<PeerId> suspected) {
    this.core = core;
    this.acquaintances = acquaintances;
    this.suspected = suspected;
  }

  /** This process did not run until now. */
  void excuse(long now) {
    excusedUntil = now;
  }

  /** Before which moment silence counts for nothing. */
  long excusedUntil() {
    return excusedUntil;
  }

  /** Since when a peer has said nothing. */
  long quietSince(PeerId id) {
    return Math.max(excusedUntil, acquaintances.heardAt(id));
  }

  /** Whether a neighbour has spoken so lately that news of its death is doubtful. */
  boolean hears(PeerId id, long now) {
    return core.pointers.contain(id)
        && now - acquaintances.heardAt(id) < core.config.heartbeat() * 3 / 2;
  }

  /** The neighbours that have been silent for too long, the successor first. */
  List<PeerRef> overdue(long now) {
    List<PeerRef> overdue = new ArrayList<>(2);
    core.pointers
        .successor()
        .filter(ref -> overdueAt(after, ref, now) <= now)
        .ifPresent(overdue::add);
    core.pointers
        .predecessor()
        .filter(ref -> overdueAt(before, ref, now) <= now)
        .ifPresent(overdue::add);
    return overdue;
  }

  /** When one of them will have been. */
  long nextAt(long now) {
    Optional<PeerRef> successor = core.pointers.successor();
    Optional<PeerRef> predecessor = core.pointers.predecessor();
    return Math.min(
        successor.map(ref -> overdueAt(after, ref, now)).orElse(Long.MAX_VALUE),
        predecessor.map(ref -> overdueAt(before, ref, now)).orElse(Long.MAX_VALUE));
  }

  private long overdueAt(Watched watched, PeerRef ref, long now) {
    PeerId id = ref.id();
    return suspected.test(id)
        ? Long.MAX_VALUE
        : Math.max(watched.since(id, now), quietSince(id))
            + core.health.stretch(core.config.suspicion(), id);
  }
}
