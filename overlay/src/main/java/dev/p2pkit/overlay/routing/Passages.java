// Messages without a pin on their way through this peer, its own included: hop by hop to the owner.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.routing.RoutedFrame.ClockQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutedFrame.Taken;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Each message is handed to the best next peer, which says at once that it has it. Silence sends it
 * to the next candidate; from then on two copies may be under way, and this peer remembers that: a
 * refusal that comes back by it is marked as no proof that the message was accepted nowhere. Three
 * candidates without success bounce the message back to its origin.
 */
final class Passages {
  /** How long it is remembered that a message has been passed on (microseconds). */
  private static final long REMEMBERED = 2_000_000;

  /** Takes what comes back for this peer's own calls. */
  interface Home {
    void returned(long now, Returned returned);
  }

  private final Surroundings around;
  private final Directions directions;
  private final Home home;
  private final Map<Passage.Name, Passage> passages = new HashMap<>();
  private final Wheel<Passage> wheel = new Wheel<>();
  private long numbers;

  Passages(Surroundings around, Directions directions, Home home) {
    this.around = around;
    this.directions = directions;
    this.home = home;
  }

  /** How long ago, at least, the first copy of a message had left its origin. */
  long ageOnArrival(long now, PeerRef from, Routed routed) {
    Neighbour sender = around.neighbour(from);
    if (!sender.up) {
      return Long.MAX_VALUE / 2;
    }
    long leftAt = sender.clock.notBefore(routed.stamp(), now, sender.upSince);
    if (!sender.clock.isFresh(now)) {
      around.offer(sender, new ClockQuery(now));
    }
    return Math.min(routed.age(), Long.MAX_VALUE / 4) + Math.max(0, now - leftAt);
  }

  /**
   * Starts a copy of a call of this peer; {@code avoid} has had a copy already. Returns the peer
   * that has it now or is waited for.
   */
  @Nullable PeerId start(long now, Envelope envelope, int copy, long age, Optional<PeerId> avoid) {
    Passage.Name name =
        new Passage.Name(envelope.origin(), envelope.id(), envelope.attempt(), copy);
    Passage passage = new Passage(++numbers, name, envelope, List.of(), age, now);
    avoid.ifPresent(passage.tried::add);
    passages.put(name, passage);
    advance(now, passage);
    return passage.next == null ? null : passage.next.id;
  }

  /** Whether this very copy has come before. */
  boolean isKnown(Routed routed) {
    return passages.containsKey(name(routed));
  }

  private static Passage.Name name(Routed routed) {
    Envelope envelope = routed.envelope();
    return new Passage.Name(envelope.origin(), envelope.id(), envelope.attempt(), routed.copy());
  }

  boolean hasRoom(Neighbour from, Envelope envelope) {
    boolean room =
        passages.size() < around.config.maxForwarding() && around.passing.hasRoom(from, envelope);
    if (!room) {
      around.counters.drop("no room to pass on");
    }
    return room;
  }

  /** A message of another peer for a third. */
  void take(long now, Neighbour from, Routed routed, long age) {
    Envelope envelope = routed.envelope();
    List<PeerId> path = new ArrayList<>(routed.path());
    path.add(around.self.id());
    Passage passage = new Passage(++numbers, name(routed), envelope, List.copyOf(path), age, now);
    passage.from = from;
    around.passing.add(from, envelope);
    passages.put(passage.name, passage);
    if (envelope.hops() <= 0 || path.size() >= RoutedFrame.MOST_HOPS) {
      bounce(now, passage, "it has come too many hops");
    } else {
      advance(now, passage);
    }
  }

  /** Gives the message to the next candidate, waits for a link, or bounces it. */
  private void advance(long now, Passage passage) {
    Envelope envelope = passage.envelope;
    if (envelope == null) {
      return;
    }
    release(passage);
    long remaining = envelope.remainingMicros() - (now - passage.arrivedAt);
    if (remaining <= 0) {
      forget(passage);
      around.counters.drop("too late to pass on");
      return;
    }
    Neighbour best = null;
    boolean more = passage.given < Directions.MOST_CANDIDATES;
    for (Neighbour candidate :
        more ? directions.candidates(now, passage, envelope) : List.<Neighbour>of()) {
      if (candidate.up && give(now, passage, candidate, envelope, remaining)) {
        return;
      } else if (best == null && !candidate.up && !candidate.unreachable) {
        best = candidate;
      }
    }
    if (best != null
        && passage.sentAt < 0
        && now - passage.arrivedAt < around.config.relayAfter()) {
      around.knock(now, best);
      hold(passage, best);
      wheel.set(passage, passage.arrivedAt + around.config.relayAfter(), now);
      return;
    }
    for (Neighbour connected :
        more ? directions.connected(passage, envelope) : List.<Neighbour>of()) {
      if (give(now, passage, connected, envelope, remaining)) {
        return;
      }
    }
    if (best != null && passage.given == 0 && best.dialling) {
      // Nobody else is connected: the dial decides.
      hold(passage, best);
      wheel.set(passage, now + around.config.retryMost(), now);
      return;
    }
    bounce(now, passage, "nobody nearer to its owner answers");
  }

  private boolean give(long now, Passage passage, Neighbour to, Envelope envelope, long remaining) {
    Envelope next = envelope.travelled(envelope.hops() - 1, remaining);
    long age = passage.age + (now - passage.arrivedAt);
    if (!around.offer(to, new Routed(next, passage.name.copy(), age, now, passage.path))) {
      passage.tried.add(to.id);
      return false;
    }
    if (passage.path.isEmpty()) {
      around.counters.sentRemote++;
    } else {
      around.counters.forwarded++;
    }
    passage.sentAt = now;
    passage.given++;
    passage.tried.add(to.id);
    hold(passage, to);
    wheel.set(passage, now + to.clock.patience(), now);
    return true;
  }

  private static void hold(Passage passage, Neighbour next) {
    passage.next = next;
    next.passages++;
  }

  private static void release(Passage passage) {
    Neighbour next = passage.next;
    if (next != null) {
      next.passages--;
      passage.next = null;
    }
  }

  /** This peer does not have to see to it any more. */
  private void drop(Passage passage) {
    if (passage.from != null && passage.envelope != null) {
      around.passing.remove(passage.from, passage.envelope);
    }
    passage.envelope = null;
  }

  private void forget(Passage passage) {
    release(passage);
    drop(passage);
    wheel.clear(passage);
    passages.remove(passage.name);
  }

  /**
   * Its end goes back. It is remembered for a while, so that a repeated frame does not revive it.
   */
  private void finish(long now, Passage passage) {
    release(passage);
    drop(passage);
    passage.finished = true;
    wheel.set(passage, now + REMEMBERED, now);
  }

  private void bounce(long now, Passage passage, String why) {
    around.counters.drop("bounced");
    boolean inDoubt = passage.inDoubt;
    Envelope envelope = passage.envelope;
    finish(now, passage);
    if (envelope != null) {
      ErrorCode code = around.view.joined() ? ErrorCode.NO_ROUTE : ErrorCode.NOT_READY;
      Answer answer =
          new Answer(
              passage.name.origin(),
              around.self.id(),
              passage.name.id(),
              passage.name.attempt(),
              Verdict.BOUNCED,
              0,
              code,
              Optional.empty(),
              why.getBytes(StandardCharsets.UTF_8));
      back(now, passage, answer, inDoubt);
    }
  }

  private void back(long now, Passage passage, Answer answer, boolean inDoubt) {
    List<PeerId> path =
        passage.path.isEmpty()
            ? List.of()
            : List.copyOf(passage.path.subList(0, passage.path.size() - 1));
    Returned returned =
        new Returned(answer, passage.name.copy(), inDoubt, passage.hops, Optional.empty(), path);
    if (around.isSelf(answer.to())) {
      home.returned(now, returned);
    } else {
      sendBack(returned);
    }
  }

  /** The next peer says whether it has a message. */
  void taken(long now, Neighbour from, Taken taken) {
    from.clock.sample(taken.echo(), taken.stamp(), now);
    Passage passage =
        passages.get(new Passage.Name(taken.origin(), taken.id(), taken.attempt(), taken.copy()));
    if (passage == null || passage.next != from || passage.sentAt < 0) {
      return;
    }
    from.clock.roundTrip(Math.max(1, now - taken.echo()));
    if (taken.taken()) {
      release(passage);
      drop(passage);
      wheel.set(passage, now + REMEMBERED, now);
    } else {
      passage.sentAt = -1;
      advance(now, passage);
    }
  }

  /** An answer comes back this way. */
  void returned(long now, Returned returned) {
    Answer answer = returned.answer();
    Returned told = returned;
    if (answer.verdict().refusal()) {
      Passage passage =
          passages.get(
              new Passage.Name(answer.to(), answer.id(), answer.attempt(), returned.copy()));
      boolean own = around.isSelf(answer.to());
      // What this peer does not remember it cannot vouch for; the owner's word may say enough.
      boolean inDoubt =
          returned.inDoubt() || passage == null || passage.inDoubt || (passage.finished && !own);
      if (passage != null) {
        finish(now, passage);
      }
      told =
          new Returned(
              answer, returned.copy(), inDoubt, returned.hops(), returned.arc(), returned.path());
    }
    if (around.isSelf(answer.to())) {
      home.returned(now, told);
    } else {
      sendBack(told);
    }
  }

  /** Passes an answer on to the next peer of its path, or to the origin. */
  void sendBack(Returned returned) {
    List<PeerId> path = returned.path();
    PeerId next = path.isEmpty() ? returned.answer().to() : path.get(path.size() - 1);
    List<PeerId> rest = path.isEmpty() ? path : List.copyOf(path.subList(0, path.size() - 1));
    Neighbour way = around.find(next);
    Returned shorter =
        new Returned(
            returned.answer(),
            returned.copy(),
            returned.inDoubt(),
            returned.hops(),
            returned.arc(),
            rest);
    if (way == null || !way.up || !around.offer(way, shorter)) {
      around.counters.drop("no link to pass an answer on");
    }
  }

  /** Something happened to the link to a peer. */
  void linkChanged(long now, Neighbour peer) {
    if (peer.passages == 0) {
      return;
    }
    List<Passage> waiting = new ArrayList<>();
    for (Passage passage : passages.values()) {
      if (passage.next == peer) {
        waiting.add(passage);
      }
    }
    waiting.sort((one, other) -> Long.compare(one.id, other.id));
    for (Passage passage : waiting) {
      if (passage.sentAt >= 0 && !peer.up) {
        passage.inDoubt = true;
        advance(now, passage);
      } else if (passage.sentAt < 0) {
        advance(now, passage);
      }
    }
  }

  /** The next peer is silent, a link takes too long, or a passage may be forgotten. */
  void onTimer(long now) {
    for (Passage passage : wheel.due(now)) {
      if (passage.envelope == null) {
        forget(passage);
      } else if (passage.sentAt >= 0) {
        around.counters.drop("silence of the next peer");
        passage.inDoubt = true;
        advance(now, passage);
      } else {
        advance(now, passage);
      }
    }
  }

  long nextWake() {
    return wheel.next();
  }
}
