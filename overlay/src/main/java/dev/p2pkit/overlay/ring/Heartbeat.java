// The beat of the ring: once a second everything that is due is looked at.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Once a second: the question to the successor, the silence of the two neighbours, members that
 * should be neighbours and are not, and overdue announcements.
 */
final class Heartbeat {
  private static final long NOTICEABLY_LATE = 100_000;

  /** One neighbour and when it was last heard. */
  private static final class Watched {
    private @Nullable PeerId id;
    private long heardAt;

    void heard(PeerId from, long now) {
      if (from.equals(id)) {
        heardAt = now;
      }
    }

    long silence(PeerId neighbour, long now) {
      if (!neighbour.equals(id)) {
        id = neighbour;
        heardAt = now;
      }
      return now - heardAt;
    }

    void excuse(long now) {
      heardAt = now;
    }
  }

  private final RingCore core;
  private final TableComparison comparison;
  private final Watched successor = new Watched();
  private final Watched predecessor = new Watched();
  private long dueAt;

  Heartbeat(RingCore core, TableComparison comparison) {
    this.core = core;
    this.comparison = comparison;
  }

  void start(long now) {
    // Peers that were started together need not beat together.
    schedule(now + core.between(0, core.config.heartbeat()));
  }

  private void schedule(long at) {
    dueAt = at;
    core.effects.timer(Timers.HEARTBEAT, at);
  }

  void heard(long now, PeerId from) {
    successor.heard(from, now);
    predecessor.heard(from, now);
  }

  void onTimer(long now) {
    long late = now - dueAt;
    schedule(now + core.config.heartbeat());
    if (late > NOTICEABLY_LATE) {
      overslept(now, late);
    }
    if (!core.phase.hasPlace()) {
      return;
    }
    core.pointers.successor().ifPresent(ref -> watch(now, successor, ref));
    core.pointers.predecessor().ifPresent(ref -> watch(now, predecessor, ref));
    Optional<PeerRef> skipped = skipped();
    if (skipped.isPresent()) {
      core.stabiliser.candidate(now, skipped.get());
    }
    core.stabiliser.tick(now);
    comparison.tick(now);
    core.announceOverdue(now);
    core.table.forget(now, core.config.memory());
  }

  /**
   * A member of the table that stands between this peer and its successor: asked whether it does.
   */
  private Optional<PeerRef> skipped() {
    PeerRef next = core.table.after(core.self.id().position());
    return core.pointers.wouldSucceed(next.id()) ? Optional.of(next) : Optional.empty();
  }

  private void watch(long now, Watched watched, PeerRef ref) {
    if (watched.silence(ref.id(), now) > core.health.stretch(core.config.suspicion())) {
      core.detector.investigate(now, ref);
    }
  }

  /** This process did not run for a while: nobody else was silent, and others may have acted. */
  private void overslept(long now, long late) {
    core.health.worse();
    successor.excuse(now);
    predecessor.excuse(now);
    if (late > core.config.suspicion() / 2 && core.phase.hasPlace() && core.table.size() > 1) {
      core.ownership.doubted(now);
    }
  }
}
