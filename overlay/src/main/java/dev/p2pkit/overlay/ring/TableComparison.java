// Repairs the membership table: peers compare theirs and tell each other what differs.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberTable.Change;
import dev.p2pkit.overlay.ring.MembershipMessage.ArcHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Broadcasts of membership can miss somebody. Ring neighbours see by a hash in their heartbeats
 * when they know different members, and each peer offers its hash to a random one every few
 * seconds. Where the hashes differ, those of 256 arcs are compared and the members in the differing
 * arcs exchanged, both ways.
 */
final class TableComparison {
  private static final int NEWS_PER_MESSAGE = 512;

  private final RingCore core;
  private long nextOffer;
  private @Nullable PeerId differing;
  private int times;

  TableComparison(RingCore core) {
    this.core = core;
  }

  void tick(long now) {
    if (core.table.size() == 1 || now < nextOffer) {
      return;
    }
    nextOffer = now + core.between(core.config.digest() * 3 / 4, core.config.digest() * 5 / 4);
    PeerRef other = core.table.random(core.effects.random());
    if (!core.isSelf(other.id())) {
      core.effects.send(other, new HashOffer(core.table.hash()));
    }
  }

  /** A neighbour's heartbeat says that it knows others than this peer does, or not. */
  void onHeartbeat(PeerRef from, long hash) {
    if (hash == core.table.hash()) {
      if (from.id().equals(differing)) {
        differing = null;
      }
    } else if (from.id().equals(differing)) {
      // News is on its way most of the time; a difference that lasts needs repair.
      if (++times >= 2) {
        differing = null;
        core.effects.send(from, arcHashes());
      }
    } else if (differing == null) {
      differing = from.id();
      times = 0;
    }
  }

  /** Compares with a peer at once. */
  void compareWith(PeerRef other) {
    core.effects.send(other, arcHashes());
  }

  private ArcHashes arcHashes() {
    long[] hashes = new long[Coverage.EVERYTHING.count()];
    for (int arc = 0; arc < hashes.length; arc++) {
      hashes[arc] = core.table.hash(arc);
    }
    return new ArcHashes(hashes);
  }

  void onOffer(PeerRef from, HashOffer offer) {
    if (core.phase.hasPlace() && offer.hash() != core.table.hash()) {
      core.effects.send(from, arcHashes());
    }
  }

  void onArcHashes(PeerRef from, ArcHashes theirs) {
    if (!core.phase.hasPlace()) {
      return;
    }
    BitSet arcs = new BitSet(Coverage.EVERYTHING.count());
    List<MemberNews> news = new ArrayList<>();
    for (int arc = 0; arc < Coverage.EVERYTHING.count(); arc++) {
      if (theirs.hashes()[arc] != core.table.hash(arc)) {
        arcs.set(arc);
        news.addAll(core.table.inBlock(arc));
        if (news.size() >= NEWS_PER_MESSAGE) {
          core.effects.send(from, new Records(arcs, news));
          arcs = new BitSet(Coverage.EVERYTHING.count());
          news = new ArrayList<>();
        }
      }
    }
    if (!arcs.isEmpty()) {
      core.effects.send(from, new Records(arcs, news));
    }
  }

  void onRecords(long now, PeerRef from, Records records) {
    if (!core.phase.hasPlace()) {
      return;
    }
    List<MemberNews> answer = new ArrayList<>();
    Map<PeerId, MemberNews> told = new HashMap<>();
    for (MemberNews news : records.news()) {
      told.put(news.id(), news);
      if (core.hear(now, news) == Change.CONTRADICTED) {
        core.table.known(news.id()).ifPresent(answer::add);
      }
    }
    for (int arc = records.complete().nextSetBit(0);
        arc >= 0 && arc < Coverage.EVERYTHING.count();
        arc = records.complete().nextSetBit(arc + 1)) {
      for (MemberNews mine : core.table.inBlock(arc)) {
        if (!told.containsKey(mine.id())) {
          answer.add(mine);
        }
      }
    }
    for (int i = 0; i < answer.size(); i += NEWS_PER_MESSAGE) {
      List<MemberNews> part = answer.subList(i, Math.min(answer.size(), i + NEWS_PER_MESSAGE));
      core.effects.send(from, new Records(new BitSet(), List.copyOf(part)));
    }
  }
}
