// The peers around this one on the ring, or everybody, and who is gone for good.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.SortedRun;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The membership table: all peers believed alive in the covered part of the ring, in the order of
 * their positions, and those known to be gone, so that old news does not revive them.
 *
 * <p>The members are held in blocks that never change: a change replaces one, and views share the
 * others. Each block has a hash over its members, by which two peers find what they know
 * differently.
 */
final class MemberTable {
  /** For how long it is remembered when somebody came; the dial of an old address may last that. */
  private static final long RECENT = 10_000_000;

  /** What a piece of news did to the table. */
  enum Change {
    /** A member that was not there before. */
    ADDED,
    /** A new process of a known member. */
    REPLACED,
    /** A known member has refuted its death. */
    RENEWED,
    /** A member is gone. */
    REMOVED,
    /** Somebody who was no member is gone. */
    BURIED,
    /** It was known, or is about somebody outside of the covered part. */
    NOTHING,
    /** What is known here is newer. */
    CONTRADICTED,
    /** It is said of a neighbour that was heard a moment ago, and is looked into. */
    DOUBTED
  }

  private final @Nullable SharedBlocks shared;
  private Coverage coverage = Coverage.EVERYTHING;
  private Block[] blocks = new Block[coverage.count()];

  /** Whether the blocks are held by others, too, and have to be copied before a change. */
  private boolean borrowed;

  private int size;
  private long hash;
  private long changes;
  private final Graves graves = new Graves();

  private final LateChanges late = new LateChanges();
  private long agedAt = Long.MIN_VALUE;

  /** Since when those are known who came lately. */
  private final Arrivals arrivals = new Arrivals();

  private @Nullable SortedPeers sorted;

  MemberTable(PeerRef self) {
    this(self, null);
  }

  /**
   * An empty table.
   *
   * @param shared where the peers of this process share their blocks; null if they do not
   */
  MemberTable(PeerRef self, @Nullable SharedBlocks shared) {
    this.shared = shared;
    clear(self);
  }

  /** Forgets everybody but this peer, and that it ever refuted anything. */
  void clear(PeerRef self) {
    coverage = Coverage.EVERYTHING;
    blocks = new Block[coverage.count()];
    borrowed = false;
    Arrays.fill(blocks, Block.EMPTY);
    size = 0;
    hash = 0;
    graves.clear();
    arrivals.clear();
    int place = coverage.placeOf(self.id().position());
    put(place, Block.of(new PeerRef[] {self}));
    changes++;
  }

  /** Takes over what somebody else has put together. */
  void fill(Coverage other, Block[] content) {
    coverage = other;
    blocks = content.clone();
    borrowed = false;
    settle();
    size = 0;
    hash = 0;
    for (Block block : blocks) {
      size += block.size();
      hash ^= block.hash;
    }
    sorted = null;
    changes++;
  }

  /** Begins with what all peers know that cover the same part of a ring. */
  void form(FormedTable formed) {
    fill(coverage, formed.blocks());
    blocks = formed.blocks();
    borrowed = true;
    sorted = formed.members();
  }

  /** Covers another part of the ring from now on; those who are known and lie in it stay. */
  void recover(Coverage next) {
    if (next.equals(coverage)) {
      return;
    }
    Block[] content = new Block[next.count()];
    for (int place = 0; place < content.length; place++) {
      List<MemberNews> members = membersOf(next.bits(), next.blockAt(place));
      Block block = Block.of(members.stream().map(MemberNews::ref).toArray(PeerRef[]::new));
      for (int at = 0; at < members.size(); at++) {
        if (members.get(at).refutation() != 0) {
          block = block.replaced(at, members.get(at).ref(), members.get(at).refutation());
        }
      }
      content[place] = shared == null ? block : shared.intern(block);
    }
    fill(next, content);
  }

  /** Of which part of the ring everybody is known. */
  Coverage coverage() {
    return coverage;
  }

  int size() {
    return size;
  }

  PeerRef get(int index) {
    return peers().get(index);
  }

  long hash() {
    return hash;
  }

  /** One of the covered blocks. */
  Block block(int place) {
    return blocks[place];
  }

  /** The hash of one of the covered blocks. */
  long hash(int place) {
    return blocks[place].hash;
  }

  long changes() {
    return changes;
  }

  /** All members, sorted. */
  SortedPeers peers() {
    SortedPeers known = sorted;
    if (known == null) {
      known = join(coverage, blocks);
      sorted = known;
    }
    return known;
  }

  /** The members of some blocks in the order of their positions. */
  static SortedPeers join(Coverage coverage, Block[] blocks) {
    List<SortedRun> segments = new ArrayList<>(blocks.length);
    int zero = coverage.placeOf(Key.ZERO);
    // Where the covered part contains the position 0, what lies behind it comes first.
    for (int i = 0; i < blocks.length; i++) {
      segments.add(blocks[zero > 0 ? (zero + i) % blocks.length : i].run());
    }
    return SortedPeers.ofSegments(segments);
  }

  boolean contains(PeerId id) {
    int place = coverage.placeOf(id.position());
    return place >= 0 && blocks[place].indexOf(id) >= 0;
  }

  /** What is believed of a peer, good or bad. */
  Optional<MemberNews> known(PeerId id) {
    int place = coverage.placeOf(id.position());
    int at = place < 0 ? -1 : blocks[place].indexOf(id);
    return at >= 0 ? Optional.of(blocks[place].news(at)) : Optional.ofNullable(graves.find(id));
  }

  Optional<PeerRef> find(PeerId id) {
    int place = coverage.placeOf(id.position());
    int at = place < 0 ? -1 : blocks[place].indexOf(id);
    return at < 0 ? Optional.empty() : Optional.of(blocks[place].refs[at]);
  }

  /** Since when a member is known in this incarnation; 0 if that is long ago or it is none. */
  long since(PeerId id) {
    return contains(id) ? arrivals.since(id) : 0;
  }

  /** Whether a process is known to be gone, whatever it may have said to others since. */
  boolean isGone(PeerRef ref) {
    MemberNews grave = graves.find(ref.id());
    return grave != null && grave.ref().incarnation() >= ref.incarnation();
  }

  /** The first member after a position, clockwise; never empty, as this peer is a member. */
  PeerRef after(Key position) {
    int place = Math.max(0, coverage.placeOf(position));
    Block block = blocks[place];
    int at = coverage.covers(position) ? block.atOrAfter(position) : 0;
    if (at < block.size() && block.refs[at].id().position().equals(position)) {
      at++;
    }
    while (at >= block.size()) {
      place = place + 1 == blocks.length ? 0 : place + 1;
      block = blocks[place];
      at = 0;
    }
    return block.refs[at];
  }

  /** The first member before a position, counter-clockwise. */
  PeerRef before(Key position) {
    boolean covered = coverage.covers(position);
    int place = covered ? coverage.placeOf(position) : blocks.length - 1;
    int at = covered ? blocks[place].atOrAfter(position) : blocks[place].size();
    while (at == 0) {
      place = place == 0 ? blocks.length - 1 : place - 1;
      at = blocks[place].size();
    }
    return blocks[place].refs[at - 1];
  }

  PeerRef random(SplittableRandom random) {
    return peers().get(random.nextInt(size));
  }

  Change apply(long now, MemberNews news) {
    int place = coverage.placeOf(news.id().position());
    Change change =
        place < 0
            ? Change.NOTHING
            : news.kind() == Kind.ALIVE ? revive(now, place, news) : bury(place, news);
    if (change != Change.NOTHING && change != Change.CONTRADICTED) {
      changes++;
    }
    return change;
  }

  private Change revive(long now, int place, MemberNews news) {
    MemberNews end = graves.find(news.id());
    if (end != null) {
      if (news.compareAge(end.ref().incarnation(), end.refutation()) <= 0) {
        return Change.CONTRADICTED;
      }
      graves.reopen(news.id());
    }
    Block block = blocks[place];
    int at = block.indexOf(news.id());
    if (at < 0) {
      put(place, inserted(block, -(at + 1), news));
      arrivals.came(now, news.id());
      return Change.ADDED;
    }
    int order = news.compareAge(block.refs[at].incarnation(), block.refutation(at));
    if (order <= 0) {
      return order < 0 ? Change.CONTRADICTED : Change.NOTHING;
    }
    boolean replaced = block.refs[at].incarnation() != news.ref().incarnation();
    // Within the life of a process its address stays: what others say does not move it.
    PeerRef ref = replaced ? news.ref() : block.refs[at];
    Block renewed = block.replaced(at, ref, news.refutation());
    put(place, shared == null ? renewed : shared.intern(renewed));
    arrivals.came(now, news.id());
    return replaced ? Change.REPLACED : Change.RENEWED;
  }

  /** A member has said itself where it can be dialled. */
  void correct(PeerRef from) {
    int place = coverage.placeOf(from.id().position());
    Block block = place < 0 ? Block.EMPTY : blocks[place];
    int at = block.indexOf(from.id());
    if (at >= 0
        && block.refs[at].incarnation() == from.incarnation()
        && !block.refs[at].endpoint().equals(from.endpoint())) {
      put(place, block.replaced(at, from, block.refutation(at)));
      changes++;
    }
  }

  private Change bury(int place, MemberNews news) {
    MemberNews grave = graves.find(news.id());
    if (grave != null && news.compareAge(grave.ref().incarnation(), grave.refutation()) <= 0) {
      return Change.NOTHING;
    }
    Block block = blocks[place];
    int at = block.indexOf(news.id());
    if (at >= 0 && news.compareAge(block.refs[at].incarnation(), block.refutation(at)) < 0) {
      return Change.CONTRADICTED;
    }
    graves.bury(news);
    if (at < 0) {
      return Change.BURIED;
    }
    put(place, removed(block, at));
    return Change.REMOVED;
  }

  private Block inserted(Block block, int at, MemberNews news) {
    SharedBlocks others = shared;
    if (others == null) {
      return block.inserted(at, news.ref(), news.refutation());
    }
    Block known = others.inserted(block, at, news.ref(), news.refutation());
    return known != null ? known : others.intern(block.inserted(at, news.ref(), news.refutation()));
  }

  private Block removed(Block block, int at) {
    SharedBlocks others = shared;
    if (others == null) {
      return block.removed(at);
    }
    Block known = others.removed(block, at);
    return known != null ? known : others.intern(block.removed(at));
  }

  private void put(int place, Block block) {
    if (borrowed) {
      blocks = blocks.clone();
      borrowed = false;
    }
    Block before = blocks[place];
    blocks[place] = block;
    size += block.size() - before.size();
    hash ^= before.hash ^ block.hash;
    late.changed(place);
    sorted = null;
  }

  /** Forgets those who have been gone for longer than this, or for up to twice as long. */
  void forget(long now, long memory) {
    if (agedAt == Long.MIN_VALUE) {
      agedAt = now;
    } else if (now - agedAt >= memory) {
      graves.age();
      agedAt = now;
    }
    arrivals.forgetBefore(now - RECENT);
    late.tick(now);
  }

  /** What is known now was told by somebody who knows: no news of it are on their way. */
  void settle() {
    late.clear();
  }

  /**
   * Whether nothing has changed lately in one of 2^bits equal parts of the ring; not if it is not
   * covered.
   */
  boolean isSettled(int bits, int part) {
    int finer = coverage.bits() - bits;
    int first = finer >= 0 ? part << finer : part >>> -finer;
    for (int i = 0; i < 1 << Math.max(0, finer); i++) {
      int place = coverage.placeOfBlock(first + i);
      if (place < 0 || late.has(place)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The hash of the members in one of 2^bits equal parts of the ring; empty if not all of it is
   * covered.
   */
  OptionalLong hashOf(int bits, int part) {
    if (bits <= coverage.bits()) {
      int finer = coverage.bits() - bits;
      long combined = 0;
      for (int i = 0; i < 1 << finer; i++) {
        int place = coverage.placeOfBlock((part << finer) + i);
        if (place < 0) {
          return OptionalLong.empty();
        }
        combined ^= blocks[place].hash;
      }
      return OptionalLong.of(combined);
    }
    if (coverage.placeOfBlock(part >>> (bits - coverage.bits())) < 0) {
      return OptionalLong.empty();
    }
    long combined = 0;
    for (MemberNews news : membersOf(bits, part)) {
      combined ^= Block.hashOf(news.ref(), news.refutation());
    }
    return OptionalLong.of(combined);
  }

  /** The members in one of 2^bits equal parts of the ring, as far as it is covered. */
  List<MemberNews> membersOf(int bits, int part) {
    List<MemberNews> found = new ArrayList<>();
    int finer = Math.max(0, coverage.bits() - bits);
    int first = bits <= coverage.bits() ? part << finer : part >>> (bits - coverage.bits());
    for (int i = 0; i < 1 << finer; i++) {
      int place = coverage.placeOfBlock(first + i);
      if (place >= 0) {
        for (MemberNews news : inBlock(place)) {
          if (Coverage.blockOf(news.id().position(), bits) == part) {
            found.add(news);
          }
        }
      }
    }
    return found;
  }

  /** The members in one of the covered blocks. */
  List<MemberNews> inBlock(int place) {
    Block block = blocks[place];
    List<MemberNews> found = new ArrayList<>(block.size());
    for (int at = 0; at < block.size(); at++) {
      found.add(block.news(at));
    }
    return found;
  }

  /** Everybody, and everybody who is known to be gone: for a ring that unites with this one. */
  List<MemberNews> everythingKnown() {
    List<MemberNews> all = everybody();
    all.addAll(graves.all());
    return all;
  }

  /** Everybody, for a peer that joins. */
  List<MemberNews> everybody() {
    List<MemberNews> all = new ArrayList<>(size);
    for (int place = 0; place < blocks.length; place++) {
      all.addAll(inBlock(place));
    }
    return all;
  }
}
