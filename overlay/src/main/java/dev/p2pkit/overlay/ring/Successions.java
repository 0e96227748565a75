// Of which peers a process has ended lately.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Of which peers a process has ended lately, or is said to have: a host that refuses a dial may
 * speak of that one and not of the next. Bounded, since anybody may say it of peers that never
 * were: when so many have ended that some had to be forgotten, everybody counts as one of them for
 * as long.
 */
final class Successions {
  /** So many die at once only where half of a network of thousands does. */
  static final int MOST = 16_384;

  private static final long NEVER = Long.MIN_VALUE / 2;

  /**
   * A process that has ended.
   *
   * @param ref the process, and where this peer would have dialled it
   * @param since when it was met, in microseconds
   */
  record Ended(PeerRef ref, long since) {}

  /**
   * What is remembered of a peer.
   *
   * @param incarnation of the process that ended last
   * @param before when another one ended last
   * @param member the process that ended last, if it was a member here
   */
  private record Last(long at, long incarnation, long before, Optional<Ended> member) {}

  private final long lately;

  /** Oldest first. */
  private final Map<PeerId, Last> ended = new LinkedHashMap<>();

  private long forgotten = NEVER;

  /**
   * Of nobody yet.
   *
   * @param lately for how long it matters, in microseconds
   */
  Successions(long lately) {
    this.lately = lately;
  }

  /** A process that was a member here has ended, or another one of the same peer has come. */
  void ended(long now, Ended member) {
    put(now, member.ref().id(), member.ref().incarnation(), Optional.of(member));
  }

  /** A process of which this peer knew nothing is said to have ended. */
  void ended(long now, PeerId peer, long incarnation) {
    put(now, peer, incarnation, Optional.empty());
  }

  private void put(long now, PeerId peer, long incarnation, Optional<Ended> member) {
    Iterator<Last> oldest = ended.values().iterator();
    while (oldest.hasNext() && now - oldest.next().at() > lately) {
      oldest.remove();
    }
    Last last = ended.remove(peer);
    long before = NEVER;
    Optional<Ended> known = member;
    if (last != null && last.incarnation() == incarnation) {
      before = last.before();
      known = member.or(last::member);
    } else if (last != null) {
      before = last.at();
    }
    ended.put(peer, new Last(now, incarnation, before, known));
    if (ended.size() > MOST) {
      Map.Entry<PeerId, Last> first = ended.entrySet().iterator().next();
      forgotten = Math.max(forgotten, first.getValue().at());
      ended.remove(first.getKey());
    }
  }

  /** Whether another process of the same peer than this one may have ended lately. */
  boolean mayHaveEndedBut(long now, PeerRef process) {
    Last last = ended.get(process.id());
    long at = forgotten;
    if (last != null) {
      at =
          Math.max(
              forgotten, last.incarnation() == process.incarnation() ? last.before() : last.at());
    }
    return now - at <= lately;
  }

  /** The process of a peer that has ended last, if it was a member here and is remembered. */
  Optional<Ended> last(PeerId peer) {
    return Optional.ofNullable(ended.get(peer)).flatMap(Last::member);
  }

  int size() {
    return ended.size();
  }
}
