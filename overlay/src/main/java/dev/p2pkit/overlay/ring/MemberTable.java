// Everybody in the network, and who is gone for good.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The membership table: all peers believed alive, in the order of their positions, and those known
 * to be gone, so that old news does not revive them. It holds everybody (the first level of a
 * family of tables); a table that holds an arc and contacts beyond it would take its place here.
 *
 * <p>Each of 256 arcs has a hash over its members, by which two peers find what they know
 * differently.
 */
final class MemberTable {
  /** Into how many equal arcs the ring is divided for comparing tables. */
  static final int ARCS = 256;

  private static final int MOST_GONE = 16_384;

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
    /** It was known. */
    NOTHING,
    /** What is known here is newer. */
    CONTRADICTED
  }

  private record Gone(MemberNews news, long since) {}

  private PeerRef[] refs;
  private int[] refutations = new int[16];
  private long[] since = new long[16];
  private int size;
  private final Map<PeerId, Gone> gone = new LinkedHashMap<>();
  private final long[] hashes = new long[ARCS];
  private long hash;
  private long changes;

  MemberTable(PeerRef self) {
    refs = new PeerRef[16];
    refs[0] = self;
    size = 1;
    toggle(self, 0);
  }

  /** Forgets everybody but this peer, and that it ever refuted anything. */
  void clear(PeerRef self) {
    Arrays.fill(refs, 1, size, self);
    Arrays.fill(hashes, 0);
    hash = 0;
    refs[0] = self;
    refutations[0] = 0;
    since[0] = 0;
    size = 1;
    gone.clear();
    toggle(self, 0);
    changes++;
  }

  int size() {
    return size;
  }

  PeerRef get(int index) {
    return refs[index];
  }

  long hash() {
    return hash;
  }

  long hash(int arc) {
    return hashes[arc];
  }

  long changes() {
    return changes;
  }

  /** All members, sorted; the caller's to keep. */
  PeerRef[] sorted() {
    return Arrays.copyOf(refs, size);
  }

  /** The place of a member, or where it would be as {@code -(place + 1)}. */
  int indexOf(PeerId id) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = refs[middle].id().compareTo(id);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -(low + 1);
  }

  boolean contains(PeerId id) {
    return indexOf(id) >= 0;
  }

  /** What is believed of a peer, good or bad. */
  Optional<MemberNews> known(PeerId id) {
    int at = indexOf(id);
    if (at >= 0) {
      return Optional.of(MemberNews.alive(refs[at], refutations[at]));
    }
    Gone grave = gone.get(id);
    return grave == null ? Optional.empty() : Optional.of(grave.news());
  }

  Optional<PeerRef> find(PeerId id) {
    int at = indexOf(id);
    return at < 0 ? Optional.empty() : Optional.of(refs[at]);
  }

  /** Since when a member is known in this incarnation; 0 if it is none. */
  long since(PeerId id) {
    int at = indexOf(id);
    return at < 0 ? 0 : since[at];
  }

  /** Whether a process is known to be gone, whatever it may have said to others since. */
  boolean isGone(PeerRef ref) {
    Gone grave = gone.get(ref.id());
    return grave != null && grave.news().ref().incarnation() >= ref.incarnation();
  }

  /** The first member after a position, clockwise; never empty, as this peer is a member. */
  PeerRef after(Key position) {
    int at = indexOf(new PeerId(position));
    int next = at >= 0 ? at + 1 : -(at + 1);
    return refs[next == size ? 0 : next];
  }

  /** The first member before a position, counter-clockwise. */
  PeerRef before(Key position) {
    int at = indexOf(new PeerId(position));
    int place = at >= 0 ? at : -(at + 1);
    return refs[place == 0 ? size - 1 : place - 1];
  }

  PeerRef random(SplittableRandom random) {
    return refs[random.nextInt(size)];
  }

  Change apply(long now, MemberNews news) {
    Change change = news.kind() == Kind.ALIVE ? revive(now, news) : bury(now, news);
    if (change != Change.NOTHING && change != Change.CONTRADICTED) {
      changes++;
    }
    return change;
  }

  private Change revive(long now, MemberNews news) {
    Gone grave = gone.get(news.id());
    if (grave != null) {
      MemberNews end = grave.news();
      if (news.compareAge(end.ref().incarnation(), end.refutation()) <= 0) {
        return Change.CONTRADICTED;
      }
      gone.remove(news.id());
    }
    int at = indexOf(news.id());
    if (at < 0) {
      insert(-(at + 1), news, now);
      return Change.ADDED;
    }
    int order = news.compareAge(refs[at].incarnation(), refutations[at]);
    if (order <= 0) {
      return order < 0 ? Change.CONTRADICTED : Change.NOTHING;
    }
    boolean replaced = refs[at].incarnation() != news.ref().incarnation();
    toggle(refs[at], refutations[at]);
    refs[at] = news.ref();
    refutations[at] = news.refutation();
    since[at] = now;
    toggle(refs[at], refutations[at]);
    return replaced ? Change.REPLACED : Change.RENEWED;
  }

  private Change bury(long now, MemberNews news) {
    Gone grave = gone.get(news.id());
    if (grave != null
        && news.compareAge(grave.news().ref().incarnation(), grave.news().refutation()) <= 0) {
      return Change.NOTHING;
    }
    int at = indexOf(news.id());
    if (at >= 0 && news.compareAge(refs[at].incarnation(), refutations[at]) < 0) {
      return Change.CONTRADICTED;
    }
    gone.remove(news.id());
    gone.put(news.id(), new Gone(news, now));
    if (gone.size() > MOST_GONE) {
      gone.remove(gone.keySet().iterator().next());
    }
    if (at < 0) {
      return Change.BURIED;
    }
    toggle(refs[at], refutations[at]);
    size--;
    System.arraycopy(refs, at + 1, refs, at, size - at);
    System.arraycopy(refutations, at + 1, refutations, at, size - at);
    System.arraycopy(since, at + 1, since, at, size - at);
    return Change.REMOVED;
  }

  private void insert(int at, MemberNews news, long now) {
    if (size == refs.length) {
      refs = Arrays.copyOf(refs, size * 2);
      refutations = Arrays.copyOf(refutations, size * 2);
      since = Arrays.copyOf(since, size * 2);
    }
    System.arraycopy(refs, at, refs, at + 1, size - at);
    System.arraycopy(refutations, at, refutations, at + 1, size - at);
    System.arraycopy(since, at, since, at + 1, size - at);
    refs[at] = news.ref();
    refutations[at] = news.refutation();
    since[at] = now;
    size++;
    toggle(news.ref(), news.refutation());
  }

  /** Forgets those who have been gone for longer than this; they are kept in order of time. */
  void forget(long before) {
    Iterator<Gone> oldest = gone.values().iterator();
    while (oldest.hasNext() && oldest.next().since() < before) {
      oldest.remove();
    }
  }

  static int arcOf(PeerId id) {
    return (int) (id.position().high() >>> 56);
  }

  /** The members in one of the {@link #ARCS}. */
  List<MemberNews> inArc(int arc) {
    int at = indexOf(new PeerId(new Key((long) arc << 56, 0)));
    List<MemberNews> found = new ArrayList<>();
    for (int i = at >= 0 ? at : -(at + 1); i < size && arcOf(refs[i].id()) == arc; i++) {
      found.add(MemberNews.alive(refs[i], refutations[i]));
    }
    return found;
  }

  /** Everybody, for a peer that joins. */
  List<MemberNews> everybody() {
    List<MemberNews> all = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      all.add(MemberNews.alive(refs[i], refutations[i]));
    }
    return all;
  }

  private void toggle(PeerRef ref, int refutation) {
    Key position = ref.id().position();
    long mixed =
        mix(position.high() ^ mix(position.low() ^ mix(ref.incarnation() * 31 + refutation)));
    hash ^= mixed;
    hashes[arcOf(ref.id())] ^= mixed;
  }

  /** The finaliser of SplitMix64. */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
