// What all lists of neighbours together look like: Zave's invariant and what follows from it.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the lists of all live members together look like. Zave ("Reasoning about identifier spaces:
 * how to make Chord correct", 2017) has proved that the ring stays whole if at each moment every
 * member has a live successor in its list and there are more <em>principals</em> than a list is
 * long: members that no two adjacent entries of anybody's list (the owner of the list in front)
 * skip. From that follow lists in order, one ring, and a way to it from every member.
 *
 * <p>Built for one moment; takes n log n steps times the length of the lists.
 */
public final class RingShape {
  private final List<Neighbours> members;
  private final List<Neighbours> entering;
  private final PeerId[] ids;

  /** For each member the place of its first live successor; its own if it has none. */
  private final int[] next;

  private final boolean[] hasNext;

  /** The shape of a ring whose live members are these. */
  public RingShape(List<Neighbours> liveMembers) {
    this(liveMembers, List.of());
  }

  /**
   * The shape of a ring.
   *
   * @param liveMembers who owns keys
   * @param entering who was let in and owns none yet: they tell others their lists, so whom these
   *     skip is no principal
   */
  public RingShape(List<Neighbours> liveMembers, List<Neighbours> entering) {
    this.entering = entering;
    members = liveMembers.stream().sorted(Comparator.comparing(Neighbours::self)).toList();
    int size = members.size();
    ids = new PeerId[size];
    Arrays.setAll(ids, place -> members.get(place).self());
    next = new int[size];
    hasNext = new boolean[size];
    for (int place = 0; place < size; place++) {
      next[place] = place;
      for (PeerRef ref : members.get(place).successors()) {
        int at = Arrays.binarySearch(ids, ref.id());
        if (at >= 0) {
          next[place] = at;
          hasNext[place] = true;
          break;
        }
      }
    }
  }

  /** How many are members. */
  int size() {
    return members.size();
  }

  /** A list that is not in the order of the ring or names somebody twice. */
  public Optional<String> disorder() {
    return members.stream().flatMap(member -> disorder(member).stream()).findFirst();
  }

  /** The same of one member. */
  static Optional<String> disorder(Neighbours member) {
    if (!ordered(member.self(), member.successors(), true)) {
      return Optional.of(text(member) + " has disordered successors " + member.successors());
    }
    if (!ordered(member.self(), member.predecessors(), false)) {
      return Optional.of(text(member) + " has disordered predecessors " + member.predecessors());
    }
    return Optional.empty();
  }

  /** A member without a live successor, where there is anybody else. */
  public Optional<String> abandoned() {
    for (int place = 0; members.size() > 1 && place < members.size(); place++) {
      if (!hasNext[place]) {
        Neighbours member = members.get(place);
        return Optional.of(text(member) + " has no live successor in " + member.successors());
      }
    }
    return Optional.empty();
  }

  /**
   * What keeps the first live successors from forming one ring in the order of positions, to which
   * all members lead.
   */
  public Optional<String> notOneRing() {
    int size = members.size();
    if (size <= 1) {
      return Optional.empty();
    }
    int[] colour = new int[size];
    int cycles = 0;
    for (int start = 0; start < size; start++) {
      int at = start;
      while (colour[at] == 0) {
        colour[at] = start + 1;
        at = next[at];
      }
      if (colour[at] == start + 1) {
        if (++cycles > 1) {
          return Optional.of(
              "there is more than one ring; the second has " + text(members.get(at)));
        }
        int turns = 0;
        int from = at;
        do {
          turns += next[at] <= at ? 1 : 0;
          at = next[at];
        } while (at != from);
        if (turns != 1) {
          return Optional.of("the ring winds round " + turns + " times");
        }
      }
    }
    return Optional.empty();
  }

  /** Those whom nobody's list skips. */
  public List<PeerId> principals() {
    int size = members.size();
    int[] skips = new int[size + 1];
    members.forEach(member -> skip(skips, member));
    entering.forEach(peer -> skip(skips, peer));
    List<PeerId> principals = new ArrayList<>();
    int skipped = 0;
    for (int place = 0; place < size; place++) {
      skipped += skips[place];
      if (skipped == 0) {
        principals.add(ids[place]);
      }
    }
    return principals;
  }

  private void skip(int[] skips, Neighbours peer) {
    PeerId from = peer.self();
    for (PeerRef ref : peer.successors()) {
      skip(skips, from, ref.id());
      from = ref.id();
    }
  }

  /** Adds one over all places strictly between two peers, clockwise. */
  private void skip(int[] skips, PeerId from, PeerId to) {
    int first = placeAtOrAfter(from);
    if (first < ids.length && ids[first].equals(from)) {
      first++;
    }
    int end = placeAtOrAfter(to);
    if (from.compareTo(to) < 0) {
      skips[first]++;
      skips[end]--;
    } else {
      skips[first]++;
      skips[ids.length]--;
      skips[0]++;
      skips[end]--;
    }
  }

  private int placeAtOrAfter(PeerId id) {
    int at = Arrays.binarySearch(ids, id);
    return at >= 0 ? at : -(at + 1);
  }

  /** Zave's invariant, and what follows from it, for lists of this length. */
  public Optional<String> broken(int listLength) {
    return disorder()
        .or(this::abandoned)
        .or(this::notOneRing)
        .or(
            () -> {
              int principals = principals().size();
              return principals > listLength
                  ? Optional.empty()
                  : Optional.of("only " + principals + " principals for lists of " + listLength);
            });
  }

  /**
   * Whether the proof allows this member to die now: everybody else keeps a live successor, and it
   * is no principal, or there is one more than needed.
   */
  public boolean mayDie(PeerId victim, int listLength) {
    for (Neighbours member : members) {
      if (!member.self().equals(victim)
          && member.successors().stream()
              .map(PeerRef::id)
              .noneMatch(id -> !id.equals(victim) && Arrays.binarySearch(ids, id) >= 0)) {
        return false;
      }
    }
    List<PeerId> principals = principals();
    return principals.size() > listLength + 1 || !principals.contains(victim);
  }

  private static boolean ordered(PeerId self, List<PeerRef> list, boolean clockwise) {
    Key reached = Key.ZERO;
    for (PeerRef ref : list) {
      Key here = self.position();
      Key there = ref.id().position();
      Key distance = clockwise ? here.distanceTo(there) : there.distanceTo(here);
      if (distance.compareTo(reached) <= 0) {
        return false;
      }
      reached = distance;
    }
    return true;
  }

  private static String text(Neighbours member) {
    return member.self().shortText();
  }
}
