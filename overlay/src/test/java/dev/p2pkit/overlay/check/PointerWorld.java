// A checked world whose promise is Zave's invariant.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.oracle.Neighbours;
import dev.p2pkit.overlay.simulator.oracle.RingShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A world in which the ring must keep its shape. */
final class PointerWorld extends RingWorld {
  /** Whether processes end only as the proof assumes; else any may, and principals may run out. */
  private final boolean withBase;

  PointerWorld(Rules rules, boolean withBase) {
    super(rules);
    this.withBase = withBase;
  }

  /** Members in Zave's sense: those that have lists, whether or not they own keys yet. */
  private RingShape shape() {
    List<Neighbours> members = new ArrayList<>();
    for (CheckedPeer peer : peers) {
      if (peer.alive && (peer.member() || !peer.ring.view().successors().isEmpty())) {
        members.add(Neighbours.of(peer.ring.view()));
      }
    }
    return new RingShape(members);
  }

  @Override
  boolean mayEnd(CheckedPeer peer) {
    return !withBase || shape().mayDie(peer.ref.id(), rules.config.successors());
  }

  @Override
  public Optional<String> broken() {
    return shape().broken(withBase ? rules.config.successors() : 0).map(this::readable);
  }

  @Override
  public boolean calm() {
    return missing().isEmpty();
  }

  @Override
  public String missing() {
    List<CheckedPeer> members = new ArrayList<>();
    for (CheckedPeer peer : peers) {
      if (peer.member()) {
        members.add(peer);
      } else if (peer.alive && peer.joining) {
        return peer.name() + " is joining";
      }
    }
    members.sort((one, other) -> one.ref.id().compareTo(other.ref.id()));
    int size = members.size();
    for (int i = 0; i < size; i++) {
      RingView view = members.get(i).ring.view();
      int most = Math.min(rules.config.successors(), size - 1);
      if (view.successors().size() != most) {
        return members.get(i).name() + " has " + readable(view.successors().toString());
      }
      for (int k = 0; k < most; k++) {
        PeerRef right = members.get((i + k + 1) % size).ref;
        if (!view.successors().get(k).equals(right)) {
          return members.get(i).name() + " has " + readable(view.successors().toString());
        }
      }
      if (size > 1 && !view.predecessor().equals(members.get((i + size - 1) % size).ref)) {
        return members.get(i).name() + " is preceded by " + readable(view.predecessor().toString());
      }
    }
    return "";
  }

  @Override
  public String picture() {
    StringBuilder text = new StringBuilder();
    for (CheckedPeer peer : peers) {
      if (peer.alive && (peer.member() || !peer.ring.view().successors().isEmpty())) {
        text.append(peer.name())
            .append(peer.member() ? "" : "?")
            .append(readable(peer.ring.view().predecessors().toString()))
            .append('>')
            .append(readable(peer.ring.view().successors().toString()))
            .append("  ");
      }
    }
    return text.toString();
  }
}
