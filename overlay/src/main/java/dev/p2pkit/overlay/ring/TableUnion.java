// What one ring has to change in its table when it unites with another.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The union of two membership tables. While two rings were cut apart each has declared the peers of
 * the other dead. That was a mistake if the other ring, which has watched them all the time, knows
 * them alive: such a death is taken back for all by a refutation number above it, computed by both
 * sides alike, so that not each of thousands of peers must refute by itself. A peer that has left,
 * or that neither ring knows alive, stays gone.
 *
 * @param changes what to tell one's own ring
 * @param newcomers who comes in from the other ring, in this ring's words
 */
record TableUnion(List<MemberNews> changes, List<MemberNews> newcomers) {
  /**
   * A death that is found while rings unite is told with a number of refutations so far above the
   * known one: so it is told from those that only the cut has made, also by peers that do not know
   * yet what the union has taken back.
   */
  private static final int AHEAD = 8;

  /** By so much the tables of rings that unite may differ for other reasons. */
  private static final int DIFFERENCE = AHEAD / 2;

  /** What the one table lacks of what the other ring says. */
  static TableUnion of(MemberTable mine, PeerId self, List<MemberNews> theirs) {
    Map<PeerId, MemberNews> alive = new TreeMap<>();
    Map<PeerId, MemberNews> gone = new TreeMap<>();
    for (MemberNews news : theirs) {
      (news.kind() == Kind.ALIVE ? alive : gone).put(news.id(), news);
    }
    List<MemberNews> changes = new ArrayList<>();
    List<MemberNews> newcomers = new ArrayList<>();
    for (MemberNews news : alive.values()) {
      Optional<MemberNews> known = mine.known(news.id());
      Optional<MemberNews> agreed = known.isEmpty() ? Optional.of(news) : lives(news, known.get());
      if (agreed.isPresent()) {
        changes.add(agreed.get());
        if ((known.isEmpty() || known.get().kind() != Kind.ALIVE) && !news.id().equals(self)) {
          newcomers.add(agreed.get());
        }
      }
    }
    for (MemberNews news : gone.values()) {
      if (!alive.containsKey(news.id())) {
        mine.known(news.id())
            .filter(known -> known.kind() == Kind.ALIVE)
            .flatMap(known -> contradicted(known, news))
            .ifPresent(changes::add);
      }
    }
    return new TableUnion(List.copyOf(changes), List.copyOf(newcomers));
  }

  /** The death of a member that is found while rings unite, as it is told. */
  static MemberNews deathSince(MemberNews known) {
    long number = Math.min(known.refutation(), Refutation.MOST - AHEAD) + AHEAD;
    return new MemberNews(Kind.FAILED, known.ref(), number);
  }

  /** Whether a death of what is known as a member here was found before the rings met. */
  static boolean isOfTheCut(MemberNews death, MemberNews member) {
    return death.kind() == Kind.FAILED
        && member.kind() == Kind.ALIVE
        && death.ref().incarnation() == member.ref().incarnation()
        && death.refutation() < Refutation.MOST
        && death.refutation() - member.refutation() < DIFFERENCE;
  }

  /**
   * What is true of a peer where two tables differ while their rings unite: who was a member of
   * either ring lives, unless its death was found since.
   *
   * @param theirs what the other table says
   * @param known what this one says
   */
  static MemberNews agreed(MemberNews theirs, MemberNews known) {
    if (!isOfTheCut(theirs, known) && !isOfTheCut(known, theirs)) {
      return theirs;
    }
    Optional<MemberNews> agreed =
        theirs.kind() == Kind.ALIVE
            ? lives(theirs, known)
            : known.kind() == Kind.ALIVE ? contradicted(known, theirs) : Optional.empty();
    return agreed.orElse(theirs);
  }

  /** They know a peer alive of which something is known here. */
  static Optional<MemberNews> lives(MemberNews theirs, MemberNews known) {
    int order = theirs.compareAge(known.ref().incarnation(), known.refutation());
    if (order > 0) {
      return Optional.of(theirs);
    }
    boolean sameProcess = theirs.ref().incarnation() == known.ref().incarnation();
    return known.kind() == Kind.FAILED && sameProcess
        ? Optional.of(MemberNews.alive(theirs.ref(), above(known)))
        : Optional.empty();
  }

  /** They believe a peer gone that is a member here. */
  private static Optional<MemberNews> contradicted(MemberNews known, MemberNews grave) {
    if (grave.compareAge(known.ref().incarnation(), known.refutation()) < 0) {
      return Optional.empty();
    }
    if (grave.kind() == Kind.LEFT || grave.ref().incarnation() != known.ref().incarnation()) {
      return Optional.of(grave);
    }
    return Optional.of(MemberNews.alive(known.ref(), above(grave)));
  }

  private static long above(MemberNews grave) {
    return Math.min(grave.refutation(), Refutation.MOST - 1) + 1;
  }
}
