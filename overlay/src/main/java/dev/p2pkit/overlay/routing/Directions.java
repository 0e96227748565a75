// Where a message without a pin, or a question about one, goes next.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

/** Picks the peers that are nearer to the owner of a key. */
final class Directions {
  /** So many peers are tried before a message bounces. */
  static final int MOST_CANDIDATES = 3;

  private static final int LOOKED_AT = 8;

  private final Surroundings around;

  Directions(Surroundings around) {
    this.around = around;
  }

  /** Who is known to be nearer to the owner, best first; a peer whose link is open goes before. */
  List<Neighbour> candidates(long now, Passage passage, Envelope envelope) {
    RingView view = around.view;
    Key target = envelope.target();
    List<PeerRef> refs = new ArrayList<>(LOOKED_AT);
    Neighbour named = envelope.byKey() ? null : around.find(envelope.pinned());
    if (named != null && named.up) {
      // It may be a peer outside of the ring, whose proxy this one is.
      refs.add(named.ref);
    } else if (view.isExact(target)) {
      int at = view.indexAtOrAfter(target);
      for (int i = 0; i < Math.min(MOST_CANDIDATES, view.size()); i++) {
        refs.add(view.member((at + i) % view.size()));
      }
    } else {
      PeerRef cached = around.arcs.owner(target);
      if (cached != null) {
        refs.add(cached);
      }
      Key mine = Surroundings.distance(around.self.id(), target);
      for (PeerRef known : view.towards(target, LOOKED_AT)) {
        if (Surroundings.distance(known.id(), target).compareTo(mine) < 0) {
          refs.add(known);
        }
      }
      if (refs.isEmpty() && !view.successors().isEmpty()) {
        refs.add(view.successors().get(0));
      }
    }
    List<Neighbour> candidates = new ArrayList<>(refs.size());
    for (PeerRef ref : refs) {
      Neighbour candidate = around.neighbour(ref);
      if (!candidate.isDead(ref, now) && !excluded(passage, candidate)) {
        candidates.add(candidate);
      }
    }
    return candidates;
  }

  List<Neighbour> connected(Passage passage, Envelope envelope) {
    List<Neighbour> usable = new ArrayList<>();
    for (Neighbour peer : around.connectedTowards(envelope.target(), LOOKED_AT)) {
      if (!excluded(passage, peer)) {
        usable.add(peer);
      }
    }
    return usable;
  }

  private boolean excluded(Passage passage, Neighbour peer) {
    return around.isSelf(peer.id)
        || passage.tried.contains(peer.id)
        || passage.path.contains(peer.id)
        || peer.id.equals(passage.name.origin());
  }

  /**
   * Sends a question on towards whoever holds its target, to a linked peer if there is one that is
   * nearer; false if there is nobody. A question that is asked again goes another way.
   */
  boolean ask(KeyQuery query, int again) {
    List<Neighbour> ways = ways(query);
    boolean far = query.hops() <= 0 || query.path().size() >= RoutedFrame.MOST_HOPS;
    if (far || ways.isEmpty()) {
      return false;
    }
    boolean own = around.isSelf(query.origin());
    List<PeerId> path = new ArrayList<>(query.path());
    if (!own) {
      path.add(around.self.id());
    }
    KeyQuery next =
        new KeyQuery(
            query.origin(),
            query.id(),
            query.attempt(),
            query.lowestOpen(),
            query.target(),
            query.witness(),
            query.hops() - 1,
            path);
    return around.offer(ways.get(again % Math.min(MOST_CANDIDATES, ways.size())), next);
  }

  private List<Neighbour> ways(KeyQuery query) {
    RingView view = around.view;
    Key target = query.target();
    List<Neighbour> linked = new ArrayList<>();
    List<Neighbour> others = new ArrayList<>();
    if (view.isExact(target)) {
      // The question opens the link if there is none.
      add(around.neighbour(view.owner(target)), query, linked, linked);
    }
    Key mine = Surroundings.distance(around.self.id(), target);
    for (PeerRef known : view.towards(target, LOOKED_AT)) {
      if (Surroundings.distance(known.id(), target).compareTo(mine) < 0) {
        add(around.neighbour(known), query, linked, others);
      }
    }
    linked.addAll(others);
    if (linked.isEmpty()) {
      for (Neighbour peer : around.connectedTowards(target, LOOKED_AT)) {
        add(peer, query, linked, others);
      }
    }
    return linked;
  }

  private void add(Neighbour peer, KeyQuery query, List<Neighbour> linked, List<Neighbour> others) {
    if (!around.isSelf(peer.id)
        && !peer.id.equals(query.origin())
        && !query.path().contains(peer.id)
        && !linked.contains(peer)) {
      (peer.up ? linked : others).add(peer);
    }
  }
}
