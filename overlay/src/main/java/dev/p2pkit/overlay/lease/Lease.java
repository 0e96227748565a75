// Leased ownership, the rules of one peer.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Circle;
import dev.p2pkit.overlay.lease.LeaseMessage.CircleClosed;
import dev.p2pkit.overlay.lease.LeaseMessage.Declined;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryPart;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryTaken;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.LeaseMessage.Renewed;
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
 * <p>Each part holds a few rules: {@link Renewing} and {@link Granting} the two ends of a lease,
 * {@link TakeOver} and {@link Admitting} arcs that change hands, {@link Circles} a ring in which
 * nobody has a lease any more, {@link Attention} pauses, {@link Beliefs} what others claim.
 *
 * <p>Pure and driven: the time comes with each call and never goes back; {@link Neighbourhood} says
 * what the ring believes and carries messages. Believing wrongly costs time, never safety, with one
 * exception: an arc whose holder is dead and about whose beginning nothing is registered is taken
 * over up to the nearest live peer, after that gap has been empty for a lease length.
 */
public final class Lease {
  final LeaseConfig config;
  final long suspicion;
  final Neighbourhood around;
  final LeaseState state;
  final Attention attention;
  final Beliefs beliefs;
  final Granting granting;
  final Renewing renewing;
  private final TakeOver takeOver;
  private final Admitting admitting;
  private final Circles circles;
  private final HeldParts parts;
  private final Copying copying;
  private final Copied copied;

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
    attention = new Attention(state, config, suspicion, around);
    beliefs = new Beliefs(state);
    parts = new HeldParts(state.self.position());
    takeOver = new TakeOver(this);
    copying = new Copying(this, memory);
    copied = new Copied(this, memory);
    admitting = new Admitting(this, memory, parts, copying, copied);
    granting = new Granting(this, admitting);
    renewing = new Renewing(this, admitting, parts);
    circles = new Circles(this);
  }

  /** All that is remembered; a copy. */
  public LeaseState state() {
    return state.copy();
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
              LeaseState.NEVER,
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
    state.promised = null;
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
    copying.clear();
    copied.clear();
  }

  /** Whether the key may be served at this very moment. */
  public boolean serves(Key key, long now) {
    return state.serves(key, now);
  }

  /** Whether this peer has a lease at this very moment. */
  public boolean isHeld(long now) {
    return state.valid(now);
  }

  /** Whether this peer has a lease that was prolonged lately: its grantor is there. */
  public boolean isSecure(long now) {
    return state.valid(now) && state.until - now > config.length() / 2;
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

  /**
   * R2: what to ask of a peer, with the heartbeat or at once.
   *
   * @param to who is asked: the successor
   */
  public Renewal renewal(long now, PeerId to) {
    return renewing.renewal(now, to);
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
    return granting.asked(now, from, renewal);
  }

  /** The answer of a grantor. */
  public void answered(long now, PeerId from, RenewalAnswer answer) {
    renewing.answered(now, from, answer);
  }

  /** R8: an arc is handed over to this peer. */
  public void onAdmit(long now, PeerId from, Admit admit) {
    attention.awake(now);
    boolean asked =
        state.sent.stream().anyMatch(s -> s.at() == admit.sentAt() && s.to().equals(from));
    if (asked && admit.arc().epoch() > state.epoch && beliefs.believes(now, admit.arc())) {
      admitting.adopt(now, from, admit);
      renewing.renew(now, from);
      look(now);
    } else if (!asked && state.epoch == 0) {
      // It asked for this too long ago; the giver is to know at once.
      renewing.renew(now, from);
    }
  }

  /**
   * What a peer that was cleared says to one that would hand an arc to it: what it asked for before
   * is forgotten, so it can never take it.
   */
  public Declined decline() {
    return new Declined(state.lastSent);
  }

  /**
   * Whether {@link #release} can be called without loss. If not, what is remembered of the arc is
   * on its way to the grantor, and this peer goes on to serve: ask again from time to time.
   */
  public boolean mayRelease(long now) {
    attention.awake(now);
    copying.look(now);
    return admitting.mayRelease(now);
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
    attention.awake(now);
    if (state.epoch > 0 && beliefs.believes(now, arc)) {
      takeOver.released(now, from, arc, admitting);
    }
    look(now);
  }

  /**
   * R10: a process is dead for certain, as its host says. Only the record of this very moment is
   * touched: the evidence is not kept.
   */
  public void dead(long now, PeerRef process) {
    attention.awake(now);
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
    attention.awake(now);
    if (message instanceof Renew m) {
      around.send(from.id(), new Renewed(asked(now, from, m.renewal())));
    } else if (message instanceof Renewed m) {
      answered(now, from.id(), m.answer());
    } else if (message instanceof Ask) {
      renewing.called(now, from.id());
    } else if (message instanceof Admit m) {
      onAdmit(now, from.id(), m);
    } else if (message instanceof Circle m) {
      circles.passed(now, from, m);
      look(now);
    } else if (message instanceof CircleClosed m) {
      circles.closedFar(now, m.round());
      look(now);
    } else if (message instanceof Declined m) {
      admitting.declined(now, from, m.upTo());
      look(now);
    } else if (message instanceof MemoryPart m) {
      copied.onPart(now, from, m);
    } else if (message instanceof MemoryTaken m) {
      copying.onTaken(now, from.id(), m);
    }
  }

  /** Looks at what time or news have made possible. Call it when either has changed. */
  public void look(long now) {
    attention.awake(now);
    copying.look(now);
    admitting.look(now);
    if (state.epoch > 0) {
      takeOver.look(now);
      granting.answerWaiting(now);
      circles.look(now);
    }
    renewing.look(now);
    if (state.valid(now)) {
      parts.serve(now, state.servedLo(now).position());
    }
  }

  /** When {@link #look} should be called at the latest; {@link Long#MAX_VALUE}: when it pleases. */
  public long wakeAt(long now) {
    if (state.epoch == 0) {
      return Long.MAX_VALUE;
    }
    long next = state.until > now ? state.until : now + Renewing.RETRY;
    if (renewing.needs(now) || state.handOver != null || copying.isBusy()) {
      next = now + Renewing.RETRY;
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
