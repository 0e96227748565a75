// An immutable picture of the ring as one peer sees it: what routing reads.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ring as one peer sees it at one moment. Immutable; readers on any thread take the latest and
 * look up in it.
 *
 * <p>Two things are told apart: whom this peer believes to own a key ({@link #owner}, from the
 * membership table), and whether this peer itself may serve it ({@link #owns}, which its {@link
 * Holding} says for the very moment of the question).
 */
public final class RingView {
  private final PeerRef self;
  private final boolean joined;
  private final long version;
  private final List<PeerRef> predecessors;
  private final List<PeerRef> successors;
  private final SortedPeers members;
  private final boolean complete;
  private final Key exactFrom;
  private final Key exactTo;
  private final Holding holding;

  /**
   * A view.
   *
   * @param self this peer
   * @param joined whether it is part of a ring (a ring of one counts)
   * @param version grows with each view of this peer
   * @param predecessors the peers before it, nearest first; empty if it is alone
   * @param successors the peers after it, nearest first; empty if it is alone
   * @param members all peers that are believed alive; this one is added if it is missing
   */
  public RingView(
      PeerRef self,
      boolean joined,
      long version,
      List<PeerRef> predecessors,
      List<PeerRef> successors,
      Collection<PeerRef> members) {
    this.self = self;
    this.joined = joined;
    this.version = version;
    this.predecessors = List.copyOf(predecessors);
    this.successors = List.copyOf(successors);
    List<PeerRef> all = new ArrayList<>(members);
    if (members.stream().noneMatch(member -> member.id().equals(self.id()))) {
      all.add(self);
    }
    this.members = SortedPeers.of(all);
    complete = true;
    exactFrom = self.id().position();
    exactTo = exactFrom;
    holding = pointersAlone();
  }

  private RingView(
      PeerRef self,
      boolean joined,
      long version,
      List<PeerRef> predecessors,
      List<PeerRef> successors,
      SortedPeers sorted,
      boolean complete,
      Key exactFrom,
      Key exactTo,
      @Nullable Holding holding) {
    this.self = self;
    this.joined = joined;
    this.version = version;
    this.predecessors = List.copyOf(predecessors);
    this.successors = List.copyOf(successors);
    members = sorted;
    this.complete = complete;
    this.exactFrom = exactFrom;
    this.exactTo = exactTo;
    this.holding = holding == null ? pointersAlone() : holding;
  }

  private Holding pointersAlone() {
    return joined
        ? Holding.always(predecessor().id().position(), self.id().position())
        : new Holding();
  }

  /** A view of members among whom this peer is. */
  public static RingView ofSorted(
      PeerRef self,
      boolean joined,
      long version,
      List<PeerRef> predecessors,
      List<PeerRef> successors,
      SortedPeers sorted) {
    Key here = self.id().position();
    return new RingView(
        self, joined, version, predecessors, successors, sorted, true, here, here, null);
  }

  /**
   * As {@link #ofSorted}, of a table that does not hold everybody: only between these positions,
   * clockwise, every peer is known.
   */
  public static RingView partial(
      PeerRef self,
      boolean joined,
      long version,
      List<PeerRef> predecessors,
      List<PeerRef> successors,
      SortedPeers sorted,
      Key exactFrom,
      Key exactTo) {
    return new RingView(
        self, joined, version, predecessors, successors, sorted, false, exactFrom, exactTo, null);
  }

  /** The same view of a peer that may serve what this holding says. */
  public RingView holding(Holding other) {
    return new RingView(
        self,
        joined,
        version,
        predecessors,
        successors,
        members,
        complete,
        exactFrom,
        exactTo,
        other);
  }

  /** The same with other members, this peer among them. */
  public RingView withMembers(SortedPeers sorted) {
    return new RingView(
        self,
        joined,
        version,
        predecessors,
        successors,
        sorted,
        complete,
        exactFrom,
        exactTo,
        holding);
  }

  /** The view of a peer that has not joined anything. */
  public static RingView outside(PeerRef self) {
    return new RingView(self, false, 0, List.of(), List.of(), List.of(self));
  }

  /** This peer. */
  public PeerRef self() {
    return self;
  }

  /** Whether this peer is part of a ring. */
  public boolean joined() {
    return joined;
  }

  /** Grows with each view. */
  public long version() {
    return version;
  }

  /** The peers before this one, nearest first. */
  public List<PeerRef> predecessors() {
    return predecessors;
  }

  /** The peers after this one, nearest first. */
  public List<PeerRef> successors() {
    return successors;
  }

  /** The peer before this one; this one itself if it is alone. */
  public PeerRef predecessor() {
    return predecessors.isEmpty() ? self : predecessors.get(0);
  }

  /** How many peers are known, this one included. */
  public int size() {
    return members.size();
  }

  /** The peer at a place in the order of positions. */
  public PeerRef member(int index) {
    return members.get(index);
  }

  /** All known peers in the order of their positions. */
  public List<PeerRef> members() {
    return members.asList();
  }

  /**
   * Who owns the key, as far as this peer knows: the first known peer at or after it. A guess where
   * {@link #isExact} is false.
   */
  public PeerRef owner(Key key) {
    return members.get(indexAtOrAfter(key));
  }

  /**
   * Whether {@link #owner} is exact for the key: every peer around it is known. Always so in a
   * table that holds everybody.
   */
  public boolean isExact(Key key) {
    return complete || key.isIn(exactFrom, exactTo);
  }

  /** Whether the table holds everybody, as far as this peer knows. */
  public boolean complete() {
    return complete;
  }

  /**
   * The known peers nearest to the key, in either direction, nearest first, without this peer:
   * those who know most about who owns it.
   *
   * @param most how many at most, at least 1
   */
  public List<PeerRef> towards(Key key, int most) {
    List<PeerRef> nearest = new ArrayList<>(most);
    int after = indexAtOrAfter(key);
    int before = after == 0 ? members.size() - 1 : after - 1;
    for (int seen = 0; seen < members.size() && nearest.size() < most; seen++) {
      Key ahead = key.distanceTo(members.get(after).id().position());
      Key behind = members.get(before).id().position().distanceTo(key);
      PeerRef next;
      if (ahead.compareTo(behind) <= 0) {
        next = members.get(after);
        after = after + 1 == members.size() ? 0 : after + 1;
      } else {
        next = members.get(before);
        before = before == 0 ? members.size() - 1 : before - 1;
      }
      if (!next.id().equals(self.id())) {
        nearest.add(next);
      }
    }
    return nearest;
  }

  /** The index of the first known peer at or after the key, clockwise. */
  public int indexAtOrAfter(Key key) {
    int at = members.indexAtOrAfter(key);
    return at == members.size() ? 0 : at;
  }

  /**
   * Whether this peer may serve the key, for those who need to be the only one ({@link
   * OwnershipMode#STRICT}).
   *
   * @param now machine time, read at the moment of the check: a lease may have run out since the
   *     view was made
   */
  public boolean owns(Key key, long now) {
    return owns(key, now, OwnershipMode.STRICT);
  }

  /** Whether this peer may serve the key at this very moment, in this mode. */
  public boolean owns(Key key, long now, OwnershipMode mode) {
    return joined && holding.mayServe(key, now, mode);
  }

  /** What this peer may serve: the latest, not what it was when the view was made. */
  public Holding holding() {
    return holding;
  }

  /** The known peer with this id. */
  public Optional<PeerRef> find(PeerId id) {
    return members.find(id);
  }
}
