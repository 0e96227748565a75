// What is under way between the peers of a checked world.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.PeerRef;
import java.util.ArrayDeque;
import java.util.Deque;

/** One link for each pair of peers and direction; each keeps its order. */
final class Links {
  /**
   * Something that is under way.
   *
   * @param from the process that has sent it
   * @param order of sending, among all links
   * @param asker the place of the peer whose question it is or answers
   * @param at when it was sent, in microseconds
   */
  record Sent(Object what, PeerRef from, long order, int asker, long at) {}

  /** A link by the places of its ends. */
  record Link(int from, int to) {}

  /** Says something about the link between two places. */
  interface Condition {
    boolean holds(int from, int to);
  }

  /** No link. */
  static final Link NONE = new Link(-1, -1);

  private final Deque<Sent>[][] links;
  private long order;

  @SuppressWarnings({"unchecked", "rawtypes"})
  Links(int peers) {
    links = new Deque[peers][peers];
    for (Deque<Sent>[] from : links) {
      for (int to = 0; to < peers; to++) {
        from[to] = new ArrayDeque<>(4);
      }
    }
  }

  /** What is under way from one to the other, the oldest first. */
  Deque<Sent> between(int from, int to) {
    return links[from][to];
  }

  void add(int from, int to, Object what, PeerRef sender, int asker, long now) {
    links[from][to].add(new Sent(what, sender, order++, asker, now));
  }

  /** What was under way to a peer is lost. */
  void forgetTo(int to) {
    for (Deque<Sent>[] from : links) {
      from[to].clear();
    }
  }

  /** What was under way between two peers is lost, both ways. */
  void forgetBetween(int one, int other) {
    links[one][other].clear();
    links[other][one].clear();
  }

  boolean idle() {
    for (Deque<Sent>[] from : links) {
      for (Deque<Sent> link : from) {
        if (!link.isEmpty()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Of the links that are not empty and may be served, the one whose first was sent first. */
  Link oldest(Condition deliverable) {
    Link link = NONE;
    long oldest = Long.MAX_VALUE;
    for (int from = 0; from < links.length; from++) {
      for (int to = 0; to < links.length; to++) {
        Sent first = links[from][to].peekFirst();
        if (first != null && first.order() < oldest && deliverable.holds(from, to)) {
          oldest = first.order();
          link = new Link(from, to);
        }
      }
    }
    return link;
  }

  /** Whether there is a way between two places, over others that live if need be. */
  static boolean connected(int peers, int one, int other, Condition open) {
    int met = 1 << one;
    for (int round = 0; round < peers; round++) {
      for (int from = 0; from < peers; from++) {
        for (int to = 0; to < peers; to++) {
          if ((met >> from & 1) != 0 && open.holds(from, to)) {
            met |= 1 << to;
          }
        }
      }
    }
    return (met >> other & 1) != 0;
  }
}
