// One message without a pin on its way through a peer.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One message on its way through, and what is known of the copies that were passed on. */
final class Passage extends Wheel.Entry<Passage> {
  /** Which copy of which message. */
  record Name(PeerId origin, long id, int attempt, int copy) {}

  final Name name;
  final int hops;
  final List<PeerId> path;
  final long arrivedAt;
  final long age;

  /** The neighbour whose share of the room it takes; empty for this peer's own. */
  @Nullable Neighbour from;

  /** Empty once the next peer has it. */
  @Nullable Envelope envelope;

  /** Whether its end has gone back to its origin. */
  boolean finished;

  /** Whether two peers may have been given it. */
  boolean inDoubt;

  /** Who is waited for: to answer if it was sent, else for its link. */
  @Nullable Neighbour next;

  long sentAt = -1;
  int given;
  final List<PeerId> tried = new ArrayList<>(Directions.MOST_CANDIDATES);

  Passage(long number, Name name, Envelope envelope, List<PeerId> path, long age, long now) {
    super(number);
    this.name = name;
    this.envelope = envelope;
    this.path = path;
    this.age = age;
    arrivedAt = now;
    hops = path.size();
  }
}
