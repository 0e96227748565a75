// What others say of this peer itself, and how it contradicts them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import dev.p2pkit.sdk.PeerId;
import java.util.BitSet;
import java.util.List;

/**
 * What others say of this peer itself, and how it contradicts them. As in SWIM (Das, Gupta and
 * Motivala 2002), who is said to be dead tells everybody that it lives, with a number above the one
 * that the word of its death has: of two pieces of news of one process the one with the higher
 * number counts.
 */
final class Refutation {
  /**
   * More than a process can be made to count to in a thousand years, {@link #MOST_AHEAD} at a time,
   * however many lies it is told.
   */
  static final long MOST = 1L << 62;

  /**
   * By how many refutations others may be ahead of what is known here; who says more lies, so that
   * nobody can be made to run out of them.
   */
  private static final int MOST_AHEAD = 1_024;

  /** How many are asked in a second who are said to have refuted so much. */
  private static final int MOST_QUESTIONS = 4;

  private final RingCore core;
  private final Allowance<PeerId> questions = new Allowance<>(MOST_QUESTIONS);
  private long number;
  private long times;

  Refutation(RingCore core) {
    this.core = core;
  }

  /** The number with which news of this process are told. */
  long number() {
    return number;
  }

  /** How often this peer has contradicted others. */
  long times() {
    return times;
  }

  /** This peer joins, or is told by the one that lets it in what its number is. */
  void begin(long first) {
    number = first;
  }

  /** Whether what is said is so far ahead of what is known that it must be a lie. */
  static boolean leaps(long said, long known) {
    return said - known > MOST_AHEAD;
  }

  /**
   * Whether somebody is said to have contradicted so many more deaths than are known here that it
   * must be a lie. Of a process before the one that is known nothing matters any more.
   */
  boolean leaps(MemberNews news) {
    MemberNews known = core.table.known(news.id()).orElse(MemberNews.alive(news.ref(), 0));
    return news.ref().incarnation() >= known.ref().incarnation()
        && leaps(news.refutation(), known.refutation());
  }

  /**
   * What others may say of a death. That of a process of which nothing is known here is taken as
   * that of the process that is: it could not be refuted otherwise, and whoever invents a later
   * process would bury whom he likes.
   */
  MemberNews refutable(MemberNews news) {
    if (news.kind() == Kind.ALIVE) {
      return news;
    }
    return core.table
        .known(news.id())
        .filter(known -> known.kind() == Kind.ALIVE)
        .filter(known -> known.ref().incarnation() < news.ref().incarnation() || leaps(news))
        .map(known -> new MemberNews(news.kind(), known.ref(), known.refutation()))
        .orElse(news);
  }

  /**
   * Somebody is said to have contradicted far more deaths than are known here: a lie, or much was
   * missed here. The one concerned is asked, and believed whatever it says.
   */
  void leapt(long now, MemberNews news) {
    if (core.phase.hasPlace() && questions.take(core.self.id(), now)) {
      MemberNews known =
          core.table.known(news.id()).orElse(new MemberNews(Kind.FAILED, news.ref(), 0));
      PeerRef to = known.kind() == Kind.ALIVE ? known.ref() : news.ref();
      core.effects.send(to, new Accused(known.ref(), known.refutation()));
    }
  }

  /** Another peer tells this one what it has heard of it, or has not heard. */
  void accused(long now, PeerRef by, Accused said) {
    MemberNews death = new MemberNews(Kind.FAILED, said.process(), said.refutation());
    boolean contradicted = death.compareAge(core.self.incarnation(), number) < 0;
    if (contradicted && core.phase == Phase.MEMBER) {
      // Everybody was told, but that one has missed it.
      Coverage coverage = core.ladder.exact();
      core.effects.send(
          by,
          new Records(
              coverage.bits(),
              coverage.first(),
              new BitSet(),
              List.of(core.aboutSelf(Kind.ALIVE))));
    } else {
      hear(now, death);
    }
  }

  /** Somebody says something about this peer itself. */
  void hear(long now, MemberNews news) {
    if (core.phase != Phase.MEMBER && core.phase != Phase.ADMITTED) {
      return;
    }
    int order = news.compareAge(core.self.incarnation(), number);
    if (news.kind() == Kind.ALIVE
        && order > 0
        && news.ref().incarnation() == core.self.incarnation()
        && !leaps(news.refutation(), number)) {
      // Two rings that unite take deaths back for those concerned.
      number = news.refutation();
      core.table.apply(now, core.aboutSelf(Kind.ALIVE));
      return;
    }
    boolean later = news.ref().incarnation() > core.self.incarnation();
    boolean leaps = leaps(news.refutation(), number);
    if (later && core.listener.believesHearsay()) {
      core.listener.onSuperseded(news.ref().endpoint());
      core.goOutside(now);
      core.listener.onLeft();
    } else if (news.kind() == Kind.ALIVE) {
      if (order > 0 && !later && !leaps) {
        refute(now, news.refutation());
      }
    } else if (order >= 0) {
      // Nobody believes more than that the process is dead which is known: that can be refuted.
      refute(now, later || leaps ? number : news.refutation());
    }
  }

  /** This process lives, whatever others say. */
  private void refute(long now, long said) {
    number = Math.min(said, MOST - 1) + 1;
    core.table.apply(now, core.aboutSelf(Kind.ALIVE));
    times++;
    core.health.worse();
    core.dissemination.announce(core.aboutSelf(Kind.ALIVE));
    if (!core.alone()) {
      // Others have taken over meanwhile: serve again when the successor knows better.
      core.ownership.doubted();
      core.stabiliser.soon(now);
    }
  }
}
