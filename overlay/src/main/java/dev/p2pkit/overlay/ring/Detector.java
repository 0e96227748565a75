// Finds out whether a silent peer is dead: asks it again, asks others, believes no single witness.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Investigates suspects. The suspect is asked at once, which dials it if the link is gone: a
 * refusal by its host is proof of death. From the second try on up to three others are asked
 * whether they reach it. It is declared dead when it stays silent towards this peer and towards one
 * other; where nobody else answers either, only after a multiple of that time.
 */
final class Detector {
  private static final int MOST_ERRANDS = 1_024;

  /** Tries after which a silence that a witness shares is believed. */
  private static final int ENOUGH = 3;

  /** Tries after which silence is believed if there is nobody else to ask. */
  private static final int ENOUGH_ALONE = 6;

  /** Tries after which silence is believed if those asked are silent too. */
  private static final int ENOUGH_CUT_OFF = 10;

  /** A suspect of this peer. */
  private static final class Suspect {
    final PeerRef ref;
    final long nonce;
    final TreeSet<PeerId> asked = new TreeSet<>();
    int tries;
    int silent;
    boolean answered;
    boolean unreachable;
    long nextAt;

    Suspect(PeerRef ref, long nonce) {
      this.ref = ref;
      this.nonce = nonce;
    }
  }

  /** A question by another peer about a third one. */
  private static final class Errand {
    final PeerRef about;
    final PeerRef by;
    final long nonce;
    int tries;
    long nextAt;

    Errand(PeerRef about, PeerRef by, long nonce) {
      this.about = about;
      this.by = by;
      this.nonce = nonce;
    }
  }

  private final RingCore core;
  private final Map<PeerId, Suspect> suspects = new TreeMap<>();
  private final List<Errand> errands = new ArrayList<>();
  private long nonces;
  private long timerAt = Long.MAX_VALUE;

  Detector(RingCore core) {
    this.core = core;
  }

  /** Begins to find out whether a peer lives, unless that is under way. */
  void investigate(long now, PeerRef ref) {
    if (core.isSelf(ref.id()) || suspects.containsKey(ref.id()) || !core.phase.hasPlace()) {
      return;
    }
    Suspect suspect = new Suspect(ref, ++nonces);
    suspects.put(ref.id(), suspect);
    probe(now, suspect);
    arm(now);
  }

  boolean suspects(PeerId id) {
    return suspects.containsKey(id);
  }

  /** The peer is gone, or is another process now. */
  void forget(PeerId id) {
    suspects.remove(id);
  }

  void clear() {
    suspects.clear();
    errands.clear();
  }

  /** Anything from a peer is a sign of life. */
  void heard(long now, PeerRef from) {
    if (!suspects.isEmpty()) {
      Suspect suspect = suspects.get(from.id());
      if (suspect != null && suspect.ref.incarnation() <= from.incarnation()) {
        suspects.remove(from.id());
        core.health.better();
      }
    }
    if (!errands.isEmpty()) {
      answerErrands(from.id(), Finding.ALIVE);
    }
  }

  private void probe(long now, Suspect suspect) {
    suspect.tries++;
    suspect.nextAt = now + core.health.stretch(core.config.answer());
    core.effects.send(suspect.ref, new Probe(suspect.nonce));
  }

  void onProbe(PeerRef from, Probe probe) {
    // Who has left is no member, although its process may still run.
    if (core.phase != Phase.OUTSIDE) {
      core.effects.send(from, new ProbeAnswer(probe.nonce()));
    }
  }

  void onLink(long now, PeerId id, LinkEvent event) {
    if (event == LinkEvent.REFUSED) {
      answerErrands(id, Finding.GONE);
    } else if (event == LinkEvent.UNREACHABLE || event == LinkEvent.REJECTED) {
      Suspect suspect = suspects.get(id);
      if (suspect != null) {
        suspect.unreachable = true;
      }
    }
  }

  void onTimer(long now) {
    timerAt = Long.MAX_VALUE;
    for (Suspect suspect : List.copyOf(suspects.values())) {
      if (suspect.nextAt <= now && suspects.get(suspect.ref.id()) == suspect) {
        judge(now, suspect);
      }
    }
    errands.removeIf(
        errand -> {
          if (errand.nextAt > now) {
            return false;
          }
          if (errand.tries >= ENOUGH) {
            report(errand, Finding.SILENT);
            return true;
          }
          ask(now, errand);
          return false;
        });
    arm(now);
  }

  private void judge(long now, Suspect suspect) {
    if (suspect.tries >= ENOUGH && isDead(suspect)) {
      if (!suspect.answered) {
        core.health.worse();
      }
      suspects.remove(suspect.ref.id());
      core.declareDead(now, suspect.ref);
      return;
    }
    probe(now, suspect);
    askWitnesses(now, suspect);
  }

  private boolean isDead(Suspect suspect) {
    if (suspect.silent > 0) {
      return true;
    }
    if (suspect.answered) {
      return false;
    }
    int enough = suspect.asked.isEmpty() ? ENOUGH_ALONE : ENOUGH_CUT_OFF;
    return suspect.tries >= enough;
  }

  private void askWitnesses(long now, Suspect suspect) {
    List<PeerRef> possible = new ArrayList<>();
    int place = core.effects.random().nextInt(core.table.size());
    // A run of the table from a random place: peers know no more of each other for being near.
    for (int i = 0; i < core.table.size() && possible.size() < core.config.witnesses(); i++) {
      PeerRef ref = core.table.get((place + i) % core.table.size());
      if (!core.isSelf(ref.id())
          && !ref.id().equals(suspect.ref.id())
          && !suspects.containsKey(ref.id())
          && !suspect.asked.contains(ref.id())) {
        possible.add(ref);
      }
    }
    int wanted = suspect.tries == 2 || suspect.tries % ENOUGH == 0 ? possible.size() : 0;
    for (PeerRef witness : possible.subList(0, wanted)) {
      suspect.asked.add(witness.id());
      core.effects.send(witness, new WitnessRequest(suspect.nonce, suspect.ref));
    }
    if (suspect.tries > ENOUGH_ALONE && !suspect.answered) {
      // Those asked may be dead themselves; find out at the same time.
      for (PeerId silent : suspect.asked) {
        core.table.find(silent).ifPresent(ref -> investigate(now, ref));
      }
    }
  }

  void onWitnessAnswer(long now, WitnessAnswer answer) {
    Suspect suspect = suspects.get(answer.about().id());
    if (suspect == null || suspect.nonce != answer.nonce()) {
      return;
    }
    suspect.answered = true;
    switch (answer.finding()) {
      case GONE -> {
        suspects.remove(suspect.ref.id());
        core.declareDead(now, suspect.ref);
      }
      case SILENT -> suspect.silent++;
      case ALIVE -> {
        // Not transitive: others reach it, this peer does not. It stays a member.
        suspects.remove(suspect.ref.id());
        if (suspect.unreachable && core.pointers.contain(suspect.ref.id())) {
          core.tell(
              new NetworkEvent.Rejected(
                  "the neighbour "
                      + suspect.ref
                      + " is alive but cannot be reached from here; open the way to it"));
        }
      }
    }
  }

  void onWitnessRequest(long now, PeerRef from, WitnessRequest request) {
    Errand errand = new Errand(request.about(), from, request.nonce());
    if (core.isSelf(request.about().id())) {
      report(errand, Finding.ALIVE);
    } else if (core.table.isGone(request.about())) {
      report(errand, Finding.GONE);
    } else if (errands.size() < MOST_ERRANDS) {
      errands.add(errand);
      ask(now, errand);
      arm(now);
    }
  }

  private void ask(long now, Errand errand) {
    errand.tries++;
    errand.nextAt = now + core.config.answer();
    core.effects.send(errand.about, new Probe(0));
  }

  private void answerErrands(PeerId about, Finding finding) {
    errands.removeIf(
        errand -> {
          boolean done = errand.about.id().equals(about);
          if (done) {
            report(errand, finding);
          }
          return done;
        });
  }

  private void report(Errand errand, Finding finding) {
    core.effects.send(errand.by, new WitnessAnswer(errand.nonce, errand.about, finding));
  }

  private void arm(long now) {
    long next = Long.MAX_VALUE;
    for (Suspect suspect : suspects.values()) {
      next = Math.min(next, suspect.nextAt);
    }
    for (Errand errand : errands) {
      next = Math.min(next, errand.nextAt);
    }
    if (next != Long.MAX_VALUE && next != timerAt) {
      timerAt = Math.max(next, now);
      core.effects.timer(Timers.DETECT, timerAt);
    }
  }
}
