// Who may serve: joins the lease rules and the pointers of one peer, and tells what follows.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.lease.Deeds;
import dev.p2pkit.overlay.lease.GrantRecord;
import dev.p2pkit.overlay.lease.HeldArc;
import dev.p2pkit.overlay.lease.HeldParts;
import dev.p2pkit.overlay.lease.Lease;
import dev.p2pkit.overlay.lease.LeaseMessage;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseState;
import dev.p2pkit.overlay.lease.Neighbourhood;
import dev.p2pkit.overlay.lease.Renewal;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.Holding.Tenure;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.Successions.Ended;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may serve. {@link OwnershipMode#STRICT} is what the {@link Lease} says. {@link
 * OwnershipMode#AVAILABLE} is what the pointers say: everything behind the present predecessor,
 * while the successor has answered lately.
 */
final class Ownership implements Neighbourhood, Deeds {
  private final RingCore core;
  private final Lease lease;
  private final HeldParts availableParts;

  /** For readers on any thread. */
  private final Holding holding = new Holding();

  /** Whether the successor takes this peer for its predecessor, as far as is known. */
  private boolean confirmed;

  private long answeredAt = Long.MIN_VALUE / 2;
  private long availableEpoch;
  private PeerId availableFrom;

  /** The process that holds the arc before, and where it can be dialled. */
  private @Nullable PeerRef granted;

  private final Successions successions;

  /** When a peer of another ring was heard last. */
  private long strangerAt = Long.MIN_VALUE / 2;

  private long tableSeen = -1;
  private PeerId successorSeen;
  private boolean changed;

  /** An answer that comes too late, for simulations. */
  private record LateAnswer(long at, PeerId from, RenewalAnswer answer) {}

  private @Nullable LateAnswer late;
  private long changes;
  private long timerAt = Long.MAX_VALUE;

  Ownership(RingCore core) {
    this.core = core;
    PeerId self = core.self.id();
    lease = new Lease(self, core.config.lease(), core.config.suspicion(), this, new Memory());
    availableParts = new HeldParts(self.position());
    successions = new Successions(2 * core.config.lease().length());
    availableFrom = self;
    successorSeen = self;
  }

  Holding holding() {
    return holding;
  }

  /** The state of the lease rules; a copy. */
  LeaseState leaseState() {
    return lease.state();
  }

  @Override
  public Optional<HeldArc> held(long now) {
    return core.phase == Phase.MEMBER ? lease.held(now) : Optional.empty();
  }

  @Override
  public Optional<GrantRecord> granted(long now) {
    return core.phase == Phase.MEMBER ? lease.granted(now) : Optional.empty();
  }

  /** This peer begins a ring. */
  void create(long now) {
    lease.create(now, Math.max(1, core.self.incarnation()));
    confirmed = true;
    changed = true;
  }

  /** This peer is a member of a ring that has been there for long. */
  void form(long now, PeerRef before, PeerId beforeThat) {
    lease.form(now, before.id(), before.incarnation(), beforeThat);
    granted = before;
    confirmed = true;
    answeredAt = now;
    changed = true;
  }

  /** The successor has answered and takes this peer for its predecessor. */
  void confirmed(long now) {
    confirmed = true;
    answeredAt = now;
  }

  /**
   * Others may have taken this peer for dead, or it has slept: what the pointers say may be old.
   */
  void doubted() {
    confirmed = false;
  }

  /** This peer has no place on the ring any more, or not yet. */
  void clear() {
    lease.clear();
    late = null;
    confirmed = false;
    granted = null;
    availableEpoch = 0;
    availableParts.clear();
    changed = true;
  }

  /** Whether this peer's lease was prolonged lately. */
  boolean isSecure(long now) {
    return lease.isSecure(now);
  }

  /** Whether this peer holds its lease. */
  boolean isHeld(long now) {
    return lease.isHeld(now);
  }

  /** What to ask of a peer. */
  Renewal renewal(long now, PeerId to) {
    return lease.renewal(now, to);
  }

  /** What to say to a peer that takes this one for its successor. */
  RenewalAnswer asked(long now, PeerRef from, Renewal renewal) {
    followed(now, from);
    core.reunion.asked(from.id(), renewal.epoch());
    lease.followed(from.id());
    changed = true;
    return lease.asked(now, from, renewal);
  }

  /**
   * A newer process of a holder, at the same address, is the proof that the older one has ended.
   */
  private void followed(long now, PeerRef from) {
    PeerRef last = granted;
    if (last != null
        && last.id().equals(from.id())
        && last.endpoint().equals(from.endpoint())
        && last.incarnation() < from.incarnation()) {
      lease.dead(now, last);
    }
  }

  /** The answer to a renewal that rode on a heartbeat. */
  void answered(long now, PeerId from, RenewalAnswer answer) {
    if (core.pointers.successor().map(s -> s.id().equals(from)).orElse(false)) {
      answeredAt = now;
    }
    if (late == null && core.effects.faults().fires(FaultSite.GRANT_LATE)) {
      late = new LateAnswer(now + core.config.lease().guarded(), from, answer);
    } else {
      lease.answered(now, from, answer);
    }
    changed = true;
  }

  /** What a simulation has kept back. */
  private void answeredLate(long now) {
    LateAnswer due = late;
    if (due != null && now >= due.at()) {
      late = null;
      lease.answered(now, due.from(), due.answer());
      changed = true;
    }
  }

  /** A message about leases. */
  void onMessage(long now, PeerRef from, LeaseMessage message) {
    long newest =
        core.table
            .known(from.id())
            .map(news -> news.ref().incarnation())
            .orElse(from.incarnation());
    if (!core.phase.hasPlace()) {
      if (message instanceof LeaseMessage.Admit || message instanceof LeaseMessage.Ask) {
        core.effects.send(from, lease.decline());
      }
    } else if (newest <= from.incarnation() && !core.table.isGone(from)) {
      followed(now, from);
      lease.onMessage(now, from, message);
      changed = true;
    }
  }

  /**
   * A host has refused a dial: the process is dead for certain, unless there was another process of
   * the same peer lately, which the dial may have been for.
   */
  void dead(long now, PeerRef ref) {
    if (!successions.mayHaveEndedBut(now, ref)) {
      lease.dead(now, ref);
      changed = true;
    }
  }

  /** A process that was a member here has ended, or another one of the same peer has come. */
  void ended(long now, Ended member) {
    successions.ended(now, member);
  }

  /** A process of which this peer knew nothing is said to have ended. */
  void ended(long now, PeerId peer, long incarnation) {
    successions.ended(now, peer, incarnation);
  }

  /** The last process of a peer that is no member any more, if it was one a moment ago. */
  Optional<Ended> lastOf(PeerId peer) {
    return successions.last(peer);
  }

  /** The rules are to be looked at then, although nothing happens here. */
  void lookAt(long at) {
    if (at < timerAt) {
      timerAt = at;
      core.effects.timer(Timers.LEASE, at);
    }
  }

  /** Whether what is remembered of the arc can go with it, or is on its way ahead of it. */
  boolean mayRelease(long now) {
    return lease.mayRelease(now);
  }

  /** Gives everything up, to leave; what the heir gets. */
  Optional<Arc> release(long now) {
    // Nobody serves any more before the memory of what was served is told.
    publish(OwnershipMode.STRICT, Tenure.NONE);
    publish(OwnershipMode.AVAILABLE, Tenure.NONE);
    Optional<Arc> arc = lease.release(now);
    clear();
    return arc;
  }

  /** The peer before this one leaves. */
  void onRelease(long now, PeerId from, Arc arc) {
    lease.onRelease(now, from, arc);
    changed = true;
  }

  /** A peer of another ring has spoken. */
  void met(long now) {
    strangerAt = now;
  }

  /** Once per heartbeat: a lease must notice that this process runs. */
  void beat() {
    changed = true;
  }

  void onTimer() {
    timerAt = Long.MAX_VALUE;
    changed = true;
  }

  /** The step is over: what it has made possible happens, and readers are told. */
  void settle(long now) {
    answeredLate(now);
    PeerId successor = successor();
    if (!changed
        && tableSeen == core.table.changes()
        && successor.equals(successorSeen)
        && core.phase != Phase.OUTSIDE) {
      available(now);
      return;
    }
    changed = false;
    tableSeen = core.table.changes();
    successorSeen = successor;
    if (core.phase.hasPlace()) {
      lease.look(now);
      rememberHolder();
    }
    publish(OwnershipMode.STRICT, core.phase == Phase.MEMBER ? lease.tenure(now) : Tenure.NONE);
    available(now);
    long wake = core.phase.hasPlace() ? lease.wakeAt(now) : Long.MAX_VALUE;
    lookAt(wake);
  }

  /** Readers must not believe any more that this peer serves what ends there. */
  private void shrink(Key upTo) {
    for (OwnershipMode mode : OwnershipMode.values()) {
      Tenure tenure = holding.tenure(mode);
      if (!tenure.isNone() && upTo.isIn(tenure.after(), tenure.upTo())) {
        publish(
            mode,
            upTo.equals(tenure.upTo())
                ? Tenure.NONE
                : new Tenure(upTo, tenure.upTo(), tenure.epoch(), tenure.until(), tenure.parts()));
      }
    }
  }

  private void rememberHolder() {
    lease
        .before()
        .filter(
            before ->
                granted == null
                    || !before.holder().equals(granted.id())
                    || before.incarnation() != granted.incarnation())
        .flatMap(
            before ->
                core.table
                    .find(before.holder())
                    .filter(ref -> ref.incarnation() == before.incarnation()))
        .ifPresent(ref -> granted = ref);
  }

  private void available(long now) {
    boolean alone = core.alone();
    Tenure last = holding.tenure(OwnershipMode.AVAILABLE);
    long until = alone ? Long.MAX_VALUE : answeredAt + core.config.suspicion();
    if (core.phase != Phase.MEMBER || !(confirmed || alone) || now >= until) {
      if (!last.isNone()) {
        publish(OwnershipMode.AVAILABLE, Tenure.NONE);
        availableParts.clear();
      }
      return;
    }
    PeerId from = core.pointers.predecessor().map(PeerRef::id).orElse(core.self.id());
    Key here = core.self.id().position();
    boolean grown =
        !last.isNone()
            && !from.equals(availableFrom)
            && (from.equals(core.self.id())
                || availableFrom.position().isIn(from.position(), here));
    availableEpoch = Math.max(availableEpoch, lease.epochs());
    if (grown) {
      availableEpoch++;
    }
    availableFrom = from;
    availableParts.serve(now, from.position());
    publish(OwnershipMode.AVAILABLE, availableParts.tenure(Math.max(1, availableEpoch), until));
  }

  /** Tells readers, and, if more than the end has changed, those who follow the changes. */
  private void publish(OwnershipMode mode, Tenure next) {
    Tenure last = holding.tenure(mode);
    if (next.equals(last)) {
      return;
    }
    boolean same =
        next.isNone() == last.isNone()
            && next.after().equals(last.after())
            && next.epoch() == last.epoch();
    boolean grows =
        !next.isNone() && (last.isNone() || !next.after().isIn(last.after(), last.upTo()));
    if (same) {
      holding.set(mode, next);
    } else {
      // Whoever is told knows of an arc before the first message for it, and of its end after the
      // last.
      changes++;
      if (grows) {
        core.listener.onHolding(mode, last, next);
      }
      holding.set(mode, next);
      if (!grows) {
        core.listener.onHolding(mode, last, next);
      }
    }
  }

  /** Grows whenever the arc, its epoch or whether there is one has changed; not with renewals. */
  long changes() {
    return changes;
  }

  @Override
  public PeerId successor() {
    return core.pointers.successor().map(PeerRef::id).orElse(core.self.id());
  }

  @Override
  public int size() {
    return (int) core.ladder.peers();
  }

  @Override
  public boolean isAlive(PeerId peer) {
    return core.table.contains(peer);
  }

  @Override
  public PeerId aliveBefore(PeerId peer) {
    return core.table.before(peer.position()).id();
  }

  @Override
  public boolean isExact(PeerId after, PeerId upTo) {
    Coverage coverage = core.ladder.exact();
    return coverage.complete()
        || (coverage.covers(after.position()) && coverage.covers(upTo.position()));
  }

  @Override
  public boolean hearsStrangers(long now) {
    return now - strangerAt < 4 * core.config.lease().guarded();
  }

  @Override
  public void send(PeerId to, LeaseMessage message) {
    if (message instanceof LeaseMessage.Admit
        && core.effects.faults().fires(FaultSite.ADMISSION_LOST)) {
      return;
    }
    PeerRef holder = granted;
    core.table
        .find(to)
        .or(() -> Optional.ofNullable(holder).filter(ref -> ref.id().equals(to)))
        .or(() -> successions.last(to).map(Ended::ref))
        .ifPresent(ref -> core.effects.send(ref, message));
  }

  /** What the programs of this peer remember; they may come later than this. */
  private final class Memory implements ArcMemory {
    @Override
    public Optional<Copy> copy(Key after, Key upTo, long since, int most) {
      return core.listener.arcMemory().copy(after, upTo, since, most);
    }

    @Override
    public Optional<byte[]> give(Key after, Key upTo, long since, int most) {
      // From here on nothing is accepted for these keys, so what is told is whole.
      shrink(upTo);
      return core.listener.arcMemory().give(after, upTo, since, most);
    }

    @Override
    public boolean take(Key after, Key upTo, byte[] bytes) {
      return core.listener.arcMemory().take(after, upTo, bytes);
    }
  }
}
