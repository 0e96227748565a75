// The data plane of one peer as a machine: takes what happens and hands it to the part concerned.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.routing.RoutedFrame.ClockAnswer;
import dev.p2pkit.overlay.routing.RoutedFrame.ClockQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutedFrame.Taken;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Hop;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.SettleQuery;
import dev.p2pkit.overlay.routing.RoutingFrame.Settled;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The data plane of one peer. Not thread-safe: the host calls it under one lock. The listener is
 * called at the end of a step, when the router's state is whole, so it may call back.
 *
 * <p>Promises, whatever is lost, repeated or delayed: a message is accepted by at most one process,
 * at most once; each call ends at its deadline at the latest, with a code that tells the truth
 * about whether the message may have been processed; messages from one peer to one access point
 * under one target are accepted in the order of the calls. All tables have bounds, and refuse as
 * BUSY.
 */
public final class Router implements Machine {
  private static final long TIMER = 1;

  /** An owner asks at most so often (microseconds) which calls are open: {@link Owner}. */
  private static final long SETTLE_PAUSE = Owner.PRESS_PAUSE / 2;

  private final Surroundings around;
  private final Calls calls;
  private final Origins origins;
  private final Answers answers;
  private final Owner owner;
  private final ArcLedger ledger;
  private final Pinning pinning;
  private final OwnAnswers ownAnswers;
  private final Relay relay;
  private final Directions directions;
  private final Passages passages;
  private final RoutedCalls routedCalls;
  private final LateTimer lateTimer = new LateTimer();
  private boolean finishing;
  private long sweepAt = Long.MAX_VALUE;
  private long timerAt = Long.MAX_VALUE;

  /**
   * A router with these bounds; this peer's address may become known later, before {@link #start}.
   */
  public Router(RouterConfig config, Effects effects, RouterListener listener) {
    around = new Surroundings(config, effects, listener);
    calls = new Calls(around);
    origins = new Origins(around, calls::lowestOpen);
    answers = new Answers(around);
    owner = new Owner(around, origins, answers);
    ledger = new ArcLedger(origins);
    pinning = new Pinning(around, calls, new PinnedCopies(around, calls, owner));
    ownAnswers = new OwnAnswers(around, calls, pinning);
    relay = new Relay(around);
    directions = new Directions(around);
    passages =
        new Passages(around, directions, (now, returned) -> routedCalls().returned(now, returned));
    routedCalls = new RoutedCalls(around, calls, passages, directions, pinning);
    pinning.setUnpinned(routedCalls);
  }

  private RoutedCalls routedCalls() {
    return routedCalls;
  }

  /**
   * Starts a call.
   *
   * @param whenDone called exactly once, through {@link RouterListener#done}; perhaps before this
   *     returns
   * @return the id of the call
   */
  public long open(long now, Draft draft, Consumer<Outcome> whenDone) {
    Call call = calls.open(now, draft, whenDone);
    if (call.state != Call.State.ENDED) {
      pinning.route(now, call);
    }
    finish(now);
    return call.id;
  }

  /**
   * Ends an own open call with a reply that arrived by another way; false if it is not open any
   * more.
   */
  public boolean reply(long now, long id, Outcome.Replied reply) {
    Call call = calls.find(id);
    if (call == null) {
      around.counters.drop("reply to a call that is not open");
      return false;
    }
    calls.end(call, reply);
    finish(now);
    return true;
  }

  /**
   * Answers a message that was delivered here. A send ends with Acknowledged or Failed. An rpc ends
   * with Replied or Failed; Acknowledged before that tells its sender that the turn has ended. What
   * comes after the end is ignored. Failed with NOT_READY means that the message was not touched;
   * its sender tries again, with another {@link Inbound}.
   */
  public void complete(long now, Inbound inbound, Outcome outcome) {
    Answer answer = owner.complete(inbound, outcome);
    if (answer != null) {
      if (around.isSelf(answer.to())) {
        ownAnswers.answered(now, around.self.id(), answer);
      } else {
        answers.answer(now, inbound, answer);
      }
    }
    finish(now);
  }

  /** Gives an own open call up; it ends with CANCELLED. */
  public void cancel(long now, long id) {
    Call call = calls.find(id);
    if (call != null) {
      calls.fail(call, ErrorCode.CANCELLED, "the caller gave it up");
      finish(now);
    }
  }

  /** Takes no more calls of this peer: they end with CLOSED. What is open goes on. */
  public void refuseCalls(long now) {
    around.closing = true;
    finish(now);
  }

  /** Takes no more messages of others: they are told to go elsewhere. What is open goes on. */
  public void refuseMessages(long now) {
    around.leaving = true;
    finish(now);
  }

  /** Ends every open call: with CLOSED if it cannot have arrived, else as unknown. */
  public void close(long now) {
    around.closing = true;
    around.leaving = true;
    for (Call call : calls.all()) {
      if (call.state != Call.State.ENDED) {
        calls.giveUp(call, ErrorCode.CLOSED, "this peer was closed");
      }
    }
    finish(now);
  }

  /** How many own calls wait for an answer from this peer. */
  public int unanswered(PeerId peer) {
    Neighbour link = around.find(peer);
    return link == null ? 0 : link.unanswered;
  }

  /** What goes with an arc to its next holder; call it under the same lock as everything here. */
  public ArcMemory arcMemory(long now) {
    origins.clock = now;
    return ledger;
  }

  /** Counters. */
  public RouterStatistics statistics() {
    return new RouterStatistics(
        around.counters.delivered,
        around.counters.sentRemote,
        around.counters.forwarded,
        calls.size(),
        owner.inProgress(),
        origins.remembered(),
        around.counters.dials,
        around.counters.relayed,
        List.of(Arrays.stream(around.counters.hops).boxed().toArray(Long[]::new)),
        around.counters.dropped());
  }

  @Override
  public void start(long now) {
    around.refreshSelf();
    around.startedAt = now;
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    Neighbour link = around.heardFrom(from);
    if (message instanceof Envelope envelope) {
      if (around.isSelf(envelope.pinned())) {
        owner.receive(now, from, envelope);
      } else {
        relay.forward(now, from, envelope);
      }
    } else if (message instanceof Answer answer) {
      if (around.isSelf(answer.to())) {
        ownAnswers.answered(now, from.id(), answer);
      } else {
        relay.forward(from, answer);
      }
    } else if (message instanceof Query query) {
      if (around.isSelf(query.to())) {
        owner.query(now, from, query);
      } else {
        relay.forward(from, query);
      }
    } else if (message instanceof Hop hop) {
      Call call = calls.find(hop.id());
      if (call != null && call.attempt == hop.attempt()) {
        pinning.hop(now, call, link, hop);
      }
    } else if (message instanceof SettleQuery) {
      settle(now, link);
    } else if (message instanceof Settled settled) {
      origins.settled(from.id(), settled);
    } else if (message instanceof RoutedFrame frame) {
      routed(now, from, link, frame);
    }
    finish(now);
  }

  private void routed(long now, PeerRef from, Neighbour link, RoutedFrame frame) {
    if (frame instanceof Routed message) {
      if (cameFrom(from, message.envelope().origin(), message.path())) {
        arrived(now, from, link, message);
      }
    } else if (frame instanceof Taken taken) {
      passages.taken(now, link, taken);
    } else if (frame instanceof Returned returned) {
      passages.returned(now, returned);
    } else if (frame instanceof KeyQuery query) {
      if (!cameFrom(from, query.origin(), query.path())) {
        return;
      }
      boolean witness = query.witness().filter(around::isSelf).isPresent();
      if (witness || owner.holds(query.target(), now)) {
        owner.query(now, from, query);
      } else if (!directions.ask(query, 0)) {
        around.counters.drop("nobody to ask about a message");
      }
    } else if (frame instanceof ClockQuery query) {
      around.offer(link, new ClockAnswer(query.stamp(), now));
    } else if (frame instanceof ClockAnswer answer) {
      link.clock.sample(answer.echo(), answer.stamp(), now);
    }
  }

  /** Tells a peer which calls are open; not more often than an honest one would ask. */
  private void settle(long now, Neighbour link) {
    if (now - link.settledAt < SETTLE_PAUSE) {
      around.counters.drop("asked too often which calls are open");
      return;
    }
    link.settledAt = now;
    around.offer(link, calls.settled());
  }

  /**
   * Whether the peer that sent this is the one that it names as its last, as all honest ones do.
   */
  private boolean cameFrom(PeerRef from, PeerId origin, List<PeerId> path) {
    PeerId last = path.isEmpty() ? origin : path.get(path.size() - 1);
    if (!last.equals(from.id())) {
      around.counters.drop("names another than its sender");
      return false;
    }
    return true;
  }

  /** A message that is pinned to nobody: for this peer, or to be passed on. */
  private void arrived(long now, PeerRef from, Neighbour link, Routed routed) {
    Envelope envelope = routed.envelope();
    long age = passages.ageOnArrival(now, from, routed);
    boolean own = around.isSelf(envelope.origin());
    Neighbour named = envelope.byKey() ? null : around.find(envelope.pinned());
    boolean linked = named != null && named.up && !around.isSelf(named.id);
    boolean here =
        owner.holds(envelope, now)
            || (!envelope.byKey() && around.isSelf(envelope.pinned()))
            || owner.isNominal(envelope, now);
    here &= !linked;
    boolean known = passages.isKnown(routed);
    boolean loops = routed.path().contains(around.self.id());
    boolean taken = !own && !loops && (here || known || passages.hasRoom(link, envelope));
    around.offer(
        link,
        new Taken(
            envelope.origin(),
            envelope.id(),
            envelope.attempt(),
            routed.copy(),
            taken,
            routed.stamp(),
            now));
    if (!taken || known) {
      return;
    }
    if (here) {
      owner.receive(now, from, routed, age);
    } else {
      passages.take(now, link, routed, age);
    }
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    Optional<PeerRef> member = around.view.find(peer);
    @Nullable Neighbour known =
        member.isPresent() ? around.neighbour(member.get()) : around.find(peer);
    if (known == null) {
      around.stranger(now, peer, event == LinkEvent.UP);
      return;
    }
    long process = known.dialling ? known.diallingIncarnation : known.ref.incarnation();
    link(now, known, event, process);
  }

  /** As {@link #onLink(long, PeerId, LinkEvent)}, from a driver that knows which process it was. */
  public void onLink(long now, PeerRef peer, LinkEvent event) {
    link(now, around.neighbour(peer), event, peer.incarnation());
  }

  private void link(long now, Neighbour peer, LinkEvent event, long process) {
    switch (event) {
      case UP -> {
        around.linkUp(now, peer);
        pinning.linkUp(now, peer);
      }
      case DOWN -> {
        around.linkGone(peer);
        if (peer.departed) {
          pinning.dead(now, peer, process, "has left");
        }
        pinning.linkDown(now, peer);
      }
      case REFUSED -> {
        around.linkGone(peer);
        pinning.dead(now, peer, process, "is dead");
      }
      case BUSY -> {
        around.linkGone(peer);
        pinning.linkUnreachable(now, peer);
      }
      case UNREACHABLE, REJECTED -> {
        around.linkGone(peer);
        peer.unreachable = true;
        pinning.linkUnreachable(now, peer);
      }
    }
    relay.linkChanged(now, peer);
    passages.linkChanged(now, peer);
    finish(now);
  }

  @Override
  public void onView(long now, RingView view) {
    RingView before = around.view;
    if (before.joined() && !view.joined()) {
      around.before = Optional.of(before);
    } else if (view.joined()) {
      around.before = Optional.empty();
    }
    around.view = view;
    around.changedAt = now;
    owner.viewChanged(now);
    for (Neighbour link : around.all()) {
      PeerRef is = view.find(link.id).orElse(null);
      if (is != null) {
        if (link.ref.incarnation() < is.incarnation()) {
          long older = is.incarnation() - 1;
          link.ref = is;
          pinning.dead(now, link, older, "has restarted");
          relay.dead(link, older);
        }
        link.departed = false;
      } else if (view.joined()) {
        before.find(link.id).ifPresent(was -> departed(now, link, was.incarnation()));
      }
    }
    pinning.viewChanged(now);
    around.prune();
    finish(now);
  }

  private void departed(long now, Neighbour link, long process) {
    link.departed = true;
    if (!link.up) {
      pinning.dead(now, link, process, "has gone from the ring");
      relay.dead(link, process);
    } else {
      pinning.dropped(now, link, process);
    }
  }

  @Override
  public void onTimer(long now, long token) {
    timerAt = Long.MAX_VALUE;
    for (Call call : calls.due(now)) {
      if (call.state != Call.State.ENDED) {
        pinning.wake(now, call);
      }
    }
    passages.onTimer(now);
    owner.releaseLate(now);
    if (now >= sweepAt) {
      sweepAt = Long.MAX_VALUE;
      origins.sweep(now);
    }
    finish(now);
  }

  /** The end of a step: lets what waited for it go on, tells the host, sets the timer. */
  private void finish(long now) {
    if (finishing) {
      return;
    }
    if (lateTimer.isMissed(now, timerAt)) {
      onTimer(now, TIMER);
      return;
    }
    finishing = true;
    try {
      while (true) {
        Call released = calls.nextReleased();
        if (released != null) {
          pinning.route(now, released);
        } else if (!around.outbox.isEmpty()) {
          around.outbox.handOver();
        } else {
          break;
        }
      }
    } finally {
      finishing = false;
    }
    if (sweepAt == Long.MAX_VALUE) {
      sweepAt = origins.nextSweep(now);
    }
    long next = Math.min(calls.nextWake(), sweepAt);
    next = Math.min(next, Math.min(passages.nextWake(), owner.nextRelease()));
    if (next < timerAt) {
      timerAt = next;
      around.timer(TIMER, next);
    }
  }
}
