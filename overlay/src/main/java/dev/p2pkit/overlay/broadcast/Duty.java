// One interval of one broadcast that this peer has to serve.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An interval that this peer serves: for the peers that handed it over, or as the origin. */
final class Duty {
  /** More than this many peers are not told about one duty. */
  private static final int MAX_PARENTS = 16;

  final Remembered broadcast;
  final Arc interval;
  final long deadlineAt;
  final List<Delegation> delegations = new ArrayList<>();
  private final Map<PeerId, PeerRef> parents = new LinkedHashMap<>();
  private final @Nullable Consumer<Tally> whenDone;
  private @Nullable Tally tally;

  Duty(Remembered broadcast, Arc interval, long deadlineAt, @Nullable Consumer<Tally> whenDone) {
    this.broadcast = broadcast;
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

  boolean isWaiting() {
    return delegations.stream().anyMatch(delegation -> delegation.result == null);
  }

  Tally tally() {
    return tally == null ? Tally.NOBODY : tally;
  }

  /** Ends the duty: parts without a result count as missed. */
  void end(Tally result) {
    tally = result;
    if (whenDone != null) {
      whenDone.accept(result);
    }
  }
}
