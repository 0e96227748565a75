// Keeps the successor list right: Zave's stabilisation and rectification.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import dev.p2pkit.overlay.ring.RingMessage.NotMember;
import dev.p2pkit.overlay.ring.RingMessage.Stabilise;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseAnswer;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseBusy;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Zave's rules ("Reasoning about identifier spaces: how to make Chord correct", 2017). A peer asks
 * its successor for its list and predecessor. It takes the successor's list behind the successor
 * itself. If that predecessor lies between the two, it is asked next and becomes the successor if
 * it answers. The question is also the notification by which the one asked rectifies its
 * predecessor.
 *
 * <p>While an answer is awaited, this peer does not tell others its list (they ask again soon),
 * unless they have it already.
 */
final class Stabiliser {
  private static final long LEAST_RETRY = 20_000;
  private static final long MOST_RETRY = 100_000;
  private static final int MOST_DOUBLINGS = 3;

  /** A list that is nobody's, to be told from one that happens to be empty. */
  private static final List<PeerRef> NOTHING_TAKEN = new ArrayList<>();

  private final RingCore core;
  private @Nullable PeerRef asked;
  private boolean candidate;
  private long sequence;
  private int tries;
  private long askedAt;
  private int busy;
  private boolean again;
  private @Nullable PeerRef retryWith;

  /** What the successor has said it knows, and of whom we know it. */
  private @Nullable PeerId listOf;

  private long listKnown;

  /**
   * What this peer's lists were when they were taken over; a list that has changed is asked for
   * again.
   */
  private List<PeerRef> successorsTaken = List.of();

  private List<PeerRef> predecessorsTaken = List.of();

  /** Of which list of the predecessor that was made. */
  private long predecessorsDigest;

  /** In the full mesh lists come from the table: what was held there is not held outside of it. */
  private boolean successorsInMesh;

  private boolean predecessorsInMesh;
  private @Nullable PeerId holder;
  private long held;

  Stabiliser(RingCore core) {
    this.core = core;
  }

  /** Whether an answer is awaited. */
  boolean waiting() {
    return asked != null;
  }

  /** A heartbeat is due. */
  void tick(long now) {
    if (asked == null) {
      retryWith = null;
      core.pointers.successor().ifPresent(successor -> ask(now, successor, false));
    }
  }

  /** Something changed: do not wait for the next heartbeat. */
  void soon(long now) {
    if (asked == null) {
      tick(now);
    } else {
      again = true;
    }
  }

  /** A peer that may stand between this one and its successor. */
  void candidate(long now, PeerRef ref) {
    if (asked == null && core.pointers.wouldSucceed(ref.id()) && core.phase.hasPlace()) {
      ask(now, ref, true);
    }
  }

  private void ask(long now, PeerRef target, boolean asCandidate) {
    if (!core.phase.hasPlace()) {
      return;
    }
    asked = target;
    candidate = asCandidate;
    tries = 1;
    sequence++;
    askedAt = now;
    send(now, target);
  }

  private void send(long now, PeerRef target) {
    List<PeerRef> predecessors = core.pointers.predecessors();
    long digest = Pointers.digest(predecessors);
    boolean told = target.id().equals(holder) && held == digest;
    core.effects.send(
        target,
        new Stabilise(
            sequence,
            core.refutation.number(),
            listKnownOf(target.id()),
            digest,
            told ? List.of() : predecessors,
            core.notice(),
            core.broadcasts.apply(now),
            core.ownership.renewal(now, target.id())));
    core.effects.timer(Timers.STABILISE, now + core.detector.timeout(target.id()));
  }

  /** Which list of a peer this one has taken over and still holds; 0 if none. */
  private long listKnownOf(PeerId id) {
    return id.equals(listOf)
            && successorsTaken == core.pointers.successors()
            && successorsInMesh == core.inFullMesh()
        ? listKnown
        : 0;
  }

  void onTimer(long now) {
    PeerRef target = asked;
    if (target == null) {
      PeerRef retry = retryWith;
      retryWith = null;
      if (retry != null && core.pointers.wouldSucceed(retry.id())) {
        ask(now, retry, true);
      } else {
        tick(now);
      }
    } else if (tries < core.config.tries() && mayRepeat(now, target)) {
      tries++;
      core.health.worse(target.id());
      send(now, target);
    } else {
      idle();
      core.detector.investigate(now, target);
    }
  }

  /**
   * When nothing is left, whom the detector asks is asked once in a heartbeat: the question is as
   * long as the lists.
   */
  private boolean mayRepeat(long now, PeerRef target) {
    return !core.detector.suspects(target.id()) || !core.ladder.purse.empty(now);
  }

  /** This peer has no place any more. */
  void clear() {
    idle();
    again = false;
    retryWith = null;
    listOf = null;
    holder = null;
  }

  private void idle() {
    asked = null;
    busy = 0;
    core.effects.cancel(Timers.STABILISE);
  }

  /** A peer is gone: stop waiting for it. */
  void gone(long now, PeerId id) {
    if (id.equals(listOf)) {
      listOf = null;
    }
    if (id.equals(holder)) {
      holder = null;
    }
    if (asked != null && asked.id().equals(id)) {
      idle();
      again = false;
      core.effects.timer(Timers.STABILISE, now);
    }
  }

  private boolean expects(PeerRef from, long answered) {
    return asked != null && asked.id().equals(from.id()) && answered == sequence;
  }

  void onBusy(long now, PeerRef from, StabiliseBusy message) {
    core.ownership.answered(now, from.id(), message.granted());
    if (expects(from, message.sequence())) {
      retryWith = candidate ? asked : null;
      asked = null;
      busy = Math.min(busy + 1, MOST_DOUBLINGS);
      core.effects.timer(
          Timers.STABILISE,
          now + core.between(LEAST_RETRY << (busy - 1), MOST_RETRY << (busy - 1)));
    }
  }

  void onNotMember(long now, PeerRef from, NotMember message) {
    if (expects(from, message.sequence())) {
      long known = core.table.known(from.id()).map(MemberNews::refutation).orElse(0L);
      core.learn(now, new MemberNews(Kind.LEFT, from, known));
      core.pointers.remove(from.id());
      core.mendPointers(now);
    }
  }

  void onAnswer(long now, PeerRef from, StabiliseAnswer answer) {
    core.ownership.answered(now, from.id(), answer.granted());
    if (!expects(from, answer.sequence())) {
      return;
    }
    PeerRef head = from;
    if (tries == 1) {
      core.detector.measured(from.id(), now - askedAt);
    }
    idle();
    core.health.better();
    core.meet(now, from, answer.refutation());
    holder = from.id();
    held = answer.predecessorsHeld();
    boolean fresh = answer.listDigest() != listKnownOf(from.id());
    // The one asked has left out a list that this peer held when it asked, and no longer does.
    boolean withheld = fresh && answer.successors().isEmpty() && answer.listDigest() != 0;
    again |= withheld;
    if (!core.inFullMesh()) {
      boolean follows =
          core.pointers.wouldSucceed(head.id())
              || core.pointers.successor().map(s -> s.id().equals(head.id())).orElse(true);
      if (!follows) {
        // The ring changed while the question was on its way.
        core.effects.timer(Timers.STABILISE, now);
        return;
      }
      if (withheld) {
        core.pointers.follow(head, core.pointers.successors());
      } else if (fresh) {
        core.pointers.follow(head, believed(now, answer.successors()));
      }
    }
    // A list of which something was left out is not held: whoever was thought gone may come back.
    listOf = !withheld && (!fresh || isBelieved(answer.successors())) ? from.id() : null;
    listKnown = answer.listDigest();
    successorsTaken = core.pointers.successors();
    successorsInMesh = core.inFullMesh();
    answer.predecessor().ifPresent(between -> considerNext(now, head, between));
    if (asked == null && again) {
      again = false;
      tick(now);
    }
  }

  private void considerNext(long now, PeerRef head, PeerRef between) {
    if (core.isSelf(between.id())) {
      core.ownership.confirmed(now);
    } else if (Pointers.strictlyBetween(core.self.id(), between.id(), head.id())) {
      if (core.table.isGone(between)) {
        core.merger.counted(now, between);
      } else {
        ask(now, between, true);
      }
    }
  }

  /** Those of a neighbour's list whom this peer does not know to be gone; all become known. */
  private List<PeerRef> believed(long now, List<PeerRef> list) {
    List<PeerRef> believed = new ArrayList<>(list.size());
    for (PeerRef ref : list) {
      if (core.isSelf(ref.id()) || (core.table.isGone(ref) && !core.merger.takesBack(now, ref))) {
        continue;
      }
      if (core.table.find(ref.id()).isEmpty()) {
        core.meet(now, ref, 0);
      }
      believed.add(core.table.find(ref.id()).orElse(ref));
    }
    return believed;
  }

  private boolean isBelieved(List<PeerRef> list) {
    return list.stream().noneMatch(core.table::isGone);
  }

  /** Another peer takes this one for its successor. */
  void onQuestion(long now, PeerRef from, Stabilise question) {
    if (!core.phase.hasPlace()) {
      core.effects.send(
          from,
          core.phase == Phase.JOINING
              ? new StabiliseBusy(
                  question.sequence(), core.ownership.asked(now, from, question.renewal()))
              : new NotMember(question.sequence()));
      return;
    }
    Optional<MemberNews> known = core.table.known(from.id());
    if (known.isPresent() && isOutdated(known.get(), from, question)) {
      core.effects.send(from, new Accused(known.get().ref(), known.get().refutation()));
      return;
    }
    core.meet(now, from, question.refutation());
    rectify(now, from, question);
    long digest = Pointers.digest(core.pointers.successors());
    if (waiting() && digest != question.listKnown()) {
      core.effects.send(
          from,
          new StabiliseBusy(
              question.sequence(), core.ownership.asked(now, from, question.renewal())));
      return;
    }
    boolean held =
        predecessorsTaken == core.pointers.predecessors()
            && predecessorsDigest == question.predecessorsDigest()
            && predecessorsInMesh == core.inFullMesh();
    List<PeerRef> told = core.pointers.successors();
    if (told.size() > 1 && core.effects.faults().fires(FaultSite.LIST_SHORTENED)) {
      told = told.subList(0, 1);
      digest = Pointers.digest(told);
    }
    StabiliseAnswer answer =
        new StabiliseAnswer(
            question.sequence(),
            core.refutation.number(),
            core.pointers.predecessor(),
            digest,
            digest == question.listKnown() ? List.of() : told,
            held ? question.predecessorsDigest() : 0,
            core.notice(),
            core.broadcasts.apply(now),
            core.ownership.asked(now, from, question.renewal()));
    if (!core.effects.faults().fires(FaultSite.ANSWER_LOST)) {
      core.effects.send(from, answer);
    }
  }

  /** Whether the peer is known to be gone, or to have been followed by another process. */
  private static boolean isOutdated(MemberNews known, PeerRef from, Stabilise question) {
    return known.kind() == Kind.ALIVE
        ? known.ref().incarnation() > from.incarnation()
        : known.compareAge(from.incarnation(), question.refutation()) >= 0;
  }

  /** Zave's rectify: the one that notifies becomes the predecessor if it is nearer. */
  private void rectify(long now, PeerRef from, Stabilise question) {
    boolean current = isPredecessor(from.id());
    boolean told = !question.predecessors().isEmpty() || question.predecessorsDigest() == 0;
    if (!core.inFullMesh() && (core.pointers.wouldPrecede(from.id()) || (current && told))) {
      core.pointers.precede(from, believed(now, question.predecessors()));
    }
    if (told && isPredecessor(from.id())) {
      predecessorsTaken =
          isBelieved(question.predecessors()) ? core.pointers.predecessors() : NOTHING_TAKEN;
      predecessorsDigest = question.predecessorsDigest();
      predecessorsInMesh = core.inFullMesh();
    }
  }

  private boolean isPredecessor(PeerId id) {
    return core.pointers.predecessor().map(ref -> ref.id().equals(id)).orElse(false);
  }
}
