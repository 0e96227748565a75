// Repairs the membership table: peers compare theirs and tell each other what differs.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberTable.Change;
import dev.p2pkit.overlay.ring.MembershipMessage.BlockHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * News of members can miss somebody. Ring neighbours see by a hash in their heartbeats when they
 * know different members, and each peer offers its hash to a random one every few seconds. Where
 * the hashes differ, or tables cover different parts of the ring, those of the blocks that both
 * cover are compared and the members in the differing blocks exchanged, both ways.
 */
final class TableComparison {
  private static final int NEWS_PER_MESSAGE = 512;

  /** So many news are told a second at most: who wants a whole table gets it bit by bit. */
  private static final int MOST_NEWS_PER_SECOND = 16_384;

  /** Tables of an arc cannot be compared by one hash: that is done so much less often. */
  private static final int LESS_OFTEN = 6;

  private static final long SECOND = 1_000_000;

  private final RingCore core;
  private long nextOffer;
  private @Nullable PeerId differing;
  private int times;
  private long secondEnds;
  private int toldThisSecond;

  TableComparison(RingCore core) {
    this.core = core;
  }

  void tick(long now) {
    if (core.table.size() == 1 || now < nextOffer || core.ladder.poor()) {
      return;
    }
    boolean complete = core.ladder.exact().complete();
    long pause = core.config.digest() * (complete ? 1 : LESS_OFTEN);
    nextOffer = now + core.between(pause * 3 / 4, pause * 5 / 4);
    PeerRef other = core.table.random(core.effects.random());
    if (!core.isSelf(other.id())) {
      core.effects.send(other, complete ? new HashOffer(core.notice()) : hashes());
    }
  }

  /** Whether a peer's table covers the same part of the ring as this one's. */
  private boolean comparable(PeerRef other, TableNotice notice) {
    return Coverage.around(other.id().position(), notice.arcBits()).equals(core.table.coverage());
  }

  /** A neighbour's heartbeat says that it knows others than this peer does, or not. */
  void onHeartbeat(PeerRef from, TableNotice notice) {
    if (!core.phase.hasPlace() || !comparable(from, notice)) {
      return;
    }
    if (notice.hash() == core.ladder.hash()) {
      if (from.id().equals(differing)) {
        differing = null;
      }
    } else if (from.id().equals(differing)) {
      // News is on its way most of the time; a difference that lasts needs repair.
      if (++times >= 2) {
        differing = null;
        compareWith(from);
      }
    } else if (differing == null) {
      differing = from.id();
      times = 0;
    }
  }

  /** Compares with a peer at once. */
  void compareWith(PeerRef other) {
    core.effects.send(other, hashes());
  }

  /** Compares with some others, whoever they are. */
  void compareWithSome(int others) {
    for (int i = 0; i < others; i++) {
      PeerRef other = core.table.random(core.effects.random());
      if (!core.isSelf(other.id())) {
        core.effects.send(other, core.ladder.full() ? new HashOffer(core.notice()) : hashes());
      }
    }
  }

  private BlockHashes hashes() {
    Coverage coverage = core.ladder.exact();
    long[] hashes = new long[coverage.count()];
    for (int place = 0; place < hashes.length; place++) {
      hashes[place] = core.table.hashOf(coverage.bits(), coverage.blockAt(place)).orElse(0);
    }
    return new BlockHashes(coverage.bits(), coverage.first(), hashes);
  }

  void onOffer(PeerRef from, HashOffer offer) {
    if (core.phase.hasPlace()
        && (!comparable(from, offer.table()) || offer.table().hash() != core.ladder.hash())) {
      compareWith(from);
    }
  }

  void onHashes(long now, PeerRef from, BlockHashes theirs) {
    if (!core.phase.hasPlace()) {
      return;
    }
    BitSet blocks = new BitSet(theirs.hashes().length);
    List<MemberNews> news = new ArrayList<>();
    for (int place = 0; place < theirs.hashes().length; place++) {
      int block = theirs.block(place);
      OptionalLong mine =
          core.ladder.exact().covers(Coverage.startOf(block, theirs.bits()))
              ? core.table.hashOf(theirs.bits(), block)
              : OptionalLong.empty();
      if (mine.isPresent() && mine.getAsLong() != theirs.hashes()[place]) {
        blocks.set(place);
        news.addAll(core.table.membersOf(theirs.bits(), block));
        if (news.size() >= NEWS_PER_MESSAGE) {
          if (!mayTell(now, news.size())) {
            return;
          }
          core.effects.send(from, new Records(theirs.bits(), theirs.first(), blocks, news));
          blocks = new BitSet(theirs.hashes().length);
          news = new ArrayList<>();
        }
      }
    }
    if (!blocks.isEmpty() && mayTell(now, news.size())) {
      core.effects.send(from, new Records(theirs.bits(), theirs.first(), blocks, news));
    }
  }

  private boolean mayTell(long now, int news) {
    if (now >= secondEnds) {
      secondEnds = now + SECOND;
      toldThisSecond = 0;
    }
    boolean may = toldThisSecond < MOST_NEWS_PER_SECOND;
    toldThisSecond += news;
    return may;
  }

  void onRecords(long now, PeerRef from, Records records) {
    if (!core.phase.hasPlace()) {
      return;
    }
    core.ladder.onRecords(records);
    List<MemberNews> answer = new ArrayList<>();
    Set<PeerId> told = new HashSet<>();
    for (MemberNews news : records.news()) {
      told.add(news.id());
      if (core.hear(now, news) == Change.CONTRADICTED) {
        core.table.known(news.id()).ifPresent(answer::add);
      }
    }
    for (int place = records.complete().nextSetBit(0);
        place >= 0;
        place = records.complete().nextSetBit(place + 1)) {
      for (MemberNews mine : core.table.membersOf(records.bits(), records.block(place))) {
        if (!told.contains(mine.id())) {
          answer.add(mine);
        }
      }
    }
    for (int i = 0; i < answer.size() && mayTell(now, NEWS_PER_MESSAGE); i += NEWS_PER_MESSAGE) {
      List<MemberNews> part = answer.subList(i, Math.min(answer.size(), i + NEWS_PER_MESSAGE));
      core.effects.send(
          from, new Records(records.bits(), records.first(), new BitSet(), List.copyOf(part)));
    }
  }
}
