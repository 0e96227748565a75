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
import java.util.List;
import java.util.Map;

/**
 * What the tree has missed is found by comparing with ring neighbours (anti-entropy, Demers et al.
 * 1987). Each heartbeat carries a digest of the last minute; if two still differ after a moment,
 * the neighbours exchange lists, and each pulls what it lacks. Who has got something this way tells
 * its neighbours at once, so that a row of peers that all missed it does not wait for as many
 * heartbeats.
 *
 * <p>A newcomer takes what its neighbour saw before it came for settled, and gets the rest.
 */
final class Repair {
  private static final int MOST_ASKED = 4_096;

  /** A content is not asked for again before this. */
  private static final long ASK_AGAIN = 400_000;

  /** A newcomer waits for the list of its neighbour so long, twice. */
  private static final long FIRST_LIST = 1_000_000;

  private final Effects effects;
  private final BroadcastConfig config;
  private final Agenda agenda;
  private final RecentLog log;
  private final Streams streams;
  private final Map<BroadcastId, Long> asked = bounded();
  private final Map<PeerId, BroadcastDigest> compared = bounded();
  private Allowance serving;
  private RingView view;
  private long joinedAt = Long.MIN_VALUE;
  private boolean inside;
  private boolean waiting;

  Repair(Effects effects, BroadcastConfig config, Agenda agenda, RecentLog log, Streams streams) {
    this.effects = effects;
    this.config = config;
    this.agenda = agenda;
    this.log = log;
    this.streams = streams;
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
      if (id.origin().equals(effects.self().id()) || log.find(id) != null) {
        continue;
      }
      if (seen.age() >= now - joinedAt) {
        if (!streams.hasSeen(id)) {
          streams.beforeMyTime(now, id);
        }
        if (seen.age() < config.retention()) {
          log.add(now, new Kept(id, now - seen.age(), null));
        }
      } else if (!streams.hasSeen(id) && wanted.size() < BroadcastConfig.MAX_PULLED) {
        wanted.add(id);
      }
    }
    if (recent.answer()) {
      effects.send(from, new Recent(log.newest(now), false));
    }
    endWaiting(now);
    pull(now, from, wanted);
  }

  /** Asks a peer for what this one lacks. */
  void pull(long now, PeerRef from, List<BroadcastId> wanted) {
    List<BroadcastId> ids = new ArrayList<>(wanted.size());
    for (BroadcastId id : wanted) {
      Long before = asked.get(id);
      if (before == null || now - before >= ASK_AGAIN) {
        asked.put(id, now);
        ids.add(id);
      }
    }
    if (!ids.isEmpty()) {
      effects.send(from, new Pull(ids));
    }
  }

  /**
   * One of an origin's is missing although a later one is there: asks neighbours and the origin.
   */
  void missing(long now, List<BroadcastId> ids, int time) {
    List<PeerRef> sources = neighbours();
    view.find(ids.get(0).origin()).ifPresent(sources::add);
    if (!sources.isEmpty()) {
      ids.forEach(asked::remove);
      pull(now, sources.get(time % sources.size()), ids);
    }
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
