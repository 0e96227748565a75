// Of which peers a process has ended lately.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /** What is remembered of a peer. One for each death in each table: no object more than that. */
  private static final class Last {
    final long at;

    /** Of the process that ended last. */
    final long incarnation;

    /** When another one ended last. */
    final long before;

    /** The process that ended last, if it was a member here, and since when. */
    final @Nullable PeerRef member;

    final long since;

    Last(long at, long incarnation, long before, @Nullable PeerRef member, long since) {
      this.at = at;
      this.incarnation = incarnation;
      this.before = before;
      this.member = member;
      this.since = since;
    }
  }

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
    put(now, member.ref().id(), member.ref().incarnation(), member.ref(), member.since());
  }

  /** A process of which this peer knew nothing is said to have ended. */
  void ended(long now, PeerId peer, long incarnation) {
    put(now, peer, incarnation, null, 0);
  }

  private void put(
      long now, PeerId peer, long incarnation, @Nullable PeerRef member, long memberSince) {
    Iterator<Last> oldest = ended.values().iterator();
    while (oldest.hasNext() && now - oldest.next().at > lately) {
      oldest.remove();
    }
    Last last = ended.remove(peer);
    long before = NEVER;
    PeerRef known = member;
    long since = memberSince;
    if (last != null && last.incarnation == incarnation) {
      before = last.before;
      if (member == null) {
        known = last.member;
        since = last.since;
      }
    } else if (last != null) {
      before = last.at;
    }
    ended.put(peer, new Last(now, incarnation, before, known, since));
    if (ended.size() > MOST) {
      Map.Entry<PeerId, Last> first = ended.entrySet().iterator().next();
      forgotten = Math.max(forgotten, first.getValue().at);
      ended.remove(first.getKey());
    }
  }

  /** Whether another process of the same peer than this one may have ended lately. */
  boolean mayHaveEndedBut(long now, PeerRef process) {
    Last last = ended.get(process.id());
    long at = forgotten;
    if (last != null) {
      at = Math.max(forgotten, last.incarnation == process.incarnation() ? last.before : last.at);
    }
    return now - at <= lately;
  }

  /** The process of a peer that has ended last, if it was a member here and is remembered. */
  Optional<Ended> last(PeerId peer) {
    Last last = ended.get(peer);
    return last == null || last.member == null
        ? Optional.empty()
        : Optional.of(new Ended(last.member, last.since));
  }

  int size() {
    return ended.size();
  }
}
