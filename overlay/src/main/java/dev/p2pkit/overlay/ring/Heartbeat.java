// The beat of the ring: once a second everything that is due is looked at.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.Optional;

/**
 * Once a second: the question to the successor, the silence of the two neighbours, members that
 * should be neighbours and are not.
 */
final class Heartbeat {
  private final RingCore core;
  private long dueAt;

  Heartbeat(RingCore core) {
    this.core = core;
  }

  void start(long now) {
    // Peers that were started together need not beat together.
    schedule(now + core.between(0, core.config.heartbeat()));
  }

  private void schedule(long at) {
    dueAt = at;
    core.effects.timer(Timers.HEARTBEAT, at);
  }

  void onTimer(long now) {
    long late = now - dueAt;
    schedule(now + core.config.heartbeat());
    if (late > Detector.NOTICEABLY_LATE) {
      overslept(now, late);
    }
    if (!core.phase.hasPlace()) {
      return;
    }
    core.ownership.beat();
    core.detours.tick(now);
    core.detector.watch(now);
    Optional<PeerRef> skipped = skipped();
    if (skipped.isPresent()) {
      core.stabiliser.candidate(now, skipped.get());
    }
    core.stabiliser.tick(now);
    core.effects.tick(now);
    core.ladder.tick(now);
    core.comparison.tick(now);
    core.merger.tick(now);
    core.unions.tick(now);
    core.reunion.tick(now);
    int missing = core.sizes.suspicious(now, core.table.size());
    if (missing > 0) {
      core.tell(new NetworkEvent.PartitionSuspected(missing, core.table.size()));
    }
    core.table.forget(now, core.config.memory());
  }

  /**
   * A member of the table that stands between this peer and its successor: asked whether it does.
   */
  private Optional<PeerRef> skipped() {
    PeerRef next = core.table.after(core.self.id().position());
    return core.pointers.wouldSucceed(next.id()) ? Optional.of(next) : Optional.empty();
  }

  /** This process did not run for a while: nobody else was silent, and others may have acted. */
  private void overslept(long now, long late) {
    core.detector.overslept(now);
    if (late > core.config.suspicion() / 2 && core.phase.hasPlace()) {
      core.merger.overslept(now);
      if (!core.alone()) {
        core.ownership.doubted();
      }
    }
  }
}
