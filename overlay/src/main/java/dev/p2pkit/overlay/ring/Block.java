// The members in one part of the ring, as one peer knows them; never changes.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedRun;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;

/**
 * The members in one part of the ring in the order of their positions. A change makes another
 * block, so that views, other peers of this process and the table itself may hold the same one.
 * Refutations are rare: without any, a member costs one reference.
 */
final class Block {
  private static final long[] NO_REFUTATIONS = {};

  static final Block EMPTY = new Block(new PeerRef[0], new long[0], NO_REFUTATIONS, 0);

  final PeerRef[] refs;

  /** The upper halves of the members' positions. */
  private final long[] highs;

  /** Both of them, for lists that several blocks are part of. */
  private final SortedRun run;

  private final long[] refutations;

  /** The exclusive or of the hashes of all members. */
  final long hash;

  private Block(PeerRef[] refs, long[] highs, long[] refutations, long hash) {
    this.refs = refs;
    this.highs = highs;
    run = new SortedRun(refs, highs);
    this.refutations = refutations;
    this.hash = hash;
  }

  /** Of members that are sorted; the array is not copied. */
  static Block of(PeerRef[] sorted) {
    long hash = 0;
    long[] highs = new long[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      hash ^= hashOf(sorted[i], 0);
      highs[i] = sorted[i].id().position().high();
    }
    return sorted.length == 0 ? EMPTY : new Block(sorted, highs, NO_REFUTATIONS, hash);
  }

  static long hashOf(PeerRef ref, long refutation) {
    Key position = ref.id().position();
    return mix(position.high() ^ mix(position.low() ^ mix(ref.incarnation() * 31 + refutation)));
  }

  /** The finaliser of SplitMix64. */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  int size() {
    return refs.length;
  }

  long refutation(int at) {
    return refutations.length == 0 ? 0 : refutations[at];
  }

  MemberNews news(int at) {
    return MemberNews.alive(refs[at], refutation(at));
  }

  /** The place of a member, or where it would be as {@code -(place + 1)}. */
  int indexOf(PeerId id) {
    int at = atOrAfter(id.position());
    return at < refs.length && refs[at].id().equals(id) ? at : -(at + 1);
  }

  /** The place of the first member at or after a position; the size if all are before it. */
  int atOrAfter(Key position) {
    return run.atOrAfter(position);
  }

  /** The members as one piece of a longer list. */
  SortedRun run() {
    return run;
  }

  Block inserted(int at, PeerRef ref, long refutation) {
    PeerRef[] more = new PeerRef[refs.length + 1];
    System.arraycopy(refs, 0, more, 0, at);
    more[at] = ref;
    System.arraycopy(refs, at, more, at + 1, refs.length - at);
    long[] moreHighs = new long[more.length];
    System.arraycopy(highs, 0, moreHighs, 0, at);
    moreHighs[at] = ref.id().position().high();
    System.arraycopy(highs, at, moreHighs, at + 1, highs.length - at);
    long[] numbers = NO_REFUTATIONS;
    if (refutation != 0 || refutations.length > 0) {
      numbers = new long[more.length];
      for (int i = 0; i < refs.length; i++) {
        numbers[i < at ? i : i + 1] = refutation(i);
      }
      numbers[at] = refutation;
    }
    return new Block(more, moreHighs, numbers, hash ^ hashOf(ref, refutation));
  }

  Block replaced(int at, PeerRef ref, long refutation) {
    PeerRef[] changed = refs.clone();
    changed[at] = ref;
    long[] numbers = NO_REFUTATIONS;
    if (refutation != 0 || refutations.length > 0) {
      numbers = refutations.length > 0 ? refutations.clone() : new long[refs.length];
      numbers[at] = refutation;
    }
    return new Block(changed, highs, numbers, hash ^ hashAt(at) ^ hashOf(ref, refutation));
  }

  Block removed(int at) {
    if (refs.length == 1) {
      return EMPTY;
    }
    PeerRef[] fewer = new PeerRef[refs.length - 1];
    System.arraycopy(refs, 0, fewer, 0, at);
    System.arraycopy(refs, at + 1, fewer, at, fewer.length - at);
    long[] fewerHighs = new long[fewer.length];
    System.arraycopy(highs, 0, fewerHighs, 0, at);
    System.arraycopy(highs, at + 1, fewerHighs, at, fewer.length - at);
    long[] numbers = NO_REFUTATIONS;
    if (refutations.length > 0) {
      numbers = new long[fewer.length];
      for (int i = 0; i < fewer.length; i++) {
        numbers[i] = refutations[i < at ? i : i + 1];
      }
    }
    return new Block(fewer, fewerHighs, numbers, hash ^ hashAt(at));
  }

  long hashAt(int at) {
    return hashOf(refs[at], refutation(at));
  }

  boolean sameAs(Block other) {
    return hash == other.hash
        && Arrays.equals(refs, other.refs)
        && (refutations.length == other.refutations.length
            ? Arrays.equals(refutations, other.refutations)
            : Arrays.stream(refutations).allMatch(number -> number == 0)
                && Arrays.stream(other.refutations).allMatch(number -> number == 0));
  }
}
