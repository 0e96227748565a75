// What all parts of a router share: the view of the ring, the links, and what is due at the end of
// a step.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The peer, its view and its links as the parts of the router see them. */
final class Surroundings {
  private static final RoutingFrame.Knock KNOCK = new RoutingFrame.Knock();

  /** A dial of which nothing was heard for so long is taken as failed (microseconds). */
  private static final long DIAL_LOST = 10_000_000;

  final RouterConfig config;
  PeerRef self;
  final Outbox outbox;
  final Counters counters = new Counters();
  final Arcs arcs;
  final Passing passing;
  RingView view;

  /** When this process began, in machine time. */
  long startedAt;

  /** When the view changed last, in machine time. */
  long changedAt;

  /** No new calls of this peer are taken. */
  boolean closing;

  /** No new messages of others are taken. */
  boolean leaving;

  /** The ring as it was when this peer left it: who comes to it late is told who has its keys. */
  Optional<RingView> before = Optional.empty();

  private final Effects effects;
  private final RouterListener listener;

  // For look-ups only: nothing depends on the order of a HashMap.
  private final Map<PeerId, Neighbour> neighbours = new HashMap<>();

  /** The same in the order of their positions, until somebody comes or goes. */
  private @Nullable List<Neighbour> inOrder;

  private final TreeMap<PeerId, Neighbour> connected = new TreeMap<>();

  /** Linked peers whose address is not known yet: a link is reported before its first message. */
  private final Map<PeerId, Long> strangers = new HashMap<>();

  Surroundings(RouterConfig config, Effects effects, RouterListener listener) {
    this.config = config;
    this.effects = effects;
    this.listener = listener;
    self = effects.self();
    outbox = new Outbox(listener);
    view = RingView.outside(self);
    arcs = new Arcs(config.maxArcs());
    passing = new Passing(config);
    Neighbour here = new Neighbour(self);
    here.up = true;
    neighbours.put(self.id(), here);
  }

  /** This peer's address may have become known since. */
  void refreshSelf() {
    self = effects.self();
    view = RingView.outside(self);
    neighbour(self).ref = self;
  }

  /** Whether this peer may serve a key now, to receivers at this access point. */
  boolean owns(Key key, long now, String accessPoint) {
    return view.owns(key, now, listener.mode(accessPoint));
  }

  /** Since when it knows what was accepted for a key; empty if it does not hold it. */
  OptionalLong heldSince(Key key, String accessPoint) {
    return view.holding().tenure(listener.mode(accessPoint)).since(key);
  }

  boolean isSelf(PeerId peer) {
    return peer.equals(self.id());
  }

  /** The record of a peer, made if there is none. */
  Neighbour neighbour(PeerRef ref) {
    Neighbour known = neighbours.get(ref.id());
    if (known == null) {
      known = new Neighbour(ref);
      neighbours.put(ref.id(), known);
      inOrder = null;
      Long since = strangers.remove(ref.id());
      if (since != null) {
        linkUp(since, known);
      }
    } else if (ref.incarnation() > known.ref.incarnation()) {
      known.ref = ref;
    }
    return known;
  }

  /** The record of a peer from whose link something came: the link proves which process it is. */
  Neighbour heardFrom(PeerRef from) {
    Neighbour known = neighbour(from);
    long believed = known.ref.incarnation();
    if (believed > from.incarnation()
        && view.find(from.id()).filter(is -> is.incarnation() >= believed).isEmpty()) {
      known.ref = from;
    }
    return known;
  }

  /**
   * A peer as others have named it, corrected by what this one knows better: hints may not move a
   * peer to another address, nor make up a process.
   */
  PeerRef believed(PeerRef told) {
    Neighbour known = neighbours.get(told.id());
    PeerRef linked = known != null && known.up ? known.ref : null;
    PeerRef member = view.find(told.id()).orElse(null);
    if (linked == null) {
      return member == null ? told : member;
    }
    return member == null || member.incarnation() < linked.incarnation() ? linked : member;
  }

  @Nullable Neighbour find(PeerId id) {
    return neighbours.get(id);
  }

  /** All records in the order of their positions. */
  List<Neighbour> all() {
    List<Neighbour> all = inOrder;
    if (all == null) {
      all = new ArrayList<>(neighbours.values());
      all.sort((one, other) -> one.id.compareTo(other.id));
      inOrder = all;
    }
    return all;
  }

  /** Sends; false if the link has no room. */
  boolean offer(Neighbour to, RoutingFrame frame) {
    return effects.offer(to.ref, frame);
  }

  /** Opens the link to a peer if nobody does so already. */
  void knock(long now, Neighbour peer) {
    if (!peer.up && !(peer.dialling && now - peer.diallingSince < DIAL_LOST)) {
      peer.dialling = true;
      peer.diallingSince = now;
      peer.diallingIncarnation = peer.ref.incarnation();
      counters.dials++;
      effects.offer(peer.ref, KNOCK);
    }
  }

  void linkUp(long now, Neighbour peer) {
    peer.up = true;
    peer.upSince = now;
    peer.clock.reset();
    peer.session++;
    peer.dialling = false;
    peer.unreachable = false;
    peer.departed = false;
    peer.lives();
    connected.put(peer.id, peer);
  }

  /** The link to a peer of which nothing else is known yet has opened or closed. */
  void stranger(long now, PeerId peer, boolean up) {
    if (up) {
      strangers.put(peer, now);
    } else {
      strangers.remove(peer);
    }
  }

  /** The link has closed or could not be opened. */
  void linkGone(Neighbour peer) {
    peer.up = false;
    peer.dialling = false;
    connected.remove(peer.id);
  }

  /**
   * The connected peer at or after a place, clockwise, that could pass a message on to {@code
   * owner}; empty when the round comes back to the owner. Peers right after the owner come first:
   * they are its neighbours on the ring and most likely linked to it.
   */
  @Nullable Neighbour relayAfter(PeerId last, PeerId owner) {
    Map.Entry<PeerId, Neighbour> next = connected.higherEntry(last);
    if (next == null) {
      next = connected.firstEntry();
    }
    if (next == null) {
      return null;
    }
    PeerId candidate = next.getKey();
    boolean roundOver =
        candidate.equals(owner)
            || (!last.equals(owner)
                && owner.position().isIn(last.position(), candidate.position()));
    return roundOver ? null : next.getValue();
  }

  /** The connected peers around a key, nearest in either direction first. */
  List<Neighbour> connectedTowards(Key key, int most) {
    List<Neighbour> nearest = new ArrayList<>(most);
    PeerId place = new PeerId(key);
    for (Neighbour peer : connected.tailMap(place, true).values()) {
      if (nearest.size() == most / 2) {
        break;
      }
      nearest.add(peer);
    }
    for (Neighbour peer : connected.headMap(place, false).descendingMap().values()) {
      if (nearest.size() == most) {
        break;
      }
      nearest.add(peer);
    }
    nearest.sort((one, other) -> distance(one.id, key).compareTo(distance(other.id, key)));
    return nearest;
  }

  /** How far a peer is from a key, in the nearer direction. */
  static Key distance(PeerId peer, Key key) {
    Key ahead = key.distanceTo(peer.position());
    Key behind = peer.position().distanceTo(key);
    return ahead.compareTo(behind) <= 0 ? ahead : behind;
  }

  /** Forgets peers that have left the ring and to which nothing is open. */
  void prune() {
    boolean pruned =
        neighbours
            .values()
            .removeIf(peer -> peer.idle() && !isSelf(peer.id) && view.find(peer.id).isEmpty());
    if (pruned) {
      inOrder = null;
    }
  }

  void timer(long token, long at) {
    effects.timer(token, at);
  }
}
