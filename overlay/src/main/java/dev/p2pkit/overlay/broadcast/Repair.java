// Finds out from the ring neighbours what this peer has missed, and gets it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Seen;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the tree has missed is found by comparing with ring neighbours (anti-entropy, Demers et al.
 * 1987). Each heartbeat carries a digest of the last minute; if two still differ after a moment,
 * the neighbours exchange lists, and each pulls what it lacks. Who has got something this way tells
 * its neighbours at once, so that a row of peers that all missed it does not wait for as many
 * heartbeats.
 *
 * <p>A newcomer takes what its neighbour saw before it came for settled, and gets the rest; and
 * what the process before it has sent itself, for those that lack it.
 */
final class Repair {
  private static final int MOST_ASKED = 4_096;

  /** A content is not asked for again before this (µs). */
  private static final long ASK_AGAIN = 400_000;

  /** A newcomer waits for the list of its neighbour so long, twice. */
  private static final long FIRST_LIST = 1_000_000;

  /** How often a content was asked for, and when last. */
  private record Asked(int times, long at) {}

  private final Effects effects;
  private final BroadcastConfig config;
  private final Agenda agenda;
  private final RecentLog log;
  private final Streams streams;
  private final Earlier earlier;
  private final Map<BroadcastId, Asked> asked = bounded();
  private final Map<PeerId, BroadcastDigest> compared = bounded();
  private Allowance serving;
  private RingView view;
  private long joinedAt = Long.MIN_VALUE;
  private long firstJoinedAt = Long.MAX_VALUE;
  private boolean inside;
  private boolean waiting;

  Repair(
      Effects effects,
      BroadcastConfig config,
      Agenda agenda,
      RecentLog log,
      Streams streams,
      Earlier earlier) {
    this.effects = effects;
    this.config = config;
    this.agenda = agenda;
    this.log = log;
    this.streams = streams;
    this.earlier = earlier;
    this.serving = new Allowance(0, config.perSecond());
    this.view = RingView.outside(effects.self());
  }

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MOST_ASKED;
      }
    };
  }

  void onView(long now, RingView next) {
    view = next;
    // A member that does not serve for a moment has missed nothing.
    boolean stays = inside && next.size() > 1;
    boolean joins = next.joined() && !inside;
    inside = next.joined() || stays;
    if (joins) {
      joinedAt = now;
      firstJoinedAt = Math.min(firstJoinedAt, now);
      if (!next.successors().isEmpty()) {
        waiting = true;
        streams.suspend();
        askForFirstList(now, 0);
      }
    }
  }

  /** Whether this peer is part of a ring. */
  boolean isInside() {
    return inside;
  }

  /** Whether this process had not joined for the first time yet when others had this one. */
  boolean isBeforeFirstJoin(@Nullable Kept kept) {
    return kept != null && kept.at <= firstJoinedAt;
  }

  private void askForFirstList(long now, int time) {
    List<PeerRef> neighbours = neighbours();
    if (time >= 3 || neighbours.isEmpty()) {
      endWaiting(now);
      return;
    }
    PeerRef neighbour = neighbours.get(time % neighbours.size());
    effects.send(neighbour, new Recent(log.newest(now), true));
    agenda.at(
        now + FIRST_LIST,
        at -> {
          if (waiting) {
            askForFirstList(at, time + 1);
          }
        });
  }

  private void endWaiting(long now) {
    if (waiting) {
      waiting = false;
      streams.resume(now);
    }
  }

  /** The nearest successor and the nearest predecessor. */
  private List<PeerRef> neighbours() {
    List<PeerRef> neighbours = new ArrayList<>(2);
    if (!view.successors().isEmpty()) {
      neighbours.add(view.successors().get(0));
    }
    if (!view.predecessors().isEmpty() && !neighbours.contains(view.predecessors().get(0))) {
      neighbours.add(view.predecessors().get(0));
    }
    return neighbours;
  }

  /** A neighbour has told its digest. */
  void compare(long now, PeerRef neighbour, BroadcastDigest theirs) {
    if (!inside || log.knows(now, theirs) || compared.put(neighbour.id(), theirs) != null) {
      return;
    }
    agenda.at(
        now + config.behind(),
        at -> {
          BroadcastDigest told = compared.remove(neighbour.id());
          if (told != null && !log.knows(at, told)) {
            effects.send(neighbour, new Recent(log.newest(at), true));
          }
        });
  }

  /** A peer has told what it has seen lately. */
  void onRecent(long now, PeerRef from, Recent recent) {
    List<BroadcastId> wanted = new ArrayList<>();
    for (Seen seen : recent.seen()) {
      BroadcastId id = seen.id();
      boolean own = id.origin().equals(effects.self().id());
      if (own && earlier.lacks(id) && seen.age() < config.retention()) {
        want(id, wanted);
      }
      if (own || log.find(id) != null) {
        continue;
      }
      if (seen.age() >= now - joinedAt) {
        if (!streams.hasSeen(id)) {
          streams.beforeMyTime(now, id);
        }
        if (seen.age() < config.retention()) {
          log.add(now, new Kept(id, now - seen.age(), null));
        }
      } else if (!streams.hasSeen(id)) {
        want(id, wanted);
      }
    }
    if (recent.answer()) {
      effects.send(from, new Recent(log.newest(now), false));
    }
    endWaiting(now);
    pull(now, from, wanted);
  }

  private static void want(BroadcastId id, List<BroadcastId> wanted) {
    if (wanted.size() < BroadcastConfig.MAX_PULLED) {
      wanted.add(id);
    }
  }

  /**
   * Asks for what this peer lacks: first the one that has named it, then, as that one may have seen
   * it without keeping it, all who may have it in turn.
   */
  private void pull(long now, PeerRef from, List<BroadcastId> wanted) {
    Map<PeerRef, List<BroadcastId>> asks = new LinkedHashMap<>();
    for (BroadcastId id : wanted) {
      Asked before = asked.get(id);
      int times = before == null ? 0 : before.times();
      if (before == null || now - before.at() >= ASK_AGAIN) {
        asked.put(id, new Asked(times + 1, now));
        PeerRef source = times == 0 ? from : source(id.origin(), from, times - 1);
        asks.computeIfAbsent(source, none -> new ArrayList<>()).add(id);
      }
    }
    asks.forEach((source, ids) -> effects.send(source, new Pull(ids)));
  }

  /**
   * Whom to ask for a content of an origin: the nearest on both sides, the origin, who has spoken
   * of it, then those further away. Peers that came later may lie between this one and all that
   * have it; and while two rings unite, who has it may be of the other and in no list here.
   */
  private PeerRef source(PeerId origin, PeerRef teller, int time) {
    Set<PeerRef> sources = new LinkedHashSet<>(neighbours());
    view.find(origin).ifPresent(sources::add);
    sources.add(teller);
    List<PeerRef> after = view.successors();
    List<PeerRef> before = view.predecessors();
    for (int i = 1; i < Math.max(after.size(), before.size()); i++) {
      if (i < after.size()) {
        sources.add(after.get(i));
      }
      if (i < before.size()) {
        sources.add(before.get(i));
      }
    }
    return List.copyOf(sources).get(time % sources.size());
  }

  /**
   * Some of an origin's are missing although a later one is there: asks one after the other who may
   * have them.
   */
  void missing(long now, List<BroadcastId> ids, PeerRef bringer, int time) {
    // A guess: whoever says meanwhile that it has seen them is asked beside.
    effects.send(source(ids.get(0).origin(), bringer, time), new Pull(ids));
  }

  /** A peer lacks these; beyond what this one grants a second, it asks again later. */
  void onPull(long now, PeerRef from, Pull pull) {
    log.expire(now);
    for (BroadcastId id : pull.ids()) {
      Kept kept = log.find(id);
      Content content = kept == null ? null : kept.content;
      if (content != null && serving.take(now, 1)) {
        effects.send(from, new BroadcastMessage.Repair(content));
      }
    }
  }

  /** Something came by repair: perhaps the neighbours miss it too. */
  void spread(PeerRef from, BroadcastId id) {
    for (PeerRef neighbour : neighbours()) {
      if (!neighbour.id().equals(from.id())) {
        effects.send(neighbour, new Recent(List.of(new Seen(id, 0)), false));
      }
    }
  }
}
