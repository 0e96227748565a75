// Deaths that this peer has seen itself: who is told, and by whom.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.Successions.Ended;
import dev.p2pkit.sdk.PeerId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Deaths that this peer has found itself, by proof or by silence. The heir of the dead one
 * announces them; others wait for that news and tell it themselves only if it does not come.
 */
final class Deaths {
  private final RingCore core;

  /** Deaths that somebody nearer should announce; told after a while if not. */
  private final Map<PeerId, Overdue> overdue = new TreeMap<>();

  private long declared;

  private record Overdue(MemberNews news, long at) {}

  Deaths(RingCore core) {
    this.core = core;
  }

  /** How many deaths this peer has found. */
  long declared() {
    return declared;
  }

  /** This peer has proof, of its own or by witnesses, that a process is dead. */
  void declare(long now, PeerRef ref) {
    MemberNews known = core.table.known(ref.id()).orElse(null);
    if (known == null
        || known.kind() != Kind.ALIVE
        || known.ref().incarnation() != ref.incarnation()) {
      return;
    }
    boolean next = core.detector.isHeirOf(ref.id()) || core.table.size() <= 3;
    MemberNews death = core.merger.death(now, known);
    declared++;
    boolean neighbour = core.pointers.contain(ref.id());
    core.learn(now, death);
    if (next) {
      core.dissemination.announce(death);
    } else if (!core.dissemination.isTold(death)) {
      overdue.put(ref.id(), new Overdue(death, now + core.between(300_000, 500_000)));
      arm();
    }
    askSuccessor(now, neighbour);
  }

  /**
   * The list that a neighbour was in is mended at once. Deaths elsewhere change nothing there, and
   * may come by the dozen: a question for each, and an answer as long as the lists, is more than
   * the budget has room for.
   */
  private void askSuccessor(long now, boolean neighbour) {
    if (neighbour) {
      core.stabiliser.soon(now);
    }
  }

  /**
   * This peer cannot reach another and nobody else says anything: it goes on without it, but tells
   * nobody, because it may be the one that is cut off.
   */
  void giveUp(long now, PeerRef ref) {
    MemberNews known = core.table.known(ref.id()).orElse(null);
    if (known != null && known.kind() == Kind.ALIVE && known.ref().equals(ref)) {
      declared++;
      boolean neighbour = core.pointers.contain(ref.id());
      core.learn(now, new MemberNews(Kind.FAILED, ref, known.refutation()));
      askSuccessor(now, neighbour);
    }
  }

  /** The peer's host says that the process is gone, to this peer or to a witness. */
  void refused(long now, PeerId id) {
    if (core.isSelf(id)) {
      return;
    }
    Optional<PeerRef> member = core.table.find(id);
    if (member.isPresent()) {
      PeerRef ref = member.get();
      if (isYoung(now, core.table.since(id)) || core.detours.isOpen(id)) {
        // The dial may have been for an earlier process at another address; or what closes
        // the path has refused it, and the peer speaks through another one.
        core.detector.investigate(now, ref);
      } else {
        core.ownership.dead(now, ref);
        declare(now, ref);
      }
    } else {
      core.ownership.lastOf(id).ifPresent(ended -> proved(now, ended));
    }
  }

  /** Others have told of this death before; now it is proved, which nobody's word does. */
  private void proved(long now, Ended ended) {
    if (isYoung(now, ended.since())) {
      core.ownership.lookAt(ended.since() + core.config.answer());
    } else {
      core.ownership.dead(now, ended.ref());
    }
  }

  private boolean isYoung(long now, long since) {
    return now - since < core.config.answer();
  }

  /** Word of it has come from elsewhere, so nobody waits for it. */
  void announced(PeerId id) {
    overdue.remove(id);
  }

  /** This peer is outside. */
  void clear() {
    overdue.clear();
    core.effects.cancel(Timers.DEATHS);
  }

  /** Announces deaths that nobody else has announced in time. */
  void onTimer(long now) {
    overdue
        .values()
        .removeIf(
            death -> {
              boolean due = death.at() <= now;
              if (due) {
                core.dissemination.announce(death.news());
              }
              return due;
            });
    arm();
  }

  private void arm() {
    long next = Long.MAX_VALUE;
    for (Overdue death : overdue.values()) {
      next = Math.min(next, death.at());
    }
    if (next != Long.MAX_VALUE) {
      core.effects.timer(Timers.DEATHS, next);
    }
  }
}
