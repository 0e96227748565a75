// Leased ownership, the rules of one peer.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Circle;
import dev.p2pkit.overlay.lease.LeaseMessage.CircleClosed;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.LeaseMessage.Renewed;
import dev.p2pkit.overlay.lease.LeaseState.Sent;
import dev.p2pkit.overlay.lease.LeaseState.Waiting;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * Who may serve a key. Each peer holds one arc of the ring, from the peer before it to itself, for
 * a limited time; the peer whose arc begins where this one ends, its <em>grantor</em>, prolongs it.
 *
 * <p>Why no key is served by two: arcs that are held do not overlap, and exactly one arc begins
 * where another ends, so each holder has one possible grantor. The grantor writes down what it
 * grants before the holder may use it, and takes an arc over only when, by its own clock,
 * everything that it granted has run out. Whatever would make an older record dangerous (an arc
 * grows, a newcomer gets a part) is registered with the grantor before it takes effect.
 *
 * <p>Pure and driven: the time comes with each call and never goes back; {@link Neighbourhood} says
 * what the ring believes and carries messages. Believing wrongly costs time, never safety, with one
 * exception: an arc whose holder is dead and about whose beginning nothing is registered is taken
 * over up to the nearest live peer, after that gap has been empty for a lease length.
 */
public final class Lease {
  /** How often a peer without what it needs asks again. */
  static final long RETRY = 250_000;

  /** After so many lease lengths without a sign a peer that has slept counts on nobody. */
  private static final int AFTER_SLEEP = 4;

  final LeaseConfig config;
  final long suspicion;
  final Neighbourhood around;
  final LeaseState state;
  private final TakeOver takeOver;
  private final Admitting admitting;
  private final Circles circles;
  private final HeldParts parts;
  private long retriedAt = LeaseState.NEVER;

  /**
   * A peer that holds nothing.
   *
   * @param suspicion after how long a silence the holder of the arc before may be taken for gone,
   *     in microseconds; its lease must have run out besides
   */
  public Lease(
      PeerId self, LeaseConfig config, long suspicion, Neighbourhood around, ArcMemory memory) {
    this(new LeaseState(self), config, suspicion, around, memory);
  }

  /** As {@link #Lease(PeerId, LeaseConfig, long, Neighbourhood, ArcMemory)}, from a state. */
  public Lease(
      LeaseState state,
      LeaseConfig config,
      long suspicion,
      Neighbourhood around,
      ArcMemory memory) {
    this.state = state;
    this.config = config;
    this.suspicion = suspicion;
    this.around = around;
    parts = new HeldParts(state.self.position());
    takeOver = new TakeOver(this);
    admitting = new Admitting(this, memory, parts);
    circles = new Circles(this);
  }

  /** All that is remembered; a copy. */
  public LeaseState state() {
    return state.copy();
  }

  /**
   * Notices pauses, and that of the whole ring's holder its lease goes on: called first, whatever
   * happens. Who was not driven for a while, without a lease in the end, knows nothing any more:
   * others may hold its arc, and what seems silent was not listened to.
   */
  private void awake(long now) {
    if (now - state.seenAt > suspicion / 2) {
      state.awakeSince = now;
      state.slept = !state.holdsAll();
      state.gap = null;
      GrantRecord before = state.before;
      if (before != null) {
        state.before = before.heard(now, false);
      }
    }
    state.seenAt = now;
    state.slept &= !state.valid(now);
    if (state.holdsAll() && isSure(now)) {
      state.until = now + config.length();
    }
  }

  /**
   * Whether this peer may act on what it remembers: it has a lease, or has listened without a break
   * for so long that whoever was granted something before has lost it or was heard. Whoever has
   * slept over the end of its lease listens longer: the one that has taken its arc over may have
   * let others in, whom it does not know, and may sleep itself now.
   */
  boolean isSure(long now) {
    return state.valid(now) || now - state.awakeSince >= listening();
  }

  private long listening() {
    return state.slept ? AFTER_SLEEP * config.guarded() : config.guarded();
  }

  /**
   * This peer begins a ring: it holds everything.
   *
   * @param time the ring's time, in milliseconds, at least 1; the epochs of a ring that was ended
   *     as a whole lie below those of the one that follows if this grows
   */
  public void create(long now, long time) {
    clear();
    state.time = RingTime.beginning(now, time);
    state.epoch = time;
    state.registeredEpoch = time;
    state.until = now + config.length();
    look(now);
  }

  /**
   * This peer is part of a ring that has been there for long: for simulations that begin with one.
   *
   * @param lo the peer before this one; itself if it is alone
   * @param incarnation of that peer's process
   * @param beforeThat the peer before that one
   */
  public void form(long now, PeerId lo, long incarnation, PeerId beforeThat) {
    create(now, 1);
    if (!lo.equals(state.self)) {
      parts.clear();
      state.lo = lo;
      state.registeredLo = lo;
      state.until = now + config.length();
      state.before =
          new GrantRecord(
              lo,
              incarnation,
              Optional.of(beforeThat),
              now + config.guarded(),
              1,
              1,
              now,
              LeaseState.NEVER,
              false,
              false,
              1,
              1);
      look(now);
    }
  }

  /** This peer holds nothing any more and asks for nothing. */
  public void clear() {
    state.lo = state.self;
    state.registeredLo = state.self;
    state.epoch = 0;
    state.registeredEpoch = 0;
    state.until = LeaseState.NEVER;
    state.before = null;
    state.handOver = null;
    state.waiting = null;
    state.gap = null;
    state.blocked = null;
    state.grantor = null;
    state.caller = null;
    state.sent.clear();
    state.lastGranted = LeaseState.NEVER;
    state.lapsedBeyond = LeaseState.NEVER;
    state.lapsedBy = null;
    state.round = null;
    state.newcomer = null;
    state.claimant = null;
    parts.clear();
  }

  /** Whether the key may be served at this very moment. */
  public boolean serves(Key key, long now) {
    return state.serves(key, now);
  }

  /** Whether this peer has a lease at this very moment. */
  public boolean isHeld(long now) {
    return state.valid(now);
  }

  /** What is known of the arc before. */
  public Optional<GrantRecord> before() {
    return Optional.ofNullable(state.before);
  }

  /** The highest epoch that is known of the arc and the one before it. */
  public long epochs() {
    GrantRecord before = state.before;
    return Math.max(state.epoch, before == null ? 0 : before.epoch());
  }

  /** R2: what to ask of a peer, with the heartbeat or at once. */
  public Renewal renewal(long now, PeerId to) {
    awake(now);
    doubtOld(now);
    state.lastSent = Math.max(now, state.lastSent + 1);
    state.remember(new Sent(state.lastSent, to, state.lo, state.epoch));
    GrantRecord before = state.before;
    return new Renewal(
        state.lastSent,
        state.lo,
        state.epoch,
        before == null ? 0 : before.epoch(),
        before == null ? 0 : before.required(),
        state.time.at(now));
  }

  /**
   * Whoever has had no lease for a while may have lost a part of its arc without knowing: to one
   * that is dead now, and that had let a newcomer in. What it believes to stand between its arc's
   * beginning and itself is left to that one: right after a pause whom the table knows, later who
   * has shown that it holds something.
   */
  private void doubtOld(long now) {
    if (state.epoch == 0 || state.valid(now) || state.handOver != null) {
      return;
    }
    PeerId nearest = isSure(now) ? state.self : around.aliveBefore(state.self);
    if (nearest.equals(state.newcomer) && now - state.newcomerAt < 2 * config.length()) {
      nearest = around.aliveBefore(nearest);
    }
    PeerId claimant = state.claimant;
    if (claimant != null
        && now - state.claimedAt <= suspicion
        && (!state.inside(nearest) || LeaseState.within(nearest, claimant, state.self))) {
      nearest = claimant;
    }
    if (state.inside(nearest)) {
      GrantRecord old = state.before;
      long guarded = now + config.guarded();
      long until = old == null ? guarded : Math.max(old.until(), guarded);
      state.lo = nearest;
      long time = state.time.at(now);
      state.before = GrantRecord.unheard(nearest, Optional.empty(), until, time, 1, now);
      state.gap = null;
    }
  }

  /** A heartbeat says that a peer takes this one for its successor: it knows nobody in between. */
  public void followed(PeerId by) {
    LeaseState.Gap gap = state.gap;
    if (gap != null && gap.alive().equals(by)) {
      state.gap = new LeaseState.Gap(gap.lo(), by, gap.since(), true);
    }
  }

  /** R3, R4: a peer that takes this one for its successor asks. */
  public RenewalAnswer asked(long now, PeerRef from, Renewal renewal) {
    awake(now);
    PeerId id = from.id();
    GrantRecord before = state.before;
    boolean older =
        before != null && before.holder().equals(id) && from.incarnation() < before.incarnation();
    if (state.epoch == 0 || older || id.equals(state.self) || !believes(now, renewal)) {
      return RenewalAnswer.of(Verdict.WAIT, renewal.sentAt());
    }
    RenewalAnswer answer = RenewalAnswer.of(Verdict.WAIT, renewal.sentAt());
    if (renewal.epoch() == 0) {
      state.newcomer = id;
      state.newcomerAt = now;
    } else if (id.equals(state.newcomer)) {
      state.newcomer = null;
    }
    if (renewal.epoch() > 0 && state.inside(id)) {
      state.claimant = id;
      state.claimedAt = now;
    }
    admitting.heard(now, id, renewal);
    before = state.before;
    if (before != null && before.holder().equals(id)) {
      state.before = before.heard(now, disclaims(from, before, renewal));
      if (mayGrant(id, renewal)) {
        if (state.settled(now)) {
          grant(now, from.incarnation(), renewal);
          answer = answer(Verdict.GRANTED, renewal);
        } else {
          state.waiting = new Waiting(id, from.incarnation(), renewal, now);
          answer = answer(Verdict.LAPSED, renewal);
        }
      }
    } else if (state.inside(id)) {
      admitting.begin(now, from, renewal);
    } else {
      state.waiting = new Waiting(id, from.incarnation(), renewal, now);
    }
    look(now);
    return answer;
  }

  /**
   * Whether the holder shows by what it says that it does not hold the arc. One that claims a part
   * of this peer's arc with a higher epoch has taken it over: then this peer is the one that holds
   * nothing, and is admitted when it asks.
   */
  private boolean disclaims(PeerRef from, GrantRecord before, Renewal renewal) {
    boolean beingAdmitted = state.handOver != null;
    return !beingAdmitted
        && (renewal.epoch() < Math.max(1, before.required())
            || (renewal.epoch() < state.epoch && overlaps(from.id(), renewal)));
  }

  /** Whether what a peer before this one claims reaches into this one's arc. */
  private boolean overlaps(PeerId from, Renewal renewal) {
    return state.self.position().isIn(renewal.lo().position(), from.position());
  }

  /** R3, but for this peer's own lease. */
  boolean mayGrant(PeerId from, Renewal renewal) {
    GrantRecord before = state.before;
    return before != null
        && before.holder().equals(from)
        && state.handOver == null
        && renewal.epoch() >= Math.max(1, before.required())
        && renewal.sentAt() > before.sentAt()
        && !overlaps(from, renewal);
  }

  /** Writes down that the holder may serve. */
  void grant(long now, long incarnation, Renewal renewal) {
    GrantRecord before = state.before;
    if (before != null) {
      state.before = before.granted(incarnation, renewal, now + config.guarded(), now);
      state.gap = null;
    }
  }

  /** What to say to the holder of the arc before, with the epoch that it has to have. */
  RenewalAnswer answer(Verdict verdict, Renewal renewal) {
    GrantRecord before = state.before;
    long epoch = before != null && before.epoch() > renewal.epoch() ? before.epoch() : 0;
    return new RenewalAnswer(verdict, renewal.sentAt(), epoch);
  }

  /** The answer of a grantor. */
  public void answered(long now, PeerId from, RenewalAnswer answer) {
    awake(now);
    Sent sent = null;
    for (Sent one : state.sent) {
      if (one.at() == answer.sentAt() && one.to().equals(from)) {
        sent = one;
      }
    }
    boolean lapsedLong = now - state.until > config.length() / 2;
    boolean possible = RingTime.allows(state.time.at(now), answer.epoch());
    if (sent == null || state.epoch == 0 || !possible) {
      return;
    }
    if (answer.verdict() == Verdict.GRANTED) {
      if (sent.at() > state.lastGranted && !state.holdsAll()) {
        state.grantor = from;
        granted(now, sent, answer.epoch());
        raise(now, answer.epoch(), lapsedLong);
      }
    } else if (answer.verdict() == Verdict.LAPSED) {
      state.lapsedBeyond = now;
      state.lapsedBy = from;
      raise(now, answer.epoch(), lapsedLong);
    }
    look(now);
  }

  /**
   * Others may have served this peer's arc, up to this epoch; if it had no lease for long, also
   * what it would have granted meanwhile.
   */
  private void raise(long now, long epoch, boolean lapsedLong) {
    if (epoch > state.epoch && !state.holdsAll()) {
      GrantRecord before = state.before;
      if (lapsedLong && before != null && before.epoch() < epoch) {
        state.before = before.above(epoch);
      }
      state.epoch = epoch;
      admitting.putOff(now);
    }
  }

  /** The grantor has registered what was sent then, with this epoch if it is higher. */
  void granted(long now, Sent sent, long epoch) {
    boolean lapsed = !state.valid(now);
    if (lapsed && now - state.until > config.length() / 2) {
      doubtRecord(now);
    }
    state.lastGranted = sent.at();
    state.until = Math.max(state.until, sent.at() + config.length());
    state.registeredLo = sent.lo();
    state.registeredEpoch = Math.max(sent.epoch(), epoch);
    if (lapsed) {
      parts.lapsed();
    }
  }

  /**
   * Without a lease for long, this peer may have been taken over by its grantor, which has granted
   * the holder before until it lost its own lease, and has given way since. What is known of that
   * holder is old then, its process and where its arc begins included. Less than a lease length is
   * too short for that: what was taken over is registered, and that holds for as long.
   */
  private void doubtRecord(long now) {
    GrantRecord old = state.before;
    if (old != null && old.until() - config.guarded() <= state.until) {
      long until = Math.max(old.until(), now + config.guarded());
      long epoch = Math.max(old.epoch(), state.time.at(now));
      state.before =
          GrantRecord.unheard(old.holder(), Optional.empty(), until, epoch, old.required(), now);
      state.gap = null;
    }
  }

  /**
   * Whether the time and the epochs that a peer names can be true. Epochs that leap are a lie that
   * would use them up. If they can, the ring's time goes on from there.
   */
  boolean believes(long now, Renewal renewal) {
    return believes(
        now, renewal.time(), renewal.epoch(), renewal.beforeEpoch(), renewal.beforeRequired());
  }

  private boolean believes(long now, Arc arc) {
    return believes(now, arc.time(), arc.epoch(), arc.before().epoch(), arc.before().required());
  }

  private boolean believes(long now, long time, long... epochs) {
    long latest = Math.max(time, state.time.at(now));
    for (long epoch : epochs) {
      if (!RingTime.allows(latest, epoch)) {
        return false;
      }
    }
    if (state.epoch > 0 && !state.time.believes(now, time)) {
      return false;
    }
    state.time = state.time.heard(now, time);
    return true;
  }

  /** R8: an arc is handed over to this peer. */
  public void onAdmit(long now, PeerId from, Admit admit) {
    awake(now);
    boolean asked =
        state.sent.stream().anyMatch(s -> s.at() == admit.sentAt() && s.to().equals(from));
    if (asked && admit.arc().epoch() > state.epoch && believes(now, admit.arc())) {
      admitting.adopt(now, from, admit);
      renew(now, from);
      look(now);
    }
  }

  /**
   * R9: gives everything up, to leave.
   *
   * @return what the grantor gets; empty if nothing is held or the grantor could not use it
   */
  public Optional<Arc> release(long now) {
    Optional<Arc> arc = admitting.release(now);
    clear();
    return arc;
  }

  /** R9, at the grantor: a peer leaves. */
  public void onRelease(long now, PeerId from, Arc arc) {
    awake(now);
    if (state.epoch > 0 && believes(now, arc)) {
      takeOver.released(now, from, arc, admitting);
    }
    look(now);
  }

  /**
   * R10: a process is dead for certain, as its host says. Only the record of this very moment is
   * touched: the evidence is not kept.
   */
  public void dead(long now, PeerRef process) {
    awake(now);
    GrantRecord before = state.before;
    if (config.trustDeath()
        && before != null
        && before.holder().equals(process.id())
        && before.incarnation() == process.incarnation()) {
      state.before = before.died(now);
      look(now);
    }
  }

  /** A message about leases. */
  public void onMessage(long now, PeerRef from, LeaseMessage message) {
    awake(now);
    if (message instanceof Renew m) {
      around.send(from.id(), new Renewed(asked(now, from, m.renewal())));
    } else if (message instanceof Renewed m) {
      answered(now, from.id(), m.answer());
    } else if (message instanceof Ask) {
      state.caller = from.id();
      if (!state.holdsAll()) {
        renew(now, from.id());
      }
    } else if (message instanceof Admit m) {
      onAdmit(now, from.id(), m);
    } else if (message instanceof Circle m) {
      circles.passed(now, from, m);
      look(now);
    } else if (message instanceof CircleClosed m) {
      circles.closedFar(now, m.round());
      look(now);
    }
  }

  /** Looks at what time or news have made possible. Call it when either has changed. */
  public void look(long now) {
    awake(now);
    admitting.look(now);
    if (state.epoch > 0) {
      takeOver.look(now);
      answerWaiting(now);
      circles.look(now);
    }
    if (needs(now) && now - retriedAt >= RETRY) {
      retriedAt = now;
      renewAll(now);
    }
    if (state.valid(now)) {
      parts.serve(now, state.servedLo(now).position());
    }
  }

  /** Whether this peer lacks something that its grantor could give. */
  boolean needs(long now) {
    return state.epoch > 0 && !state.settled(now);
  }

  /** Asks the successor, the last grantor, and who says that it is the one to ask. */
  void renewAll(long now) {
    PeerId successor = around.successor();
    PeerId last = state.grantor;
    PeerId caller = state.caller;
    if (!successor.equals(state.self)) {
      renew(now, successor);
    }
    if (last != null && !last.equals(successor) && isOther(last)) {
      renew(now, last);
    }
    if (caller != null && !caller.equals(successor) && !caller.equals(last) && isOther(caller)) {
      renew(now, caller);
    }
  }

  private boolean isOther(PeerId peer) {
    return !peer.equals(state.self) && around.isAlive(peer);
  }

  /** Asks one peer now. */
  void renew(long now, PeerId to) {
    around.send(to, new Renew(renewal(now, to)));
  }

  /** Something is to be registered: do not wait for the retry. */
  void register(long now) {
    retriedAt = now;
    renewAll(now);
  }

  private void answerWaiting(long now) {
    Waiting waiting = state.waiting;
    if (waiting == null) {
      return;
    }
    if (now - waiting.since() > config.length() / 2) {
      state.waiting = null;
    } else if (state.settled(now) && mayGrant(waiting.from(), waiting.renewal())) {
      state.waiting = null;
      grant(now, waiting.incarnation(), waiting.renewal());
      around.send(waiting.from(), new Renewed(answer(Verdict.GRANTED, waiting.renewal())));
    }
  }

  /** When {@link #look} should be called at the latest; {@link Long#MAX_VALUE}: when it pleases. */
  public long wakeAt(long now) {
    if (state.epoch == 0) {
      return Long.MAX_VALUE;
    }
    long next = state.until > now ? state.until : now + RETRY;
    if (needs(now) || state.handOver != null) {
      next = now + RETRY;
    }
    LeaseState.Blocked blocked = state.blocked;
    if (blocked != null && now < blocked.until()) {
      next = Math.min(next, blocked.until());
    }
    return Math.min(next, takeOver.wakeAt(now));
  }

  /** What this peer may serve now, and by whose grant; empty without a lease. */
  public Optional<HeldArc> held(long now) {
    if (!state.valid(now)) {
      return Optional.empty();
    }
    PeerId last = state.grantor == null ? around.successor() : state.grantor;
    PeerId grantor = state.holdsAll() ? state.self : last;
    return Optional.of(
        new HeldArc(state.servedLo(now), state.self, state.registeredEpoch, state.until, grantor));
  }

  /**
   * What this peer has granted to the one before it and would grant again: empty if it has no lease
   * itself, if the grant has run out, or if something about that arc is changing.
   */
  public Optional<GrantRecord> granted(long now) {
    return Optional.ofNullable(state.before)
        .filter(
            before ->
                state.valid(now)
                    && state.handOver == null
                    && now < before.until()
                    && before.incarnation() > 0
                    && before.lo().isPresent()
                    && !before.dead()
                    && !before.disclaimed());
  }

  /** What may be served, for readers on other threads. */
  public Tenure tenure(long now) {
    return state.valid(now)
        ? parts.tenure(Math.max(1, state.registeredEpoch), state.until)
        : Tenure.NONE;
  }
}
