// Repairs the membership table: peers compare theirs and tell each other what differs.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MemberTable.Change;
import dev.p2pkit.overlay.ring.MembershipMessage.BlockHashes;
import dev.p2pkit.overlay.ring.MembershipMessage.HashOffer;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * News of members can miss somebody. Ring neighbours see by a hash in their heartbeats when they
 * know different members, and each peer offers its hash to a random one every few seconds, for a
 * minute to the same, because a link to another costs both sides a handshake and memory. Where the
 * hashes differ, or tables cover different parts of the ring, those of the blocks that both cover
 * are compared and the members in the differing blocks exchanged, both ways.
 *
 * <p>While peers come and go news are on their way all the time, and two tables are never equal. So
 * blocks in which either side has seen a change in the last seconds are left out: what differs in
 * the others has been missed.
 */
final class TableComparison {
  private static final int NEWS_PER_MESSAGE = 512;

  /** So many news are told a second at most: who wants a whole table gets it bit by bit. */
  static final int MOST_NEWS_PER_SECOND = 16_384;

  /**
   * What one peer tells is taken up to so many seconds' worth at once: those in which this process
   * did not run come together. No honest one tells more; what is left out, the next comparison
   * finds.
   */
  static final int MOST_SECONDS = 4;

  /** About what one piece of news takes. */
  private static final int BYTES_PER_NEWS = 35;

  /** Tables of an arc cannot be compared by one hash: that is done so much less often. */
  private static final int LESS_OFTEN = 6;

  private static final long SECOND = 1_000_000;

  /** Who differed and then sends no heartbeat for so long stands next to this peer no more. */
  private static final long SILENT = 10 * SECOND;

  private final RingCore core;
  private final Partners partners;
  private long nextOffer;

  /** While much changes, before this nobody is answered. */
  private long nextAnswer;

  private @Nullable PeerId differing;
  private long differedAt;
  private int times;
  private long secondEnds;
  private int toldThisSecond;
  private final Allowance<PeerId> intake = new Allowance<>(MOST_SECONDS * MOST_NEWS_PER_SECOND);
  private long refused;

  TableComparison(RingCore core) {
    this.core = core;
    partners = new Partners(core);
  }

  void tick(long now) {
    if (core.table.size() == 1 || now < nextOffer || core.ladder.purse.poor(now)) {
      return;
    }
    boolean complete = core.ladder.exact().complete();
    if (tableMoves() && now < nextOffer + core.config.digest()) {
      return;
    }
    long pause = core.config.digest() * (complete ? 1 : LESS_OFTEN);
    nextOffer = now + core.between(pause * 3 / 4, pause * 5 / 4);
    PeerRef other = partners.next();
    if (!core.isSelf(other.id())) {
      core.effects.send(other, complete ? new HashOffer(core.notice()) : hashes(true));
    }
  }

  /**
   * Whether so much has changed lately that comparing the rest says next to nothing: half of the
   * blocks with members in them, or more.
   */
  private boolean tableMoves() {
    Coverage coverage = core.table.coverage();
    int filled = 0;
    int late = 0;
    for (int place = 0; place < coverage.count(); place++) {
      if (core.table.block(place).size() > 0) {
        filled++;
        late += core.table.isSettled(coverage.bits(), coverage.blockAt(place)) ? 0 : 1;
      }
    }
    return 2 * late >= filled;
  }

  /** Whether a peer's table covers the same part of the ring as this one's. */
  private boolean comparable(PeerRef other, TableNotice notice) {
    return Coverage.around(other.id().position(), notice.arcBits()).equals(core.table.coverage());
  }

  /** A neighbour's heartbeat says that it knows others than this peer does, or not. */
  void onHeartbeat(long now, PeerRef from, TableNotice notice) {
    if (!core.phase.hasPlace() || !comparable(from, notice)) {
      return;
    }
    if (notice.hash() == core.ladder.hash()) {
      if (from.id().equals(differing)) {
        differing = null;
      }
    } else if (from.id().equals(differing)) {
      // News is on its way most of the time; a difference that lasts needs repair.
      differedAt = now;
      if (++times >= 2 && !core.ladder.purse.poor(now)) {
        differing = null;
        core.effects.send(from, hashes(true));
      }
    } else if (differing == null || now - differedAt > SILENT) {
      differing = from.id();
      differedAt = now;
      times = 0;
    }
  }

  /** Compares everything with a peer at once. */
  void compareWith(PeerRef other) {
    core.effects.send(other, hashes(false));
  }

  /** Compares with some others, whoever they are; the first is asked for a while after that too. */
  void compareWithSome(int others) {
    for (int i = 0; i < others; i++) {
      PeerRef other = i == 0 || !core.ladder.full() ? partners.next() : partners.anybody();
      if (!core.isSelf(other.id())) {
        core.effects.send(other, core.ladder.full() ? new HashOffer(core.notice()) : hashes(true));
      }
    }
  }

  private BlockHashes hashes(boolean settled) {
    Coverage coverage = core.ladder.exact();
    BitSet blocks = new BitSet(coverage.count());
    int[] hashes = new int[coverage.count()];
    int count = 0;
    for (int place = 0; place < hashes.length; place++) {
      int block = coverage.blockAt(place);
      if (!settled || core.table.isSettled(coverage.bits(), block)) {
        blocks.set(place);
        hashes[count++] = BlockHashes.folded(core.table.hashOf(coverage.bits(), block).orElse(0));
      }
    }
    return new BlockHashes(
        coverage.bits(), coverage.first(), blocks, Arrays.copyOf(hashes, count), settled);
  }

  void onOffer(long now, PeerRef from, HashOffer offer) {
    if (core.phase.hasPlace()
        && !core.ladder.purse.poor(now)
        && (!comparable(from, offer.table()) || offer.table().hash() != core.ladder.hash())
        && (now >= nextAnswer || !tableMoves())) {
      nextAnswer = now + core.config.digest();
      core.effects.send(from, hashes(true));
    }
  }

  void onHashes(long now, PeerRef from, BlockHashes theirs) {
    if (!core.phase.hasPlace()) {
      return;
    }
    if (core.ladder.exact().complete() && isOfAnArc(theirs)) {
      // It cannot say what this peer has missed elsewhere: the next one is asked.
      partners.forget(from.id());
    }
    BitSet blocks = new BitSet();
    List<MemberNews> news = new ArrayList<>();
    int place = -1;
    int most = mayTell(now);
    for (int i = 0; i < theirs.hashes().length && most > 0; i++) {
      place = theirs.blocks().nextSetBit(place + 1);
      if (differs(theirs, theirs.block(place), theirs.hashes()[i])) {
        blocks.set(place);
        news.addAll(core.table.membersOf(theirs.bits(), theirs.block(place)));
        if (news.size() >= Math.min(most, NEWS_PER_MESSAGE)) {
          tell(from, new Records(theirs.bits(), theirs.first(), blocks, news));
          blocks = new BitSet();
          news = new ArrayList<>();
          most = mayTell(now);
        }
      }
    }
    if (!blocks.isEmpty()) {
      tell(from, new Records(theirs.bits(), theirs.first(), blocks, news));
    }
  }

  private static boolean isOfAnArc(BlockHashes theirs) {
    return theirs.bits() != Coverage.EVERYTHING.bits()
        || theirs.first() != Coverage.EVERYTHING.first();
  }

  private boolean differs(BlockHashes theirs, int block, int hash) {
    if (!core.ladder.exact().covers(Coverage.startOf(block, theirs.bits()))
        || (theirs.settled() && !core.table.isSettled(theirs.bits(), block))) {
      return false;
    }
    OptionalLong mine = core.table.hashOf(theirs.bits(), block);
    return mine.isPresent() && BlockHashes.folded(mine.getAsLong()) != hash;
  }

  /** How many news may be told now; what is left out is found by the next comparison. */
  private int mayTell(long now) {
    if (now >= secondEnds) {
      secondEnds = now + SECOND;
      toldThisSecond = 0;
    }
    return Math.min(
        MOST_NEWS_PER_SECOND - toldThisSecond, core.ladder.purse.spendable(now) / BYTES_PER_NEWS);
  }

  /** Tells a peer what it is known to have missed. */
  void tell(PeerRef to, List<MemberNews> missed) {
    Coverage coverage = core.ladder.exact();
    for (int told = 0; told < missed.size(); told += NEWS_PER_MESSAGE) {
      int end = Math.min(missed.size(), told + NEWS_PER_MESSAGE);
      List<MemberNews> part = List.copyOf(missed.subList(told, end));
      tell(to, new Records(coverage.bits(), coverage.first(), new BitSet(), part));
    }
  }

  private void tell(PeerRef to, Records records) {
    toldThisSecond += records.news().size();
    core.effects.send(to, records);
  }

  void onRecords(long now, PeerRef from, Records records) {
    if (!core.phase.hasPlace()) {
      return;
    }
    // A message without news makes this peer look through its table all the same.
    int count = 1 + records.news().size();
    if (!intake.take(from.id(), now, count)) {
      refused += count;
      return;
    }
    core.ladder.onRecords(records);
    List<MemberNews> answer = new ArrayList<>();
    Set<PeerId> named = new HashSet<>();
    for (MemberNews news : records.news()) {
      named.add(news.id());
      if (news.kind() == Kind.ALIVE
          && news.id().equals(from.id())
          && news.ref().incarnation() == from.incarnation()) {
        // What it says of itself is no hint.
        core.meet(now, from, news.refutation());
        continue;
      }
      // First what was said: the death of a later process is none that the cut has made.
      MemberNews agreed = core.merger.agreed(now, news);
      Change change = core.hear(now, from, core.refutation.refutable(agreed));
      if (change == Change.CONTRADICTED || !agreed.equals(news)) {
        core.table.known(news.id()).ifPresent(answer::add);
      }
    }
    for (int place = records.complete().nextSetBit(0);
        place >= 0;
        place = records.complete().nextSetBit(place + 1)) {
      for (MemberNews mine : core.table.membersOf(records.bits(), records.block(place))) {
        if (!named.contains(mine.id())) {
          answer.add(mine);
        }
      }
    }
    int told = 0;
    int most = mayTell(now);
    while (told < answer.size() && most > 0) {
      int end = Math.min(answer.size(), told + Math.min(most, NEWS_PER_MESSAGE));
      List<MemberNews> part = List.copyOf(answer.subList(told, end));
      tell(from, new Records(records.bits(), records.first(), new BitSet(), part));
      told = end;
      most = mayTell(now);
    }
  }

  /** News of others that were not taken, because one peer has told too many. */
  long refused() {
    return refused;
  }
}
