// Finds out whether a silent peer is dead: asks it again, asks others, believes no single witness.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.ProbeAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Watches the two neighbours and investigates suspects (after SWIM, Das, Gupta and Motivala 2002,
 * and Lifeguard). A suspect is asked at once, which dials it if the link is gone: a refusal by its
 * host is proof of death. From the second try on three others are asked whether they reach it.
 *
 * <p>Without proof, a peer is dead when three things come together: it has been silent for {@link
 * DetectorConfig#verdict}, its heir (the first peer after it that is not suspected itself) finds it
 * silent, and so does one other. Where those asked answer nothing either, this peer may be the one
 * that is cut off: it waits twice as long, and keeps what it then believes to itself. All times are
 * stretched by the local health, but not without end: while this process runs on time, silence for
 * four lease lengths is nobody's starvation.
 */
final class Detector {
  /** Tries before silence can be believed. */
  private static final int ENOUGH = 3;

  /** A timer that is later than this says that the process did not run. */
  static final long NOTICEABLY_LATE = 100_000;

  /** After so many lease lengths of silence the suspect is asked what is wrong, not this peer. */
  private static final int LONG = 4;

  /** How long what a witness found stays news. */
  private static final long FRESH = 1_000_000;

  private static final int MOST_DOUBLINGS = 2;

  /** When it is looked again whether there is something left for those who do not come first. */
  private static final long PASSED_OVER = 250_000;

  private final RingCore core;
  private final Map<PeerId, Suspect> suspects = new TreeMap<>();
  private final Acquaintances acquaintances;
  private final NeighbourWatch neighbours;
  private final Runs runs;
  private final Errands errands;

  private final ClosedPaths closed;

  private long nonces;
  private long timerAt = Long.MAX_VALUE;

  Detector(RingCore core) {
    this.core = core;
    acquaintances = new Acquaintances(core.config.detector());
    neighbours = new NeighbourWatch(core, acquaintances, suspects::containsKey);
    runs = new Runs(core, suspects::containsKey);
    errands = new Errands(core);
    closed = new ClosedPaths(core);
  }

  /** How long to wait for an answer of this peer. */
  long timeout(PeerId id) {
    return core.health.stretch(acquaintances.timeout(id), id);
  }

  /** A question that needed no repetition was answered. */
  void measured(PeerId from, long roundTrip) {
    acquaintances.measured(from, roundTrip);
  }

  /** Looks at the silence of the two neighbours; at every heartbeat and in between. */
  void watch(long now) {
    neighbours.overdue(now).forEach(ref -> investigate(now, ref));
    arm(now);
  }

  /** Whether a neighbour has spoken so lately that news of its death is doubtful. */
  boolean hears(PeerId id, long now) {
    return neighbours.hears(id, now);
  }

  /** Begins to find out whether a peer lives, unless that is under way. */
  void investigate(long now, PeerRef ref) {
    // Only who should have spoken has been silent.
    boolean beats =
        Runs.isFirst(core.pointers.successor(), ref)
            || Runs.isFirst(core.pointers.predecessor(), ref);
    long heardAt = acquaintances.heardAt(ref.id());
    boolean silent = beats && heardAt > Long.MIN_VALUE / 2;
    investigate(now, ref, Math.max(neighbours.excusedUntil(), silent ? heardAt : now), true);
  }

  /**
   * A member says that another one is dead, of which this peer has heard a moment ago. Who says so
   * is asked first: it may have the word of the host, and be the only one.
   */
  void accused(long now, PeerRef ref, PeerRef teller) {
    investigate(now, ref);
    Suspect suspect = suspects.get(ref.id());
    if (suspect != null
        && !suspect.gone
        && core.table.contains(teller.id())
        && !core.isSelf(teller.id())
        && !teller.id().equals(ref.id())) {
      ask(suspect, teller);
    }
  }

  private void investigate(long now, PeerRef ref, long quietSince, boolean ofItself) {
    if (core.isSelf(ref.id()) || suspects.containsKey(ref.id()) || !core.phase.hasPlace()) {
      return;
    }
    Suspect suspect = new Suspect(ref, ++nonces, quietSince, ofItself);
    suspects.put(ref.id(), suspect);
    probe(now, suspect);
    arm(now);
  }

  /**
   * Another peer asks about a suspect, so it misses the same answers. The survivors of a cut would
   * otherwise doubt themselves for ever, each for the silence of all those that are gone.
   */
  void suspectedElsewhere(PeerId id) {
    Suspect suspect = suspects.get(id);
    if (suspect != null) {
      suspect.shared = true;
      core.health.acquit(id);
    }
  }

  boolean suspects(PeerId id) {
    return suspects.containsKey(id);
  }

  /** The peer is gone, or is another process now. */
  void forget(PeerId id) {
    suspects.remove(id);
    closed.forget(id);
    core.health.acquit(id);
  }

  /** The peer is known to be gone: whoever waits for an answer to its question about it is told. */
  void gone(PeerId id) {
    forget(id);
    errands.found(id, Finding.GONE);
  }

  void clear() {
    suspects.clear();
    closed.clear();
    errands.clear();
    acquaintances.clear();
    core.health.clear();
  }

  /** Anything from a peer is a sign of life. */
  void heard(long now, PeerRef from) {
    acquaintances.heard(from.id(), now);
    core.health.heard(from.id());
    if (!suspects.isEmpty()) {
      Suspect suspect = suspects.get(from.id());
      if (suspect != null && suspect.ref.incarnation() <= from.incarnation()) {
        suspects.remove(from.id());
        core.health.better();
      }
    }
    closed.forget(from.id());
    errands.found(from.id(), Finding.ALIVE);
  }

  /**
   * A peer has spoken through another one. It lives, but this peer does not testify to that: what
   * it would say may rest on the word of the one that asks.
   */
  void heardOf(long now, PeerRef from) {
    acquaintances.heard(from.id(), now);
    core.health.heard(from.id());
    suspects.remove(from.id());
  }

  /**
   * This process did not run for a while: nobody else was silent. What was being found out begins
   * anew.
   */
  void overslept(long now) {
    core.health.worse();
    neighbours.excuse(now);
    errands.disturbed();
    for (Suspect suspect : suspects.values()) {
      suspect.excuse(now);
    }
  }

  /**
   * This process had no time to dial a peer, or took long to get to it: what that owes was not
   * asked in time.
   */
  void dialDelayed(long now, PeerId id) {
    core.health.worse();
    errands.disturbed();
    Suspect suspect = suspects.get(id);
    if (suspect != null) {
      suspect.excuse(now);
      watch(now);
    }
  }

  private void probe(long now, Suspect suspect) {
    suspect.tries++;
    int doublings = Math.min(suspect.tries - 1, MOST_DOUBLINGS);
    suspect.nextAt = now + (timeout(suspect.ref.id()) << doublings);
    long ripeAt = suspect.quietSince + patience(suspect.ref.id());
    if (ripeAt > now) {
      suspect.nextAt = Math.min(suspect.nextAt, ripeAt);
    }
    if (suspect.askAgainAt > now) {
      suspect.nextAt = Math.min(suspect.nextAt, suspect.askAgainAt);
    }
    if (suspect.gone) {
      suspect.nextAt = Math.min(suspect.nextAt, now + acquaintances.timeout(suspect.ref.id()));
    }
    long number = ++nonces;
    acquaintances.asked(suspect.ref.id(), number, now);
    core.effects.send(suspect.ref, new Probe(number));
  }

  void onProbe(PeerRef from, Probe probe) {
    // Who has left is no member, although its process may still run.
    if (core.phase != Phase.OUTSIDE) {
      core.effects.send(from, new ProbeAnswer(probe.nonce()));
    }
  }

  void onProbeAnswer(long now, PeerRef from, ProbeAnswer answer) {
    acquaintances.answered(from.id(), answer.nonce(), now);
  }

  void onLink(PeerId id, LinkEvent event) {
    if (event == LinkEvent.REFUSED) {
      errands.found(id, Finding.GONE);
    }
    closed.onLink(id, event);
  }

  void onTimer(long now) {
    boolean late = timerAt != Long.MAX_VALUE && now - timerAt > NOTICEABLY_LATE;
    timerAt = Long.MAX_VALUE;
    if (late) {
      overslept(now);
    }
    for (Suspect suspect : List.copyOf(suspects.values())) {
      if (suspect.nextAt <= now && suspects.get(suspect.ref.id()) == suspect) {
        goOn(now, suspect);
      }
    }
    errands.onTimer(now);
    watch(now);
  }

  /** After which silence a peer is believed dead. */
  private long patience(PeerId id) {
    return core.health.stretch(core.config.detector().verdict(), id);
  }

  /**
   * Whether a suspect is silent for so long that this peer's health excuses it no more: the last of
   * many would otherwise doubt itself for the silence of each of them.
   */
  private boolean isLongSilent(long now, Suspect suspect) {
    long length = LONG * core.config.lease().length();
    return now - suspect.quietSince >= length && now - neighbours.excusedUntil() >= length;
  }

  /** Who would find many dead one after the other asks them all. */
  private void askAll(long now, Suspect suspect) {
    suspect.spread = true;
    runs.allAround().forEach(ref -> askToo(now, suspect, ref));
  }

  private void askToo(long now, Suspect suspect, PeerRef ref) {
    investigate(now, ref, Math.max(suspect.quietSince, neighbours.quietSince(ref.id())), false);
  }

  /** An answer of a suspect is overdue. */
  private void goOn(long now, Suspect suspect) {
    if (!suspect.gone && core.ladder.purse.empty(now) && !runs.comesFirst(suspect.ref)) {
      suspect.passOver(now);
      suspect.nextAt = now + PASSED_OVER;
      return;
    }
    // What was owed before it was passed over proves nothing by now.
    boolean isDue = !suspect.isAskedAgain(now);
    if (isDue && judgeMissing(now, suspect)) {
      return;
    }
    if (suspect.tries >= 1) {
      askWitnesses(now, suspect);
    }
    probe(now, suspect);
    if (!suspect.spread && isLongSilent(now, suspect)) {
      askAll(now, suspect);
    }
    if (suspect.tries == 2 && runs.isHeirOf(suspect.ref.id())) {
      runs.behind(suspect.ref).forEach(ref -> askToo(now, suspect, ref));
    }
  }

  /** An answer is missing: whose fault that is, and whether enough are missing now. */
  private boolean judgeMissing(long now, Suspect suspect) {
    if (suspect.excused) {
      suspect.excused = false;
    } else if (suspect.ofItself && !suspect.shared && !suspect.isSilentToAny(Long.MIN_VALUE)) {
      // Once another misses the same answers, that they are missing says nothing of this peer.
      core.health.worse(suspect.ref.id());
    }
    return judge(now, suspect);
  }

  /** Declares the suspect dead if enough speaks for it. */
  private boolean judge(long now, Suspect suspect) {
    PeerId id = suspect.ref.id();
    long quiet = now - suspect.quietSince;
    boolean lasting = isLongSilent(now, suspect);
    long patience = lasting ? core.config.detector().verdict() : patience(id);
    if (suspect.gone && suspect.tries >= 2) {
      // Its host has said so to a witness, and nothing that was sent from here was answered.
      return declare(now, suspect, true);
    }
    if (suspect.tries < ENOUGH || quiet < patience) {
      return false;
    }
    PeerRef heir = runs.heirOf(id);
    boolean confirmed =
        // An heir that is not well itself can keep nobody in the ring for ever.
        (lasting || core.isSelf(heir.id()))
            ? suspect.isSilentToAny(now - FRESH)
            : suspect.isSilentTo(heir.id(), now - FRESH);
    if (confirmed) {
      return declare(now, suspect, true);
    }
    // Who was not asked has not been silent to anybody.
    long recently = now - 2 * patience - suspect.passedOver();
    if (lasting ? suspect.foundSince(recently) : suspect.answeredSince(recently)) {
      return false;
    }
    boolean nobodyToAsk = core.table.size() <= 2;
    return (nobodyToAsk || suspect.quietSince <= recently) && declare(now, suspect, false);
  }

  private boolean declare(long now, Suspect suspect, boolean witnessed) {
    suspects.remove(suspect.ref.id());
    if (witnessed) {
      core.deaths.declare(now, suspect.ref);
    } else {
      core.deaths.giveUp(now, suspect.ref);
    }
    if (core.phase.hasPlace() && isLongSilent(now, suspect)) {
      // Those who are nearest now have perhaps been silent as long, and nobody has asked them.
      askAll(now, suspect);
    }
    return true;
  }

  /** The first peer after another that is not suspected itself: it takes over. */
  PeerRef heirOf(PeerId id) {
    return runs.heirOf(id);
  }

  boolean isHeirOf(PeerId id) {
    return runs.isHeirOf(id);
  }

  private void askWitnesses(long now, Suspect suspect) {
    if (now < suspect.askAgainAt) {
      return;
    }
    PeerRef heir = runs.heirOf(suspect.ref.id());
    for (PeerId silent : suspect.notAnswered()) {
      core.health.worse();
      if (silent.equals(heir.id())) {
        // It may be dead as well, and then the one after it is heir.
        investigate(now, heir, now, false);
      }
    }
    long answered = core.health.stretch(Errands.longest(core.config), suspect.ref.id()) + FRESH / 4;
    suspect.askAgainAt = now + answered;
    long ripeAt = suspect.quietSince + patience(suspect.ref.id());
    if (now + answered + FRESH / 2 < ripeAt) {
      // What they say now is old by then: they are asked again so that the answers are fresh.
      suspect.askAgainAt = Math.min(suspect.askAgainAt, ripeAt - answered);
    }
    heir = runs.heirOf(suspect.ref.id());
    if (!core.isSelf(heir.id()) && !heir.id().equals(suspect.ref.id())) {
      ask(suspect, heir);
    }
    int place = core.effects.random().nextInt(core.table.size());
    int wanted = core.config.witnesses();
    // A run of the table from a random place: peers know no more of each other for being near.
    for (int i = 0; i < core.table.size() && suspect.waiting() < wanted; i++) {
      PeerRef ref = core.table.get((place + i) % core.table.size());
      if (!core.isSelf(ref.id())
          && !ref.id().equals(suspect.ref.id())
          && !suspects.containsKey(ref.id())
          && !core.flaps.damped(ref.id(), now)) {
        ask(suspect, ref);
      }
    }
  }

  private void ask(Suspect suspect, PeerRef witness) {
    if (suspect.ask(witness.id())) {
      core.effects.send(witness, new WitnessRequest(suspect.nonce, suspect.ref));
    }
  }

  void onWitnessAnswer(long now, PeerRef from, WitnessAnswer answer) {
    Suspect suspect = suspects.get(answer.about().id());
    if (suspect == null || suspect.nonce != answer.nonce() || !suspect.heardBy(from.id(), now)) {
      return;
    }
    PeerId id = suspect.ref.id();
    core.health.better();
    switch (answer.finding()) {
      case GONE -> {
        suspect.gone = true;
        suspect.nextAt = Math.min(suspect.nextAt, now + acquaintances.timeout(id));
        arm(now);
      }
      case SILENT -> {
        core.health.acquit(id);
        suspect.silentTo(from.id(), now);
        if (!judge(now, suspect)) {
          suspect.nextAt = Math.min(suspect.nextAt, now + timeout(id));
          arm(now);
        }
      }
      case UNSURE -> {}
      case ALIVE -> {
        // Not transitive: others reach it, this peer does not. It stays a member.
        suspects.remove(id);
        acquaintances.heard(id, now);
        closed.reached(suspect.ref);
        core.detours.open(now, suspect.ref, from);
      }
    }
  }

  void onWitnessRequest(long now, PeerRef from, WitnessRequest request) {
    Optional<PeerRef> mine = core.pointers.predecessor();
    if (mine.isPresent()
        && mine.get().equals(request.about())
        && now - neighbours.quietSince(mine.get().id()) > core.config.heartbeat()) {
      // It is silent to the peer on its other side, too; begin to ask before the silence is long.
      investigate(now, mine.get());
    }
    errands.onRequest(now, from, request);
    arm(now);
  }

  private void arm(long now) {
    long next = errands.nextAt();
    for (Suspect suspect : suspects.values()) {
      next = Math.min(next, suspect.nextAt);
    }
    if (core.phase.hasPlace()) {
      next = Math.min(next, neighbours.nextAt(now));
    }
    if (next != Long.MAX_VALUE && next < timerAt) {
      timerAt = Math.max(next, now);
      core.effects.timer(Timers.DETECT, timerAt);
    }
  }
}
