// What arrives at this peer, on its way to the access points.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.peer.access.AccessPoints;
import dev.p2pkit.peer.gateway.SessionAccessPoint;
import dev.p2pkit.peer.registry.Registry;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/**
 * Takes messages from the overlay to the access points. A message that names a newer version of a
 * service than runs here, or a service that this peer has not met yet, waits until the registry has
 * fetched it. Before this peer has caught up with the services of its neighbours, everything waits.
 */
final class Inbox {
  /** How many messages may wait, for this peer's start or for a service. */
  private static final int MOST_WAITING = 16_384;

  private final OverlayPeer overlay;
  private final AccessPoints accessPoints;
  private final Registry registry;
  private final Restrictions restrictions;
  private final BiConsumer<SessionAccessPoint, Incoming> sessions;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Queue<Inbound> early = new ArrayDeque<>();
  // Guarded by itself: what waits for a service, by access point, in the order of arrival.
  private final Map<String, Deque<Inbound>> held = new HashMap<>();
  private volatile boolean someHeld;
  private volatile boolean ready;

  /**
   * An inbox that holds back what arrives until {@link #open}.
   *
   * @param restrictions refuses callers without a right
   * @param sessions takes messages for the proxies of this peer's clients
   */
  Inbox(
      OverlayPeer overlay,
      AccessPoints accessPoints,
      Registry registry,
      Restrictions restrictions,
      BiConsumer<SessionAccessPoint, Incoming> sessions) {
    this.restrictions = restrictions;
    this.sessions = sessions;
    this.overlay = overlay;
    this.accessPoints = accessPoints;
    this.registry = registry;
  }

  /** From now on messages are not held back. */
  void open() {
    while (true) {
      Inbound next;
      synchronized (early) {
        next = early.poll();
        if (next == null) {
          ready = true;
          return;
        }
      }
      waiting.decrementAndGet();
      dispatch(next);
    }
  }

  /** Takes a message; see {@link dev.p2pkit.overlay.peer.OverlayListener#deliver}. */
  void deliver(Inbound inbound) {
    if (ready || Reserved.isOne(inbound.envelope().accessPoint())) {
      dispatch(inbound);
      return;
    }
    synchronized (early) {
      if (!ready) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
          refuseWaiting(inbound);
        } else {
          early.add(inbound);
        }
        return;
      }
    }
    dispatch(inbound);
  }

  /**
   * Takes a broadcast, on the control thread. A report does not wait for archives: a peer that has
   * to fetch the service first says that it is not ready, and fetches.
   *
   * @return why it was not taken; empty if it was
   */
  Optional<ErrorCode> broadcast(PeerRef origin, BroadcastBody body) {
    String accessPoint = body.accessPoint();
    if (Reserved.isOne(accessPoint)) {
      return Optional.of(ErrorCode.UNAUTHORISED);
    }
    if (!ready || isHeld(accessPoint)) {
      return Optional.of(ErrorCode.NOT_READY);
    }
    if (body.serviceEpoch() > registry.directory().activeEpochOf(accessPoint)) {
      AtomicReference<Optional<ErrorCode>> refusal =
          new AtomicReference<>(Optional.of(ErrorCode.NOT_READY));
      // Answers at once if there is nothing to fetch: then what runs is all that can run here.
      registry.mention(
          overlay.now(),
          accessPoint,
          body.serviceEpoch(),
          origin,
          (now, result) ->
              refusal.set(
                  result instanceof Result.Failure<Long> failure
                      ? Optional.of(failure.code())
                      : Optional.empty()));
      Optional<ErrorCode> answer = Objects.requireNonNull(refusal.get());
      if (answer.isPresent()) {
        return answer;
      }
    }
    Optional<String> wrong = restrictions.refusal(accessPoint, body.permitted(), origin.id());
    if (wrong.isPresent()) {
      return Optional.of(ErrorCode.UNAUTHORISED);
    }
    BroadcastArrival arrival = new BroadcastArrival(body, origin.id(), overlay.self().id());
    accessPoints.deliver(arrival);
    return arrival.refusal();
  }

  /**
   * Takes a message that did not come by itself: one of a multicast or of a connection. One that
   * names a newer version of a service than runs here waits until the registry has fetched it.
   *
   * @param permitted whether its sender may call a restricted service
   */
  void take(Incoming incoming, boolean permitted, long serviceEpoch) {
    String accessPoint = incoming.message().accessPoint();
    if (Reserved.isOne(accessPoint)) {
      incoming.fail(ErrorCode.UNAUTHORISED, "'" + accessPoint + "' belongs to the peers");
    } else if (!ready) {
      incoming.fail(ErrorCode.NOT_READY, "this peer learns which services there are");
    } else if (accessPoints.has(accessPoint)
        && serviceEpoch <= registry.directory().activeEpochOf(accessPoint)) {
      admit(incoming, permitted);
    } else {
      overlay.run(
          now ->
              registry.mention(
                  now,
                  accessPoint,
                  serviceEpoch,
                  overlay.self(),
                  (then, result) -> admit(incoming, permitted)));
    }
  }

  private void admit(Incoming incoming, boolean permitted) {
    PeerId by =
        incoming.message().source() instanceof Source.OfPeer of ? of.peer() : overlay.self().id();
    restrictions
        .refusal(incoming.message().accessPoint(), permitted, by)
        .ifPresentOrElse(
            why -> incoming.fail(ErrorCode.UNAUTHORISED, why),
            () -> accessPoints.deliver(incoming));
  }

  private boolean isHeld(String accessPoint) {
    synchronized (held) {
      return held.containsKey(accessPoint);
    }
  }

  private void refuseWaiting(Inbound inbound) {
    waiting.decrementAndGet();
    fail(
        inbound,
        ErrorCode.BUSY,
        MOST_WAITING + " messages wait at this peer already; try again in a moment");
  }

  private void dispatch(Inbound inbound) {
    String accessPoint = inbound.envelope().accessPoint();
    if (ReplyPoint.isOne(accessPoint)) {
      reply(inbound, accessPoint);
    } else if (SessionAccessPoint.isOne(accessPoint)) {
      session(inbound, accessPoint);
    } else if (Reserved.isOne(accessPoint)) {
      hand(inbound);
    } else if (someHeld || isBehind(inbound)) {
      hold(inbound);
    } else {
      hand(inbound);
    }
  }

  private boolean isBehind(Inbound inbound) {
    Envelope envelope = inbound.envelope();
    String accessPoint = envelope.accessPoint();
    return envelope.serviceEpoch() > registry.directory().activeEpochOf(accessPoint)
        || !accessPoints.has(accessPoint);
  }

  /** Keeps the order at an access point: what comes after a message that waits, waits behind it. */
  private void hold(Inbound inbound) {
    synchronized (held) {
      Deque<Inbound> queue = held.get(inbound.envelope().accessPoint());
      if (queue != null || isBehind(inbound)) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
          refuseWaiting(inbound);
        } else if (queue != null) {
          queue.add(inbound);
        } else {
          queue = new ArrayDeque<>();
          queue.add(inbound);
          held.put(inbound.envelope().accessPoint(), queue);
          someHeld = true;
          ask(inbound);
        }
        return;
      }
    }
    hand(inbound);
  }

  private void ask(Inbound first) {
    Envelope envelope = first.envelope();
    overlay.run(
        now ->
            registry.mention(
                now,
                envelope.accessPoint(),
                envelope.serviceEpoch(),
                first.via(),
                (then, result) ->
                    release(envelope.accessPoint(), envelope.serviceEpoch(), result)));
  }

  /**
   * On the control thread. The queue stays in its place until it is empty, so that nothing
   * overtakes.
   */
  private void release(String accessPoint, long asked, Result<Long> result) {
    while (true) {
      Inbound next;
      synchronized (held) {
        Deque<Inbound> queue = Objects.requireNonNull(held.get(accessPoint));
        if (queue.isEmpty()) {
          held.remove(accessPoint);
          someHeld = !held.isEmpty();
          return;
        }
        next = queue.element();
        if (next.envelope().serviceEpoch() > asked && isBehind(next)) {
          // It names a version that is newer still.
          ask(next);
          return;
        }
        queue.remove();
      }
      waiting.decrementAndGet();
      fetched(next, result);
    }
  }

  private void fetched(Inbound inbound, Result<Long> result) {
    String accessPoint = inbound.envelope().accessPoint();
    if (result instanceof Result.Failure<Long> failure && !accessPoints.has(accessPoint)) {
      boolean nobody =
          failure.code() == ErrorCode.NO_SUCH_SERVICE
              && inbound.envelope().serviceEpoch() == 0
              && registry.directory().endedAt(accessPoint).isEmpty();
      if (nobody) {
        fail(
            inbound,
            ErrorCode.NO_SUCH_ACCESS_POINT,
            "nobody receives at '" + accessPoint + "' of this peer");
      } else {
        fail(inbound, failure.code(), failure.detail());
      }
      return;
    }
    // The version that runs goes on, also where a newer one could not be put to use.
    hand(inbound);
  }

  private void hand(Inbound inbound) {
    Envelope envelope = inbound.envelope();
    Optional<String> wrong =
        restrictions.refusal(
            envelope.accessPoint(), Mark.PERMITTED.isOn(envelope), envelope.origin());
    if (wrong.isPresent()) {
      fail(inbound, ErrorCode.UNAUTHORISED, wrong.get());
      return;
    }
    arrival(inbound).ifPresent(accessPoints::deliver);
  }

  private void session(Inbound inbound, String accessPoint) {
    Optional<SessionAccessPoint> at = SessionAccessPoint.parse(accessPoint);
    if (at.isEmpty()) {
      fail(
          inbound,
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "'" + accessPoint + "' names no proxy of a client");
      return;
    }
    arrival(inbound).ifPresent(arrival -> sessions.accept(at.get(), arrival));
  }

  private Optional<Arrival> arrival(Inbound inbound) {
    try {
      Arrival arrival =
          new Arrival(overlay, inbound, overlay.ownershipMode(inbound.envelope().accessPoint()));
      if (arrival.isBoundElsewhere()) {
        fail(
            inbound,
            ErrorCode.BUSY,
            "a copy of this message may have been processed by the peer that had the key before");
        return Optional.empty();
      }
      return Optional.of(arrival);
    } catch (KitException e) {
      fail(inbound, e.code(), e.detail());
      return Optional.empty();
    }
  }

  /** A reply that somebody else than the called peer sends: the caller handed its address on. */
  private void reply(Inbound inbound, String accessPoint) {
    OptionalLong call = ReplyPoint.parse(accessPoint);
    PeerId self = overlay.self().id();
    Envelope envelope = inbound.envelope();
    if (call.isPresent()
        && overlay.reply(
            call.getAsLong(),
            new Outcome.Replied(envelope.origin(), envelope.body(), envelope.serviceEpoch()))) {
      overlay.complete(inbound, new Outcome.Acknowledged(self, true, 0));
    } else {
      fail(
          inbound,
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "that call has ended: it was answered before, or its deadline has passed");
    }
  }

  private void fail(Inbound inbound, ErrorCode code, String detail) {
    overlay.complete(inbound, new Outcome.Failed(code, detail, overlay.self().id()));
  }
}
