// Peers that are remembered for ever, because they may lead back to a ring that was cut off.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Remembered peers: those through which this peer has joined, those that were kept from an earlier
 * life, and those that were declared dead, the long-lived ones first. One that is no member is
 * asked again and again, ever more seldom, whether it belongs to another ring. Bounded: of those
 * that died together each peer keeps others, by chance, so that all together remember enough.
 */
final class Remembered {
  /** Whoever has been a member for this long is worth more than one that came lately. */
  private static final long LONG_LIVED = 600_000_000L;

  /** How many of the places entry points may take. */
  private static final int SEEDS = 16;

  /** How many are asked at a time at most. */
  private static final int MOST_AT_ONCE = 8;

  /** Why a peer is remembered; what comes first goes first when there is no room. */
  private enum Kind {
    DIED_YOUNG,
    DIED_OLD,
    KEPT,
    SEED
  }

  private static final class Entry {
    PeerRef ref;
    Kind kind;
    long nextAt;
    long pause;

    Entry(PeerRef ref, Kind kind, long nextAt, long pause) {
      this.ref = ref;
      this.kind = kind;
      this.nextAt = nextAt;
      this.pause = pause;
    }
  }

  private final MergeConfig config;
  private final SplittableRandom random;
  private final Map<PeerId, Entry> entries = new LinkedHashMap<>();
  private long changes;

  Remembered(MergeConfig config, SplittableRandom random) {
    this.config = config;
    this.random = random;
  }

  /** Grows with every change of the list. */
  long changes() {
    return changes;
  }

  /** This peer has joined through another. */
  void seed(long now, PeerRef ref) {
    long seeds = entries.values().stream().filter(entry -> entry.kind == Kind.SEED).count();
    add(now, ref, seeds < SEEDS ? Kind.SEED : Kind.KEPT);
  }

  /** From an earlier life of this peer. */
  void kept(long now, PeerRef ref) {
    add(now, ref, Kind.KEPT);
  }

  /** A member was declared dead: it may only have been cut off. */
  void died(long now, PeerRef ref, long memberFor) {
    add(now, ref, memberFor >= LONG_LIVED ? Kind.DIED_OLD : Kind.DIED_YOUNG);
  }

  private void add(long now, PeerRef ref, Kind kind) {
    long firstAt = now + 1 + random.nextLong(config.probe());
    Entry entry = entries.get(ref.id());
    if (entry != null) {
      changes += entry.ref.equals(ref) ? 0 : 1;
      entry.ref = ref;
      entry.pause = config.probe();
      entry.nextAt = firstAt;
      return;
    }
    if (entries.size() < config.remembered() || makeRoom(kind)) {
      entries.put(ref.id(), new Entry(ref, kind, firstAt, config.probe()));
      changes++;
    }
  }

  private boolean makeRoom(Kind forKind) {
    boolean forEqual = forKind != Kind.SEED && random.nextBoolean();
    int lesser = 0;
    int equal = 0;
    for (Entry entry : entries.values()) {
      int order = entry.kind.compareTo(forKind);
      lesser += order < 0 ? 1 : 0;
      equal += order == 0 && forEqual ? 1 : 0;
    }
    if (lesser + equal == 0) {
      return false;
    }
    int victim = random.nextInt(lesser > 0 ? lesser : equal);
    Iterator<Entry> each = entries.values().iterator();
    while (victim >= 0) {
      int order = each.next().kind.compareTo(forKind);
      victim -= (lesser > 0 ? order < 0 : order == 0) ? 1 : 0;
    }
    each.remove();
    return true;
  }

  /** Where one that is remembered was last. */
  Optional<PeerRef> find(PeerId id) {
    return Optional.ofNullable(entries.get(id)).map(entry -> entry.ref);
  }

  /** All are due at once, and the pauses begin anew. */
  void askAgain(long now) {
    for (Entry entry : entries.values()) {
      entry.pause = config.probe();
      entry.nextAt = Math.min(entry.nextAt, now);
    }
  }

  /**
   * One that is due and is no member, by chance, so that those who died first are not asked first:
   * behind many that are dead the few that were cut off would wait for minutes. It is not due again
   * before its pause is over.
   */
  Optional<PeerRef> due(long now, MemberTable table, PeerId self) {
    Entry next = null;
    int seen = 0;
    for (Entry entry : entries.values()) {
      if (entry.nextAt <= now
          && !entry.ref.id().equals(self)
          && !table.contains(entry.ref.id())
          && random.nextInt(++seen) == 0) {
        next = entry;
      }
    }
    if (next == null) {
      return Optional.empty();
    }
    next.nextAt = now + next.pause;
    next.pause = Math.min(config.longestPause(), 2 * next.pause);
    return Optional.of(next.ref);
  }

  /** All who are no members. */
  List<PeerRef> absent(MemberTable table, PeerId self) {
    return entries.values().stream()
        .map(entry -> entry.ref)
        .filter(ref -> !ref.id().equals(self) && !table.contains(ref.id()))
        .toList();
  }

  /**
   * How many are asked at a time in a ring of so many peers. All peers of a ring ask, so in a large
   * one each asks one; the last few of many ask several, for they remember as many.
   */
  int atOnce(double peers) {
    return (int) Math.max(1, Math.min(MOST_AT_ONCE, config.remembered() / peers));
  }

  /** A remembered peer lives: it is asked again soon if that has brought nothing. */
  void lives(long now, PeerRef ref) {
    Entry entry = entries.get(ref.id());
    if (entry != null) {
      changes += entry.ref.equals(ref) ? 0 : 1;
      entry.ref = ref;
      entry.pause = config.probe();
      entry.nextAt = now + config.probe();
    }
  }

  /** Some that were declared dead here, by chance: a newcomer remembers them too. */
  List<PeerRef> lost(MemberTable table, int most) {
    List<PeerRef> lost = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (!table.contains(entry.ref.id())) {
        lost.add(entry.ref);
      }
    }
    while (lost.size() > most) {
      lost.remove(random.nextInt(lost.size()));
    }
    return lost;
  }

  /** Whom to write down: the remembered ones, and members in the places that are left. */
  List<PeerRef> toKeep(MemberTable table, PeerId self) {
    Map<PeerId, PeerRef> kept = new LinkedHashMap<>();
    for (Entry entry : entries.values()) {
      if (!entry.ref.id().equals(self)) {
        kept.put(entry.ref.id(), table.find(entry.ref.id()).orElse(entry.ref));
      }
    }
    int size = table.size();
    int stride = Math.max(1, size / Math.max(1, config.remembered()));
    // At even distances from this peer: the same ones while nothing changes, and not everybody's.
    int start = table.peers().indexAtOrAfter(self.position());
    for (int i = 0; i < size && kept.size() < config.remembered(); i += stride) {
      PeerRef member = table.get((start + i) % size);
      if (!member.id().equals(self)) {
        kept.putIfAbsent(member.id(), member);
      }
    }
    return List.copyOf(kept.values());
  }
}
