// One interval of one broadcast that this peer has to serve.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An interval that this peer serves: for the peers that handed it over, or as the origin. */
final class Duty {
  /** More than this many peers are not told about one duty. */
  private static final int MAX_PARENTS = 16;

  /** Hears how a duty ended. */
  interface Ended {
    void ended(long now, Tally tally);
  }

  final Work work;
  final Arc interval;
  final long deadlineAt;
  final List<Delegation> delegations = new ArrayList<>(0);
  private final Map<PeerId, PeerRef> parents = new LinkedHashMap<>(2);
  private final @Nullable Ended whenDone;
  private @Nullable Tally tally;

  /** Ends it at its deadline. */
  Agenda.@Nullable Entry deadline;

  /** Tells its parents meanwhile that it is being served. */
  Agenda.@Nullable Entry keepalive;

  Duty(Work work, Arc interval, long deadlineAt, @Nullable Ended whenDone) {
    this.work = work;
    this.interval = interval;
    this.deadlineAt = deadlineAt;
    this.whenDone = whenDone;
  }

  void addParent(PeerRef parent) {
    if (parents.size() < MAX_PARENTS) {
      parents.put(parent.id(), parent);
    }
  }

  Iterable<PeerRef> parents() {
    return parents.values();
  }

  boolean isDone() {
    return tally != null;
  }

  /** Whether it waits for delegates, or for what becomes of the content here. */
  boolean isWaiting() {
    if (work.own == null) {
      return true;
    }
    for (Delegation delegation : delegations) {
      if (delegation.result == null) {
        return true;
      }
    }
    return false;
  }

  Tally tally() {
    return tally == null ? Tally.NOBODY : tally;
  }

  /** Ends the duty; what served it is let go. */
  void end(long now, Tally result) {
    tally = result;
    Agenda.cancel(deadline);
    Agenda.cancel(keepalive);
    delegations.clear();
    if (whenDone != null) {
      whenDone.ended(now, result);
    }
  }
}
