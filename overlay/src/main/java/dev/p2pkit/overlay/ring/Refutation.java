// What others say of this peer itself, and how it contradicts them.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ring.MemberNews.Kind;

/**
 * What others say of this peer itself, and how it contradicts them. As in SWIM (Das, Gupta and
 * Motivala 2002), who is said to be dead tells everybody that it lives, with a number above the one
 * that the word of its death has: of two pieces of news of one process the one with the higher
 * number counts.
 */
final class Refutation {
  /** A process that has contradicted so many deaths of its own is not told of more. */
  static final int MOST = 1 << 30;

  /**
   * By how many refutations others may be ahead of what is known here; who says more lies, so that
   * nobody can be made to run out of them.
   */
  private static final int MOST_AHEAD = 1_024;

  private final RingCore core;
  private int number;
  private long times;

  Refutation(RingCore core) {
    this.core = core;
  }

  /** The number with which news of this process are told. */
  int number() {
    return number;
  }

  /** How often this peer has contradicted others. */
  long times() {
    return times;
  }

  /** This peer joins, or is told by the one that lets it in what its number is. */
  void begin(int first) {
    number = first;
  }

  /** Whether what is said is so far ahead of what is known that it must be a lie. */
  static boolean leaps(int said, int known) {
    return said - known > MOST_AHEAD;
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
  private void refute(long now, int said) {
    number = said + 1;
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
