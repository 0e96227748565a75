// The queues of news for those whom this peer tells itself, and what became of each message.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ladder.CostModel;
import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.ring.Delegation.Share;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.overlay.ring.MembershipMessage.Told;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Sends news to those among whom {@link Delegation} divides the ring. The first news for a peer go
 * out at once; those that follow wait for the period of the paper, unless this peer has been quiet
 * for a while: so a quiet network learns within a few round trips, and a busy one pays no more than
 * the paper says. A message is acknowledged, sent again, and in the end given to the next peer in
 * place of the silent one.
 */
final class EventLanes {
  /** Which way round the ring. */
  enum Direction {
    CLOCKWISE,
    COUNTER_CLOCKWISE;

    Direction opposite() {
      return this == CLOCKWISE ? COUNTER_CLOCKWISE : CLOCKWISE;
    }
  }

  static final int MOST_PER_MESSAGE = 512;

  /** How long news wait at most, in microseconds: in simulations of faults only. */
  private static final long LATE = 10_000_000;

  /** Who tells anything tells so many at once, if they wait. */
  private static final int LEAST_PER_MESSAGE = 32;

  /** How long they are collected while rings unite: neighbours find each other without them. */
  private static final long UNITING = 8_000_000;

  /** What follows a message to the same peer within this time goes together. */
  private static final long REST = 100_000;

  /** So many do not get much cheaper by waiting for more. */
  private static final int WORTH_A_MESSAGE = 8;

  private static final int MOST_WAITING = 4_096;

  /** How often one message is sent to one peer. */
  private static final int SENDS = 2;

  /** How many peers are tried in the place of one. */
  private static final int MOST_TARGETS = 4;

  private static final int BYTES_PER_MESSAGE = 30;
  private static final int BYTES_PER_EVENT = 29;

  /** The bytes a second that are spent on telling things at once, and how many can be saved up. */
  private static final int SAVED_PER_SECOND = 256;

  private static final long MOST_SAVED = 16_384;
  private static final long SECOND = 1_000_000;

  /** What is to be passed on, and how far. */
  private record Fresh(MemberNews news, Direction direction, OptionalInt end) {}

  /** The news for one peer. */
  private static final class Lane {
    final Direction direction;
    final PeerRef to;
    List<Told> waiting = new ArrayList<>(2);

    /** Before this nothing goes out, whatever can be paid. */
    long restedAt = Long.MIN_VALUE;

    /** Before this nothing goes out that can wait. */
    long openAt = Long.MIN_VALUE;

    @Nullable Flight flight;

    Lane(Direction direction, PeerRef to) {
      this.direction = direction;
      this.to = to;
    }
  }

  /** What goes one way round. */
  private record Side(Delegation delegation, Map<PeerId, Lane> lanes) {}

  /** A message that is not acknowledged yet. */
  private static final class Flight {
    final @Nullable Lane lane;
    final Events message;
    final List<PeerId> tried = new ArrayList<>(1);
    PeerRef to;
    int sends;
    long dueAt;

    Flight(@Nullable Lane lane, Events message, PeerRef to) {
      this.lane = lane;
      this.message = message;
      this.to = to;
    }
  }

  private final RingCore core;
  private final Side clockwise;
  private final Side counterClockwise;
  private final List<Fresh> fresh = new ArrayList<>();
  private final Map<Integer, Flight> flights = new LinkedHashMap<>();
  private final List<Flight> toHandOver = new ArrayList<>();
  private boolean touched;
  private int sequence;
  private long saved = MOST_SAVED;
  private long savedAt;
  private long timerAt = Long.MAX_VALUE;
  private @Nullable Runnable whenIdle;
  private long unanswered;
  private long dropped;

  EventLanes(RingCore core) {
    this.core = core;
    clockwise = new Side(new Delegation(core, Direction.CLOCKWISE), new LinkedHashMap<>());
    counterClockwise =
        new Side(new Delegation(core, Direction.COUNTER_CLOCKWISE), new LinkedHashMap<>());
  }

  private Side side(Direction direction) {
    return direction == Direction.CLOCKWISE ? clockwise : counterClockwise;
  }

  /** For everybody who is interested. */
  void add(MemberNews news, Direction direction) {
    add(new Fresh(news, direction, OptionalInt.empty()));
  }

  /** For those up to the end of a {@link Stretch}, as far as they are interested. */
  void add(MemberNews news, Direction direction, int end) {
    add(new Fresh(news, direction, OptionalInt.of(end)));
  }

  private void add(Fresh each) {
    if (fresh.size() < MOST_WAITING) {
      fresh.add(each);
      touched = true;
    } else {
      dropped++;
    }
  }

  /** Divides what is new among those who are told. */
  private void divide(long now) {
    for (Fresh each : fresh) {
      Delegation delegation = side(each.direction()).delegation();
      List<Share> shares =
          each.end().isPresent()
              ? delegation.divide(now, each.end().getAsInt())
              : delegation.divideAll(now, each.news().id());
      shares.forEach(share -> queue(each, share.to(), share.end()));
    }
    fresh.clear();
  }

  private void queue(Fresh each, PeerRef to, int end) {
    PeerRef first = to;
    if (first.id().equals(each.news().id())) {
      // Nobody is told about itself; those next to it are.
      first = next(each.direction(), first);
      if (!Stretch.contains(to.id(), end, first.id(), each.direction())) {
        return;
      }
    }
    PeerRef told = first;
    Lane lane =
        side(each.direction())
            .lanes()
            .computeIfAbsent(told.id(), id -> new Lane(each.direction(), told));
    if (lane.waiting.size() < MOST_WAITING) {
      lane.waiting.add(new Told(each.news(), end));
    } else {
      dropped++;
    }
  }

  /** Gives news to the peer that is to spread it. */
  void handOver(PeerRef first, MemberNews news) {
    toHandOver.add(
        new Flight(
            null,
            new Events(++sequence, Direction.CLOCKWISE, true, List.of(new Told(news, 0))),
            first));
    touched = true;
  }

  /** Many news are to be expected, everywhere: they travel together. */
  void gather() {
    saved = 0;
  }

  /** Leaves out the deaths that wait to be told; how many they were. */
  int forgetDeaths() {
    int forgotten = 0;
    for (Side side : List.of(clockwise, counterClockwise)) {
      for (Lane lane : side.lanes().values()) {
        int before = lane.waiting.size();
        lane.waiting.removeIf(told -> told.news().kind() == Kind.FAILED);
        forgotten += before - lane.waiting.size();
      }
    }
    return forgotten;
  }

  /** Nothing waits any more: this peer is about to go. */
  void hurry(Runnable then) {
    whenIdle = then;
    touched = true;
  }

  void clear() {
    clockwise.lanes().clear();
    counterClockwise.lanes().clear();
    fresh.clear();
    flights.clear();
    toHandOver.clear();
    touched = false;
    whenIdle = null;
    timerAt = Long.MAX_VALUE;
    core.effects.cancel(Timers.EVENTS);
  }

  void onTaken(long now, PeerRef from, int number) {
    Flight flight = flights.get(number);
    if (flight != null && (flight.to.id().equals(from.id()) || flight.tried.contains(from.id()))) {
      land(flight);
    }
  }

  private void land(Flight flight) {
    flights.remove(flight.message.sequence());
    if (flight.lane != null) {
      flight.lane.flight = null;
      touched |= !flight.lane.waiting.isEmpty();
    }
    touched |= whenIdle != null;
  }

  void onTimer(long now) {
    timerAt = Long.MAX_VALUE;
    touched = true;
    for (Flight flight : List.copyOf(flights.values())) {
      if (flight.dueAt <= now) {
        repeat(now, flight);
      }
    }
  }

  private void repeat(long now, Flight flight) {
    if (!mayTell(now)) {
      flight.dueAt = now + core.ladder.purse.pause(now);
      return;
    }
    boolean member = core.table.contains(flight.to.id());
    if (member && flight.sends < SENDS) {
      send(now, flight);
      return;
    }
    if (member) {
      core.detector.investigate(now, flight.to);
    }
    flight.tried.add(flight.to.id());
    Optional<PeerRef> instead =
        flight.tried.size() < MOST_TARGETS ? another(flight) : Optional.empty();
    if (instead.isPresent()) {
      flight.to = instead.get();
      flight.sends = 0;
      send(now, flight);
    } else {
      unanswered++;
      land(flight);
    }
  }

  /** The next peer in place of those tried, within the stretch that the message is meant for. */
  private Optional<PeerRef> another(Flight flight) {
    Direction direction = flight.message.direction();
    PeerId first = flight.tried.get(0);
    PeerRef next = next(direction, flight.to);
    boolean meant =
        flight.message.begins()
            || flight.message.told().stream()
                .anyMatch(told -> Stretch.contains(first, told.end(), next.id(), direction));
    return !meant || core.isSelf(next.id()) || flight.tried.contains(next.id())
        ? Optional.empty()
        : Optional.of(next);
  }

  private PeerRef next(Direction direction, PeerRef peer) {
    return direction == Direction.CLOCKWISE
        ? core.table.after(peer.id().position())
        : core.table.before(peer.id().position());
  }

  /** Whether anything is left that news may spend, or this peer is about to go. */
  private boolean mayTell(long now) {
    Purse purse = core.ladder.purse;
    return whenIdle != null || !purse.empty(now) || purse.hasReserve(now);
  }

  private void send(long now, Flight flight) {
    int bytes = BYTES_PER_MESSAGE + BYTES_PER_EVENT * flight.message.told().size();
    if (core.ladder.purse.empty(now)) {
      core.ladder.purse.draw(bytes);
    }
    saved -= bytes;
    flight.sends++;
    flight.dueAt = now + core.health.stretch(core.config.answer());
    core.effects.send(flight.to, flight.message);
  }

  /** Sends what may go now, and sets the timer for the rest. */
  void flush(long now) {
    if (!touched) {
      return;
    }
    touched = false;
    saved = Math.min(MOST_SAVED, saved + (now - savedAt) * SAVED_PER_SECOND / SECOND);
    savedAt = now;
    for (Flight flight : toHandOver) {
      flights.put(flight.message.sequence(), flight);
      send(now, flight);
    }
    toHandOver.clear();
    divide(now);
    long next = Long.MAX_VALUE;
    for (Side side : List.of(clockwise, counterClockwise)) {
      for (Lane lane : side.lanes().values()) {
        next = Math.min(next, flush(now, lane));
      }
      side.lanes().values().removeIf(lane -> isSpent(now, lane));
    }
    for (Flight flight : flights.values()) {
      next = Math.min(next, flight.dueAt);
    }
    arm(now, next);
    Runnable then = whenIdle;
    if (then != null && next == Long.MAX_VALUE) {
      whenIdle = null;
      then.run();
    }
  }

  private static boolean isSpent(long now, Lane lane) {
    return lane.waiting.isEmpty() && lane.flight == null && now >= lane.openAt;
  }

  /** Sends what waits in a lane, if it may; when to look at it again. */
  private long flush(long now, Lane lane) {
    while (!lane.waiting.isEmpty() && lane.flight == null) {
      if (whenIdle == null) {
        boolean uniting = core.merger.uniting(now);
        if (uniting && lane.openAt == Long.MIN_VALUE) {
          lane.openAt = now + UNITING;
        }
        boolean few = lane.waiting.size() < WORTH_A_MESSAGE;
        if (now < lane.openAt
            && (uniting || (few && (saved <= 0 || core.ladder.purse.poor(now))))) {
          return lane.openAt;
        }
        if (now < lane.restedAt) {
          return lane.restedAt;
        }
        if (!mayTell(now)) {
          return now + core.ladder.purse.pause(now);
        }
      }
      launch(now, lane);
    }
    return Long.MAX_VALUE;
  }

  private void launch(long now, Lane lane) {
    List<Told> news = lane.waiting;
    lane.waiting = new ArrayList<>(2);
    // Who has gone meanwhile is represented by the next one.
    PeerRef to = core.table.find(lane.to.id()).orElseGet(() -> next(lane.direction, lane.to));
    if (core.isSelf(to.id())) {
      return;
    }
    int most = mostTold(now);
    List<Told> concerning = new ArrayList<>(Math.min(most, news.size()));
    for (int i = 0; i < news.size(); i++) {
      if (concerning.size() == most) {
        lane.waiting.addAll(news.subList(i, news.size()));
        break;
      }
      if (Dissemination.concerns(
          core.ladder.exact(),
          core.ladder.widestArcBits(),
          core.self.id(),
          news.get(i).news(),
          to.id())) {
        concerning.add(news.get(i));
      }
    }
    if (!concerning.isEmpty()) {
      Flight flight =
          new Flight(lane, new Events(++sequence, lane.direction, false, concerning), to);
      lane.flight = flight;
      lane.restedAt = now + REST;
      lane.openAt = now + Math.max(period(now), core.merger.uniting(now) ? UNITING : 0);
      flights.put(flight.message.sequence(), flight);
      send(now, flight);
    }
  }

  /** How many news one message has at most, so that it does not cost much more than is left. */
  private int mostTold(long now) {
    int affordable = core.ladder.purse.spendable(now) / BYTES_PER_EVENT;
    return whenIdle != null
        ? MOST_PER_MESSAGE
        : Math.max(LEAST_PER_MESSAGE, Math.min(MOST_PER_MESSAGE, affordable));
  }

  /**
   * How long news for one place are collected: so that no more than the wanted share of entries is
   * stale, 4 f S / (8 + log2 N).
   */
  private long period(long now) {
    if (core.effects.faults().fires(FaultSite.NEWS_LATE)) {
      return LATE;
    }
    int among = core.table.size();
    double period = CostModel.period(core.churn.session(now, among), among);
    return (long) (period * SECOND * (core.ladder.purse.poor(now) ? 2 : 1));
  }

  private void arm(long now, long next) {
    if (next != Long.MAX_VALUE && next != timerAt) {
      timerAt = Math.max(next, now);
      core.effects.timer(Timers.EVENTS, timerAt);
    }
  }

  /** Messages that nobody acknowledged. */
  long unanswered() {
    return unanswered;
  }

  long dropped() {
    return dropped;
  }
}
