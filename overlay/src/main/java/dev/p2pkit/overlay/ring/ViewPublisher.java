// Turns what the ring knows into views and events.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.List;

/**
 * Publishes a view when something has changed in a step. Changes of pointers and ownership are
 * published at once, changes of the membership alone at most once in {@link RingConfig#viewPause}:
 * while a thousand peers join, copying the table for each would cost more than all else.
 */
final class ViewPublisher {
  private final RingCore core;
  private final Broadcaster broadcaster;
  private RingView view;
  private long version;
  private long published = Long.MIN_VALUE / 2;
  private long membership;
  private boolean joined;
  private long holdings;
  private List<PeerRef> successors = List.of();
  private List<PeerRef> predecessors = List.of();
  private boolean wasAlone;
  private boolean timerSet;
  private long successorChanges;
  private long predecessorChanges;

  ViewPublisher(RingCore core, Broadcaster broadcaster) {
    this.core = core;
    this.broadcaster = broadcaster;
    view = RingView.outside(core.self);
    membership = core.ladder.changes();
  }

  /** This peer's endpoint is known now. */
  void start() {
    view = RingView.outside(core.self);
    membership = core.ladder.changes();
  }

  RingView view() {
    return view;
  }

  long successorChanges() {
    return successorChanges;
  }

  long predecessorChanges() {
    return predecessorChanges;
  }

  void onTimer() {
    timerSet = false;
  }

  /** The step is over. */
  void settle(long now) {
    boolean joinedNow = core.phase == Phase.MEMBER;
    boolean pointersChanged =
        joinedNow != joined
            || core.ownership.changes() != holdings
            || !core.pointers.successors().equals(successors)
            || !core.pointers.predecessors().equals(predecessors);
    if (!pointersChanged) {
      if (membership == core.ladder.changes() || timerSet) {
        return;
      }
      if (now - published < core.config.viewPause()) {
        timerSet = true;
        core.effects.timer(Timers.VIEW, published + core.config.viewPause());
        return;
      }
    }
    boolean tableChanged = membership != core.ladder.changes();
    List<PeerRef> oldSuccessors = successors;
    List<PeerRef> oldPredecessors = predecessors;
    membership = core.ladder.changes();
    joined = joinedNow;
    holdings = core.ownership.changes();
    successors = core.pointers.successors();
    predecessors = core.pointers.predecessors();
    published = now;
    view =
        core.ladder
            .view(joined, ++version, predecessors, successors)
            .holding(core.ownership.holding());
    broadcaster.onView(now, view);
    core.listener.onView(view);
    tell(oldSuccessors, oldPredecessors, tableChanged);
  }

  private void tell(List<PeerRef> oldSuccessors, List<PeerRef> oldPredecessors, boolean table) {
    boolean alone = core.phase == Phase.MEMBER && core.alone();
    if (alone && !wasAlone) {
      core.tell(new NetworkEvent.Alone());
    }
    wasAlone = alone;
    PeerId before = first(predecessors);
    if (!before.equals(first(oldPredecessors))) {
      predecessorChanges++;
      core.tell(new NetworkEvent.NewPredecessor(before));
    }
    PeerId after = first(successors);
    if (!after.equals(first(oldSuccessors))) {
      successorChanges++;
      core.tell(new NetworkEvent.NewSuccessor(after));
    }
    if (!successors.equals(oldSuccessors)) {
      core.tell(new NetworkEvent.NewSuccessorList(successors.stream().map(PeerRef::id).toList()));
    }
    if (table) {
      core.tell(new NetworkEvent.NewRoutingTable(core.known.all().size()));
    }
  }

  /** Of an empty list the first is this peer itself: its own neighbour. */
  private PeerId first(List<PeerRef> list) {
    return list.isEmpty() ? core.self.id() : list.get(0).id();
  }
}
