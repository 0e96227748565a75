// How news of members reaches everybody whose table they belong to.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.EventLanes.Direction;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MemberTable.Change;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.overlay.ring.MembershipMessage.Told;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Spreads news of members much like EDRA (Monnerat and Amorim, "An effective single-hop distributed
 * hash table with high lookup performance and low traffic overhead", 2014): whoever sees the event
 * first, normally the successor of the peer concerned, divides the ring behind itself among a few
 * peers ({@link Delegation}); each that is told does the same with its part. Each interested peer
 * is told once, and news that wait for the same peer travel together. Where tables hold an arc
 * only, the same goes the other way round the ring too, and ends where nobody is interested any
 * more.
 *
 * <p>What is missed nevertheless is found by {@link TableComparison}.
 */
final class Dissemination {
  private static final int MOST_NOTED = 1_024;

  /** What was learnt longer ago is not on its way any more. */
  private static final long ON_ITS_WAY = 30_000_000;

  /** Who joined less than this ago has got from its admitter what is still on its way to it. */
  private static final long YOUTH = 10_000_000;

  private record Noted(MemberNews news, long at) {}

  private final RingCore core;
  private final EventLanes lanes;
  private final IntakeLimit limit = new IntakeLimit();

  /** What is told after the present step: of each the last word. */
  private final Map<PeerId, MemberNews> announced = new LinkedHashMap<>();

  /** What was learnt otherwise than by events, and may still arrive as one to be passed on. */
  private final Map<PeerId, Noted> learntElsewhere = new LinkedHashMap<>();

  /** What this peer began to spread, or passed on although it knew it. */
  private final Map<PeerId, Noted> passedOn = new LinkedHashMap<>();

  /** What this peer has learnt since the one that it admits got its table. */
  private final List<MemberNews> meanwhile = new ArrayList<>();

  private boolean copied;
  private boolean receiving;
  private long youngUntil = Long.MIN_VALUE;
  private long told;
  private long known;
  private long refused;

  /** Deaths that were on their way when the rings met. */
  private long ofTheCut;

  Dissemination(RingCore core) {
    this.core = core;
    lanes = new EventLanes(core);
  }

  /** This peer has its place now. */
  void joined(long now) {
    youngUntil = now + YOUTH;
  }

  /** A newcomer gets a copy of the table: what is learnt from now on it would miss. */
  void copied() {
    meanwhile.clear();
    copied = true;
  }

  /** What was learnt since then; from now on the newcomer is told as others are. */
  List<MemberNews> sinceCopied() {
    List<MemberNews> all = List.copyOf(meanwhile);
    meanwhile.clear();
    copied = false;
    return all;
  }

  /** Tells everybody, after the present step. */
  void announce(MemberNews news) {
    announced.remove(news.id());
    announced.put(news.id(), news.inShort());
  }

  /** Many peers have come at once: that is told without haste, and together. */
  void gather() {
    lanes.gather();
  }

  /** Another ring was met: the deaths that wait to be told are those that the cut has made. */
  void forgetDeaths() {
    ofTheCut += lanes.forgetDeaths();
  }

  /**
   * Tells everybody that this peer leaves.
   *
   * @param whenTold called once, when those are told who tell the others
   */
  void farewell(long now, MemberNews news, Runnable whenTold) {
    begin(now, news.inShort());
    lanes.hurry(whenTold);
  }

  /** This peer is part of no ring any more. */
  void clear() {
    announced.clear();
    meanwhile.clear();
    copied = false;
    learntElsewhere.clear();
    passedOn.clear();
    lanes.clear();
    youngUntil = Long.MIN_VALUE;
  }

  /** Whether this peer has begun to tell others, or passed on what it did not take over itself. */
  boolean isTold(MemberNews news) {
    return isNoted(passedOn, news);
  }

  /** The table has changed by a piece of news, from wherever. */
  void learnt(long now, MemberNews news) {
    if (copied && meanwhile.size() < MOST_NOTED) {
      meanwhile.add(news);
    }
    if (!receiving) {
      note(learntElsewhere, now, news);
    }
  }

  private static void note(Map<PeerId, Noted> notes, long now, MemberNews news) {
    notes.remove(news.id());
    notes.put(news.id(), new Noted(news, now));
    Iterator<Noted> oldest = notes.values().iterator();
    while (oldest.hasNext()
        && (oldest.next().at() < now - ON_ITS_WAY || notes.size() > MOST_NOTED)) {
      oldest.remove();
    }
  }

  private static boolean isNoted(Map<PeerId, Noted> notes, MemberNews news) {
    Noted noted = notes.get(news.id());
    return noted != null
        && noted.news().kind() == news.kind()
        && noted.news().compareAge(news.ref().incarnation(), news.refutation()) == 0;
  }

  /** The step is over: what was announced goes out. */
  void flush(long now) {
    if (!announced.isEmpty()) {
      List<MemberNews> all = List.copyOf(announced.values());
      announced.clear();
      for (MemberNews news : all) {
        spread(now, news);
      }
    }
    lanes.flush(now);
  }

  void onTimer(long now) {
    lanes.onTimer(now);
  }

  /**
   * Begins here, or at the first peer behind the one concerned: from there everybody is reached.
   * Where a run of neighbours has died, those between are suspects and tell nobody anything.
   */
  private void spread(long now, MemberNews news) {
    PeerRef first = core.detector.heirOf(news.id());
    if (core.isSelf(news.id()) || core.isSelf(first.id())) {
      begin(now, news);
    } else if (core.ladder.exact().covers(news.id().position())) {
      lanes.handOver(first, news);
    }
  }

  private void begin(long now, MemberNews news) {
    if (isNoted(passedOn, news)) {
      return;
    }
    note(passedOn, now, news);
    learntElsewhere.remove(news.id());
    for (Direction direction : Direction.values()) {
      lanes.add(news, direction);
    }
  }

  /** A neighbour tells what happened. */
  void onEvents(long now, PeerRef from, Events events) {
    if (!core.phase.hasPlace()) {
      // Not acknowledged: the sender turns to the next peer.
      return;
    }
    core.effects.send(from, new MembershipMessage.EventsTaken(events.sequence()));
    double churn = core.churn.rate(now);
    for (Told told : events.told()) {
      if (limit.take(now, from.id(), churn)) {
        take(now, from, events, told);
      } else if (refused++ % EventLanes.MOST_PER_MESSAGE == 0) {
        core.comparison.compareWith(from);
      }
    }
  }

  private void take(long now, PeerRef from, Events events, Told message) {
    MemberNews news = message.news();
    if (!core.refutation.refutable(news).equals(news)) {
      // Of a process that nobody here has heard of: if it was there, comparing tables tells.
      told++;
      refused++;
      return;
    }
    if (core.merger.disbelieves(now, news)) {
      // It is on its way since the cut, and ends here.
      told++;
      ofTheCut++;
      return;
    }
    receiving = true;
    Change change = core.hear(now, from, withEndpoint(news));
    receiving = false;
    told++;
    boolean next =
        switch (change) {
          case NOTHING -> {
            known++;
            yield events.begins() || mayBeNewToOthers(now, news);
          }
          case CONTRADICTED -> {
            known++;
            yield false;
          }
          // What this peer doubts others may know for certain, and those behind it wait for it.
          case DOUBTED -> events.begins() || isNewToOthers(now, news);
          default -> true;
        };
    if (next && events.begins()) {
      begin(now, news);
    } else if (next) {
      lanes.add(news, events.direction(), message.end());
    }
  }

  private boolean isNewToOthers(long now, MemberNews news) {
    boolean first = !isNoted(passedOn, news);
    if (first) {
      note(passedOn, now, news);
    }
    return first;
  }

  private boolean mayBeNewToOthers(long now, MemberNews news) {
    if (core.isSelf(news.id()) || isNoted(passedOn, news)) {
      return false;
    }
    if (isNoted(learntElsewhere, news) || now < youngUntil) {
      learntElsewhere.remove(news.id());
      note(passedOn, now, news);
      return true;
    }
    return false;
  }

  /** News of a death do not say where the dead one was; the table does. */
  private MemberNews withEndpoint(MemberNews news) {
    return news.kind() == Kind.ALIVE
        ? news
        : core.table
            .find(news.id())
            .filter(ref -> ref.incarnation() == news.ref().incarnation())
            .map(ref -> new MemberNews(news.kind(), ref, news.refutation()))
            .orElse(news);
  }

  void onTaken(long now, PeerRef from, MembershipMessage.EventsTaken taken) {
    lanes.onTaken(now, from, taken.sequence());
  }

  /** How many peers there are on one side of this one in the covered part. */
  static int reach(MemberTable table, Coverage coverage, PeerId self, Direction direction) {
    if (coverage.complete()) {
      return direction == Direction.CLOCKWISE ? table.size() - 1 : 0;
    }
    SortedPeers peers = table.peers();
    int here = peers.indexAtOrAfter(self.position());
    int behind = here - peers.indexAtOrAfter(coverage.start());
    int ahead = peers.indexAtOrAfter(coverage.end()) - here - 1;
    return Math.floorMod(direction == Direction.CLOCKWISE ? ahead : behind, peers.size());
  }

  /** Whether a peer further on is interested in what happened to another one. */
  static boolean concerns(
      Coverage coverage, int widestArcBits, PeerId self, MemberNews news, PeerId target) {
    Key position = news.id().position();
    if (news.id().equals(target)) {
      return false;
    }
    if (coverage.complete()) {
      // Once round the ring and not further.
      return position.distanceTo(target.position()).compareTo(position.distanceTo(self.position()))
          > 0;
    }
    return Coverage.around(target.position(), widestArcBits).covers(position);
  }

  long told() {
    return told;
  }

  /** Of these, how many were known already. */
  long known() {
    return known;
  }

  long refused() {
    return refused;
  }

  /** How many deaths were not believed or passed on, because only a cut had made them. */
  long ofTheCut() {
    return ofTheCut;
  }

  /** News that were to be told and found no room. */
  long dropped() {
    return lanes.dropped();
  }
}
