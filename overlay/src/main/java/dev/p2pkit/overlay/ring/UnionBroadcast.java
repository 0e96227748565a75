// Tells everybody in a ring what its union with another changes.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongToIntFunction;

/**
 * Thousands of members that come at once are told by broadcasts and not by an event for each. What
 * they miss is repaired when tables are compared.
 *
 * <p>The news go out in pieces, each of members from all over the ring, one now and others with the
 * next heartbeats as far as the budget allows. What is told twice meanwhile, here or by another
 * speaker, goes out once.
 */
final class UnionBroadcast {
  private static final long LIFE = 10_000_000;

  /** The most news that wait. */
  private static final int MOST_WAITING = 65_536;

  /** Some four kilobytes: who passes a piece on can stop at its budget. */
  private static final int NEWS_PER_PIECE = 128;

  private final Broadcaster broadcaster;
  private final LongToIntFunction spendable;
  private final Map<PeerId, MemberNews> waiting = new LinkedHashMap<>();
  private long dropped;

  /**
   * Has nothing to tell.
   *
   * @param spendable how many bytes this peer may spend now
   */
  UnionBroadcast(Broadcaster broadcaster, LongToIntFunction spendable) {
    this.broadcaster = broadcaster;
    this.spendable = spendable;
  }

  /**
   * Tells everybody; called before any of these changes is made here, so that the ring as it was is
   * told, at least of the first.
   */
  void tell(long now, List<MemberNews> changes) {
    int pieces = (changes.size() + NEWS_PER_PIECE - 1) / NEWS_PER_PIECE;
    for (int piece = 0; piece < pieces; piece++) {
      for (int i = piece; i < changes.size(); i += pieces) {
        MemberNews news = changes.get(i);
        if (waiting.size() < MOST_WAITING || waiting.containsKey(news.id())) {
          waiting.put(news.id(), news);
        } else {
          dropped++;
        }
      }
    }
    tick(now);
  }

  /** Another speaker of this ring has told these. */
  void heard(List<MemberNews> told) {
    for (MemberNews news : told) {
      MemberNews mine = waiting.get(news.id());
      if (mine != null && news.compareAge(mine.ref().incarnation(), mine.refutation()) >= 0) {
        waiting.remove(news.id());
      }
    }
  }

  /** At every heartbeat. */
  void tick(long now) {
    while (!waiting.isEmpty() && spendable.applyAsInt(now) > 0) {
      List<MemberNews> piece = new ArrayList<>(NEWS_PER_PIECE);
      for (MemberNews news : waiting.values()) {
        piece.add(news);
        if (piece.size() == NEWS_PER_PIECE) {
          break;
        }
      }
      try {
        broadcaster.broadcast(
            now, RingMachine.TOPIC_UNION, encode(piece), now + LIFE, report -> {});
      } catch (KitException tooMany) {
        return;
      }
      piece.forEach(news -> waiting.remove(news.id()));
    }
  }

  /** This peer is part of no ring any more. */
  void clear() {
    waiting.clear();
  }

  /** News that were too many; the comparison of tables spreads them, only more slowly. */
  long dropped() {
    return dropped;
  }

  private static byte[] encode(List<MemberNews> changes) {
    WireWriter out = new WireWriter(64 + 32 * changes.size());
    RingFields.news(out, changes);
    return out.toBytes();
  }

  static List<MemberNews> decode(byte[] payload) {
    return RingFields.news(new WireReader(payload));
  }
}
