// The link between two simulated peers, as each of its two ends sees it.
package dev.p2pkit.overlay.simulator;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The link between two peers. There is at most one, whoever dialled. */
final class SimulatedLink {
  /** What one end believes of the link. */
  enum State {
    DOWN,
    DIALLING,
    UP
  }

  /** One end of the link. */
  static final class End {
    final SimulatedPeer peer;
    // Thousands of peers have millions of links, of which few wait.
    private @Nullable Queue<Parcel> waiting;
    State state = State.DOWN;

    /** When the last message in order arrives here. */
    long lastArrival;

    /** Whether what the other end sends is cut off from here. */
    boolean deaf;

    /** Messages of this opening of the link, and of earlier ones, arrive no more. */
    int closedUpTo;

    End(SimulatedPeer peer) {
      this.peer = peer;
    }

    /** Keeps a message until the link is up; false if too many wait. */
    boolean keep(Parcel parcel, int most) {
      if (waiting == null) {
        waiting = new ArrayDeque<>();
      }
      return waiting.size() < most && waiting.add(parcel);
    }

    /** The messages that waited, which now wait no more. */
    Queue<Parcel> takeWaiting() {
      Queue<Parcel> taken = waiting == null ? new ArrayDeque<>(0) : waiting;
      waiting = null;
      return taken;
    }
  }

  private final End one;
  private final End other;

  /** Counts how often the link has opened. */
  int opening;

  SimulatedLink(SimulatedPeer one, SimulatedPeer other) {
    this.one = new End(one);
    this.other = new End(other);
  }

  End one() {
    return one;
  }

  End other() {
    return other;
  }

  End end(SimulatedPeer peer) {
    return one.peer == peer ? one : other;
  }

  End opposite(SimulatedPeer peer) {
    return one.peer == peer ? other : one;
  }

  boolean anyUp() {
    return one.state == State.UP || other.state == State.UP;
  }

  /** Whether nothing can pass in at least one direction. */
  boolean broken() {
    return one.deaf || other.deaf || one.peer.side != other.peer.side;
  }
}
