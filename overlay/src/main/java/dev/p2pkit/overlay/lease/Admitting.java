// Arcs that go from one live peer to another.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Before;
import dev.p2pkit.overlay.lease.LeaseMessage.Memory;
import dev.p2pkit.overlay.lease.LeaseState.Blocked;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * R7 and R8: a newcomer inside of this peer's arc gets the first part of it. This peer stops to
 * serve that part, has it registered with its grantor, and only then tells the newcomer: if this
 * peer dies in between, its grantor knows that the newcomer may hold something.
 */
final class Admitting {
  private final Lease lease;
  private final LeaseState state;
  private final ArcMemory memory;
  private final HeldParts parts;
  private final Copying copying;
  private final Copied copied;

  Admitting(Lease lease, ArcMemory memory, HeldParts parts, Copying copying, Copied copied) {
    this.lease = lease;
    state = lease.state;
    this.memory = memory;
    this.parts = parts;
    this.copying = copying;
    this.copied = copied;
  }

  /** A peer inside of the arc asks for a lease. */
  void begin(long now, PeerRef from, Renewal renewal) {
    PeerId id = from.id();
    LeaseState.Blocked blocked = state.blocked;
    boolean free =
        state.serves(id.position(), now)
            || (blocked != null && blocked.upTo().equals(id) && state.valid(now));
    if (state.handOver != null || !state.settled(now) || !free || !lease.around.isAlive(id)) {
      return;
    }
    if (!copying.isAhead(now, id, from.incarnation(), state.lo, id)) {
      return;
    }
    long newEpoch = Math.max(state.epoch, renewal.epoch()) + 1;
    boolean hadAll = state.holdsAll();
    GrantRecord before = state.before;
    state.handOver =
        new HandOver(
            id, renewal.sentAt(), state.lo, Optional.ofNullable(before), newEpoch, now, false);
    GrantRecord next = GrantRecord.unheard(id, Optional.of(state.lo), now, newEpoch, newEpoch, now);
    state.before =
        new GrantRecord(
            id,
            from.incarnation(),
            next.lo(),
            next.until(),
            LeaseState.NEVER,
            newEpoch,
            newEpoch,
            now,
            Long.MIN_VALUE,
            false,
            false,
            before == null ? state.epoch : before.epoch(),
            before == null ? state.epoch : before.required());
    state.lo = id;
    state.gap = null;
    if (hadAll) {
      // Until now it was its own grantor; from now on the newcomer is.
      state.registeredLo = id;
      state.grantor = id;
      state.until = now + lease.config.length();
    } else {
      lease.renewing.register(now);
    }
  }

  /** The newcomer asks again, or shows that it has adopted its arc. */
  void heard(long now, PeerRef from, Renewal renewal) {
    HandOver handOver = state.handOver;
    GrantRecord before = state.before;
    if (handOver == null || before == null || !handOver.newcomer().equals(from.id())) {
      return;
    }
    if (from.incarnation() > before.incarnation()) {
      // Another process: whether the one before it took its arc, and what it accepted, it cannot
      // tell. That arc is taken over first, as that of any who has died.
      state.handOver = null;
      if (!handOver.sent()) {
        restore(now, handOver);
      }
      return;
    }
    if (handOver.sent() && renewal.registered() >= handOver.newEpoch()) {
      state.handOver = null;
    } else if (renewal.epoch() >= handOver.newEpoch()) {
      // It has grown by itself, over what it knew before it lost its lease, and takes nothing any
      // more that comes with a lower epoch. What it claims need not be what it was to get.
      state.handOver = null;
      restore(now, handOver);
    } else {
      state.handOver = handOver.requested(renewal.sentAt());
      if (handOver.sent()) {
        tell(now);
      }
    }
  }

  /**
   * The newcomer has given up, and takes nothing that it has asked for up to that renewal: as if
   * nothing had been.
   */
  void declined(long now, PeerRef from, long upTo) {
    HandOver handOver = state.handOver;
    GrantRecord before = state.before;
    if (handOver != null
        && before != null
        && handOver.newcomer().equals(from.id())
        && before.incarnation() == from.incarnation()
        && handOver.requestedAt() <= upTo) {
      state.handOver = null;
      restore(now, handOver);
    }
  }

  void look(long now) {
    HandOver handOver = state.handOver;
    if (handOver == null) {
      return;
    }
    if (!handOver.sent()) {
      tell(now);
    }
    boolean over = now - handOver.startedAt() > 2 * lease.config.guarded();
    boolean dead = !lease.around.isAlive(handOver.newcomer());
    HandOver present = state.handOver;
    if (present == null || !(over || dead)) {
      return;
    }
    state.handOver = null;
    if (!present.sent()) {
      restore(now, present);
    }
  }

  /** What was to be handed over has to begin with a higher epoch: that is for another time. */
  void putOff(long now) {
    HandOver handOver = state.handOver;
    if (handOver != null && !handOver.sent()) {
      state.handOver = null;
      restore(now, handOver);
    }
  }

  /** Whoever was to be admitted was never told, or has not taken it: as if nothing had been. */
  private void restore(long now, HandOver handOver) {
    state.lo = handOver.oldLo();
    // That one was not listened to meanwhile: its silence begins anew.
    state.before = handOver.oldBefore().map(old -> old.heard(now, false)).orElse(null);
    state.epoch = Math.max(state.epoch, handOver.newEpoch()) + 1;
    if (state.lo.equals(state.self)) {
      state.registeredLo = state.self;
      state.registeredEpoch = state.epoch;
    } else {
      // The grantor may have registered the smaller arc: only that is served until it says more.
      state.registeredLo = handOver.newcomer();
      lease.renewing.register(now);
    }
  }

  /** R7: tells the newcomer, if that is safe. */
  private void tell(long now) {
    HandOver handOver = state.handOver;
    GrantRecord before = state.before;
    if (handOver == null
        || before == null
        || !state.valid(now)
        || !state.registeredLo.equals(handOver.newcomer())
        || !state.lo.equals(handOver.newcomer())) {
      return;
    }
    state.before = before.until(Math.max(before.until(), now + lease.config.guarded()));
    PeerId newcomer = handOver.newcomer();
    Optional<Memory> known = copying.rest(newcomer, handOver.oldLo(), newcomer);
    // Who held everything has let it go just now.
    parts.serve(now, state.servedLo(now).position());
    long heldFor = known.isPresent() ? Math.max(0, now - parts.lastReleased(now)) : 0;
    Before its =
        handOver
            .oldBefore()
            .map(old -> old.told(now))
            .orElseGet(
                () ->
                    new Before(
                        0,
                        Optional.of(handOver.newcomer()),
                        Math.max(0, state.until - now),
                        state.epoch,
                        Math.max(1, state.registeredEpoch),
                        handOver.newEpoch(),
                        handOver.newEpoch()));
    state.handOver = handOver.told();
    lease.around.send(
        handOver.newcomer(),
        new Admit(
            handOver.requestedAt(),
            new Arc(
                handOver.oldLo(), handOver.newEpoch(), its, state.time.at(now), heldFor, known)));
  }

  /** What an arc that came in says about the one before it. */
  GrantRecord record(long now, Arc arc) {
    Before before = arc.before();
    long until = now + lease.config.stretched(before.remaining());
    return new GrantRecord(
        arc.lo(),
        before.incarnation(),
        before.lo(),
        until,
        before.incarnation() == 0 ? until : LeaseState.NEVER,
        before.epoch(),
        before.required(),
        now,
        Long.MIN_VALUE,
        false,
        false,
        before.beforeEpoch(),
        before.beforeRequired());
  }

  /** R8: all that was held before is given up for what was handed over. */
  void adopt(long now, PeerId from, Admit admit) {
    Arc arc = admit.arc();
    GrantRecord old = state.before;
    state.lo = arc.lo();
    state.registeredLo = arc.lo();
    state.epoch = arc.epoch();
    state.registeredEpoch = arc.epoch();
    state.until = admit.sentAt() + lease.config.length();
    state.lastGranted = admit.sentAt();
    state.handOver = null;
    state.waiting = null;
    state.gap = null;
    state.grantor = from;
    state.before = record(now, arc);
    state.sent.clear();
    state.blocked = null;
    if (old != null && old.until() > now && state.inside(old.holder())) {
      state.blocked = new Blocked(old.holder(), old.until());
    }
    doubtGiver(now);
    parts.clear();
    inherit(now, from, arc, state.self);
  }

  /**
   * The giver names where the arc begins, and nobody else vouches for it: one that lies could have
   * this peer serve what others hold. So whoever is believed alive inside of the arc counts as one
   * that holds what ends there, until it has asked this peer for that part, or has not for longer
   * than it can hold it. Asked to, it asks within a round trip; an honest giver's newcomers hold
   * nothing, and lose no more time than that.
   */
  private void doubtGiver(long now) {
    PeerId nearest = lease.around.aliveBefore(state.self);
    if (!state.inside(nearest)) {
      return;
    }
    Blocked known = state.blocked;
    PeerId upTo =
        known != null && LeaseState.within(nearest, known.upTo(), state.self)
            ? known.upTo()
            : nearest;
    long until = now + lease.config.guarded();
    state.blocked = new Blocked(upTo, known == null ? until : Math.max(until, known.until()));
    lease.around.send(nearest, new Ask());
  }

  /** Takes the memory that came with an arc that ends at {@code upTo}. */
  void inherit(long now, PeerId from, Arc arc, PeerId upTo) {
    Key after = arc.lo().position();
    boolean taken =
        arc.memory()
            .map(
                rest ->
                    memory.take(after, upTo.position(), rest.bytes()) && copied.isWhole(from, rest))
            .orElse(false);
    parts.inherit(after, upTo.position(), taken ? now - arc.heldFor() : now);
  }

  /** R9: whether what is remembered can go with the arc; if not, it is on its way. */
  boolean mayRelease(long now) {
    boolean whole = state.registeredLo.equals(state.lo) && state.registeredEpoch == state.epoch;
    return state.before == null
        || state.handOver != null
        || !whole
        || copying.isAhead(now, lease.around.successor(), 0, state.lo, state.self);
  }

  /** R9: what the grantor gets of a peer that leaves. */
  Optional<Arc> release(long now) {
    GrantRecord before = state.before;
    boolean whole = state.registeredLo.equals(state.lo) && state.registeredEpoch == state.epoch;
    if (before == null || state.handOver != null || !whole) {
      return Optional.empty();
    }
    long held = parts.since(now);
    Optional<Memory> known = copying.rest(lease.around.successor(), state.lo, state.self);
    return Optional.of(
        new Arc(
            state.lo,
            state.epoch,
            before.told(now),
            state.time.at(now),
            known.isPresent() ? Math.max(0, now - held) : 0,
            known));
  }
}
