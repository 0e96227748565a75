// Messages for keys that this peer is about to hold.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message for a key whose lease this peer does not hold yet, though by its pointers it should,
 * waits a moment: that saves the round trip of a refusal. The queue is bounded, and so is the wait.
 */
final class Parking {
  /** One message, and how it came. */
  record Waiting(
      PeerRef from, Envelope envelope, RoutedFrame.@Nullable Routed routed, long age, long since) {}

  private final Surroundings around;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(1);
  private long bytes;

  /** What is taken out is not put back. */
  boolean releasing;

  Parking(Surroundings around) {
    this.around = around;
  }

  /** Keeps a message for a while; false if it must be decided upon now. */
  boolean takes(
      long now, PeerRef from, Envelope envelope, RoutedFrame.@Nullable Routed routed, long age) {
    if (releasing
        || !envelope.byKey()
        || around.leaving
        || !isNominal(envelope, now)
        || !hasRoom(around.neighbour(from), envelope)) {
      return false;
    }
    around.neighbour(from).parked++;
    bytes += envelope.body().length;
    waiting.add(new Waiting(from, envelope, routed, age, now));
    return true;
  }

  /** Half of the room at most is for one neighbour. */
  private boolean hasRoom(Neighbour from, Envelope envelope) {
    int most = around.config.maxParked();
    return waiting.size() < most
        && from.parked <= most / 2
        && bytes + envelope.body().length <= around.config.maxRememberedBytes() / 4;
  }

  private void taken(Waiting out) {
    around.neighbour(out.from()).parked--;
    bytes -= out.envelope().body().length;
  }

  /** Whether this peer should hold the key by what it knows of the ring, and does not yet. */
  boolean isNominal(Envelope envelope, long now) {
    RingView view = around.view;
    Key key = envelope.target();
    return !view.predecessors().isEmpty()
        && key.isIn(view.predecessor().id().position(), around.self.id().position())
        && !around.owns(key, now, envelope.accessPoint());
  }

  long nextEnd() {
    Waiting first = waiting.peek();
    return first == null ? Long.MAX_VALUE : first.since() + around.config.parkFor();
  }

  /** Takes out what is not about to be held any more: served now, or not this peer's key. */
  List<Waiting> all(long now) {
    List<Waiting> ready = new ArrayList<>();
    waiting.removeIf(
        next -> {
          boolean decided = !isNominal(next.envelope(), now);
          if (decided) {
            taken(next);
            ready.add(next);
          }
          return decided;
        });
    return ready;
  }

  /** Takes out what has waited long enough. */
  List<Waiting> late(long now) {
    List<Waiting> late = new ArrayList<>();
    Waiting first = waiting.peek();
    while (first != null && now - first.since() >= around.config.parkFor()) {
      taken(first);
      late.add(waiting.remove());
      first = waiting.peek();
    }
    return late;
  }
}
