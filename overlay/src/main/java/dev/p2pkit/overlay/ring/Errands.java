// The witness: finds out for others whether a peer can be reached.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a peer for another one and reports what came of it, also if nothing did: a witness that says
 * nothing tells the one that asked that it is in trouble itself. A witness that is in trouble does
 * not testify against anybody. Each requester has its share.
 */
final class Errands {
  private static final int MOST = 1_024;
  private static final int TRIES = 2;

  /** From this score of local health on, a missing answer may be this peer's own fault. */
  private static final int UNSURE_FROM = 3;

  /** A question by another peer about a third one. */
  private static final class Errand {
    final PeerRef about;
    final PeerRef by;
    final long nonce;
    int tries;
    long nextAt;
    boolean disturbed;

    Errand(PeerRef about, PeerRef by, long nonce) {
      this.about = about;
      this.by = by;
      this.nonce = nonce;
    }
  }

  private final RingCore core;
  private final Allowance<PeerId> shares;
  private final List<Errand> errands = new ArrayList<>();

  Errands(RingCore core) {
    this.core = core;
    shares = new Allowance<>(core.config.limits().errandsPerSecond());
  }

  /** How long a witness takes at most to answer. */
  static long longest(RingConfig config) {
    return TRIES * config.detector().firstTimeout();
  }

  void clear() {
    errands.clear();
  }

  void onRequest(long now, PeerRef from, WitnessRequest request) {
    core.detector.suspectedElsewhere(request.about().id());
    Errand errand = new Errand(request.about(), from, request.nonce());
    if (core.isSelf(request.about().id())) {
      report(errand, Finding.ALIVE);
    } else if (core.table.isGone(request.about())) {
      report(errand, Finding.GONE);
    } else if (!knows(request.about())) {
      report(errand, Finding.UNSURE);
    } else if (!shares.take(from.id(), now) || errands.size() >= MOST) {
      core.refusedErrands++;
      report(errand, Finding.UNSURE);
    } else {
      errands.add(errand);
      ask(now, errand);
    }
  }

  /**
   * Only whom this peer knows itself is asked, where this peer knows it: nobody is made to dial an
   * address by another one's word.
   */
  private boolean knows(PeerRef about) {
    return core.table
        .find(about.id())
        .filter(known -> known.endpoint().equals(about.endpoint()))
        .isPresent();
  }

  private void ask(long now, Errand errand) {
    errand.tries++;
    errand.nextAt = now + core.config.detector().firstTimeout();
    core.effects.send(errand.about, new Probe(0));
  }

  /** A peer has spoken, or its host has: whoever asked for it is told. */
  void found(PeerId about, Finding finding) {
    if (!errands.isEmpty()) {
      errands.removeIf(
          errand -> {
            boolean done = errand.about.id().equals(about);
            if (done) {
              report(errand, finding);
            }
            return done;
          });
    }
  }

  /** This peer did not run for a while: silence in that time proves nothing. */
  void disturbed() {
    errands.forEach(errand -> errand.disturbed = true);
  }

  void onTimer(long now) {
    errands.removeIf(
        errand -> {
          if (errand.nextAt > now) {
            return false;
          }
          if (errand.tries >= TRIES) {
            boolean unsure = errand.disturbed || core.health.score() >= UNSURE_FROM;
            report(errand, unsure ? Finding.UNSURE : Finding.SILENT);
            return true;
          }
          ask(now, errand);
          return false;
        });
  }

  /** When the next errand is due. */
  long nextAt() {
    long next = Long.MAX_VALUE;
    for (Errand errand : errands) {
      next = Math.min(next, errand.nextAt);
    }
    return next;
  }

  private void report(Errand errand, Finding finding) {
    core.effects.send(errand.by, new WitnessAnswer(errand.nonce, errand.about, finding));
  }
}
