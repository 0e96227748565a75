// Unites two rings of which somebody knows an arc only: each peer finds its neighbours in the
// other.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.HailAnswer;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * Ring unification by gossip (Shafaat, Ghodsi and Haridi, "Dealing with network partitions in
 * structured overlay networks", 2009). A peer that has met the other ring goes through it towards
 * its own place: each one asked names the first peer behind that place whom it knows, until one is
 * its neighbour there. Whoever lies in this peer's arc and has answered itself is a member from
 * then on, its death here is taken back, and the ring is told. A peer that has found somebody new
 * tells two others of the other ring: its old successor and one anywhere; later finds are told to
 * the old successor alone, if they stand before it. So it spreads fast and stops by itself.
 */
final class Weaver {
  /** How many peers whom others have named are asked in a second at most. */
  private static final int MOST_QUESTIONS = 10;

  /** For how long after the last find the rings are taken to be uniting still. */
  private static final long GOES_ON = 30_000_000;

  private final RingCore core;
  private final Merger merger;
  private static final long NEVER = Long.MIN_VALUE / 2;
  private long foundAt = NEVER;
  private final Allowance<PeerId> questions = new Allowance<>(MOST_QUESTIONS);

  Weaver(RingCore core, Merger merger) {
    this.core = core;
    this.merger = merger;
  }

  /** This peer is part of no ring any more: what was found belonged to another life of it. */
  void clear() {
    foundAt = NEVER;
  }

  /** A peer of another ring has asked. */
  void met(long now, PeerRef from, boolean whole) {
    found(now, from, whole);
  }

  /** A peer of another ring has answered. */
  void onAnswer(long now, PeerRef from, HailAnswer answer) {
    found(now, from, answer.whole());
    go(now, from, answer.at());
  }

  /** A member of this ring has met somebody of another one, or counts him among its own. */
  void told(long now, PeerRef stranger) {
    ask(now, stranger);
  }

  /** Whether peers of another ring were found of late. */
  boolean uniting(long now) {
    return now - foundAt < GOES_ON;
  }

  /** Whether others may take the rings to be uniting still. */
  boolean unitedLately(long now) {
    return now - foundAt < 2 * GOES_ON;
  }

  /**
   * What is true of a peer of which the table of another says this: those of the other ring are
   * dead by this one's table only.
   */
  MemberNews agreed(MemberNews said) {
    return core.table.known(said.id()).map(known -> TableUnion.agreed(said, known)).orElse(said);
  }

  private void ask(long now, PeerRef named) {
    if (questions.take(core.self.id(), now)) {
      merger.hail(now, named);
    }
  }

  /** On through the other ring, ever nearer to this peer's own place. */
  private void go(long now, PeerRef from, PeerRef at) {
    if (!core.isSelf(at.id())
        && !core.table.contains(at.id())
        && way(at).compareTo(way(from)) < 0) {
      ask(now, at);
    }
  }

  private Key way(PeerRef ref) {
    return core.self.id().position().distanceTo(ref.id().position());
  }

  /** A peer of another ring is there, as its link proves. */
  private void found(long now, PeerRef from, boolean whole) {
    if (!core.table.coverage().covers(from.id().position()) || core.table.contains(from.id())) {
      return;
    }
    MemberNews alive = MemberNews.alive(from, 0);
    Optional<MemberNews> grave = core.table.known(from.id());
    MemberNews agreed = grave.flatMap(known -> TableUnion.lives(alive, known)).orElse(alive);
    Optional<PeerRef> successor = core.pointers.successor();
    core.reunion.met(now, from.id());
    core.learn(now, agreed);
    if (!core.table.contains(from.id())) {
      return;
    }
    core.dissemination.gather();
    // Each is found by the one that follows it; of the others nobody need tell.
    if (core.isSelf(core.table.after(from.id().position()).id())) {
      core.dissemination.announce(agreed);
    }
    core.stabiliser.candidate(now, from);
    boolean first = !uniting(now);
    foundAt = now;
    boolean between =
        successor
            .filter(ref -> Pointers.strictlyBetween(core.self.id(), from.id(), ref.id()))
            .isPresent();
    if (first || between) {
      successor.ifPresent(ref -> tell(ref, from, whole));
    }
    if (first) {
      core.dissemination.forgetDeaths();
      SortedPeers all = core.known.all();
      tell(all.get(core.effects.random().nextInt(all.size())), from, whole);
    }
  }

  private void tell(PeerRef member, PeerRef stranger, boolean whole) {
    if (!core.isSelf(member.id()) && !member.id().equals(stranger.id())) {
      core.effects.send(member, new Foreign(stranger, whole));
    }
  }
}
