// The queues of news for the peers 1, 2, 4, 8 … places away, and what became of each message.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.ladder.CostModel;
import dev.p2pkit.overlay.machine.FaultSite;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends news to the peers 1, 2, 4, 8 … places away. The first news for a place go out at once;
 * those that follow wait for the period of the paper, unless this peer has been quiet for a while:
 * so a quiet network learns within a few round trips, and a busy one pays no more than the paper
 * says. A message is acknowledged, sent again, and in the end given to the next peer in place of
 * the silent one.
 */
final class EventLanes {
  /** Which way round the ring. */
  enum Direction {
    CLOCKWISE,
    COUNTER_CLOCKWISE
  }

  /** 2^31 places are more than any ring has. */
  static final int MOST = 31;

  static final int MOST_PER_MESSAGE = 512;

  /** How long news wait at most, in microseconds: in simulations of faults only. */
  private static final long LATE = 10_000_000;

  /** Who tells anything tells so many at once, if they wait. */
  private static final int LEAST_PER_MESSAGE = 32;

  private static final int LANE_BITS = 6;
  private static final int HAND_OVER = (1 << LANE_BITS) - 1;
  private static final int MOST_WAITING = 4_096;

  /** How often one message is sent to one peer. */
  private static final int SENDS = 2;

  /** How many peers are tried in the place of one. */
  private static final int MOST_TARGETS = 4;

  private static final int BYTES_PER_MESSAGE = 30;
  private static final int BYTES_PER_EVENT = 28;

  /** The bytes a second that are spent on telling things at once, and how many can be saved up. */
  private static final int SAVED_PER_SECOND = 256;

  private static final long MOST_SAVED = 16_384;
  private static final long SECOND = 1_000_000;

  /** The news for one place. */
  private static final class Lane {
    final Direction direction;
    final int number;
    List<MemberNews> waiting = new ArrayList<>(2);
    long openAt = Long.MIN_VALUE;
    @Nullable Flight flight;

    Lane(Direction direction, int number) {
      this.direction = direction;
      this.number = number;
    }
  }

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
  private @Nullable Lane @Nullable [] lanes;
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
  }

  /** For all places up to this lane; what nobody there is interested in is left out on the way. */
  void add(MemberNews news, Direction direction, int upTo) {
    int reach = Dissemination.reach(core.table, core.ladder.exact(), core.self.id(), direction);
    for (int number = 0; number < upTo && 1 << number <= reach; number++) {
      Lane lane = lane(direction, number);
      if (lane.waiting.size() < MOST_WAITING) {
        lane.waiting.add(news);
        touched = true;
      } else {
        dropped++;
      }
    }
  }

  private Lane lane(Direction direction, int number) {
    @Nullable Lane[] all = lanes;
    if (all == null) {
      all = new Lane[Direction.values().length * MOST];
      lanes = all;
    }
    int index = direction.ordinal() * MOST + number;
    Lane lane = all[index];
    if (lane == null) {
      lane = new Lane(direction, number);
      all[index] = lane;
    }
    return lane;
  }

  /** Gives news to the peer that is to spread it. */
  void handOver(PeerRef first, MemberNews news) {
    toHandOver.add(
        new Flight(
            null,
            new Events(next(HAND_OVER), Direction.CLOCKWISE, Events.BEGIN, List.of(news)),
            first));
    touched = true;
  }

  private int next(int lane) {
    return ++sequence << LANE_BITS | lane;
  }

  /** Many news are to be expected, everywhere: they travel together. */
  void gather() {
    saved = 0;
  }

  /** Nothing waits any more: this peer is about to go. */
  void hurry(Runnable then) {
    whenIdle = then;
    touched = true;
  }

  void clear() {
    lanes = null;
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

  /** The next peer in place of those tried, within the places that the message is meant for. */
  private Optional<PeerRef> another(Flight flight) {
    SortedPeers peers = core.table.peers();
    Lane lane = flight.lane;
    if (lane == null) {
      PeerRef next = core.table.after(flight.to.id().position());
      return core.isSelf(next.id()) ? Optional.empty() : Optional.of(next);
    }
    int places = 1 << lane.number;
    int reach =
        Dissemination.reach(core.table, core.ladder.exact(), core.self.id(), lane.direction);
    for (int away = places; away < 2 * places && away <= reach; away++) {
      PeerRef candidate = at(peers, lane.direction, away);
      if (!flight.tried.contains(candidate.id())) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private PeerRef at(SortedPeers peers, Direction direction, int away) {
    int here = peers.indexAtOrAfter(core.self.id().position());
    int step = direction == Direction.CLOCKWISE ? away : -away;
    return peers.get(Math.floorMod(here + step, peers.size()));
  }

  private void send(long now, Flight flight) {
    flight.sends++;
    flight.dueAt = now + core.health.stretch(core.config.answer());
    core.effects.send(flight.to, flight.message);
    saved -= BYTES_PER_MESSAGE + (long) BYTES_PER_EVENT * flight.message.news().size();
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
    long next = Long.MAX_VALUE;
    @Nullable Lane[] all = lanes;
    if (all != null) {
      for (Lane lane : all) {
        if (lane != null) {
          next = Math.min(next, flush(now, lane));
        }
      }
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

  /** Sends what waits in a lane, if it may; when to look at it again. */
  private long flush(long now, Lane lane) {
    while (!lane.waiting.isEmpty() && lane.flight == null) {
      if (whenIdle == null) {
        Purse purse = core.ladder.purse;
        if (now < lane.openAt && (saved <= 0 || purse.poor(now))) {
          return lane.openAt;
        }
        if (purse.empty(now) && !purse.hasReserve(now)) {
          return now + purse.pause(now);
        }
      }
      launch(now, lane);
    }
    return Long.MAX_VALUE;
  }

  private void launch(long now, Lane lane) {
    int places = 1 << lane.number;
    List<MemberNews> news = lane.waiting;
    lane.waiting = new ArrayList<>(2);
    if (places
        > Dissemination.reach(core.table, core.ladder.exact(), core.self.id(), lane.direction)) {
      // The ring has become smaller meanwhile; others are nearer.
      return;
    }
    PeerRef to = at(core.table.peers(), lane.direction, places);
    int most = mostTold(now);
    List<MemberNews> concerning = new ArrayList<>(Math.min(most, news.size()));
    for (int i = 0; i < news.size(); i++) {
      if (concerning.size() == most) {
        lane.waiting.addAll(news.subList(i, news.size()));
        break;
      }
      if (Dissemination.concerns(
          core.ladder.exact(), core.ladder.widestArcBits(), core.self.id(), news.get(i), to.id())) {
        concerning.add(news.get(i));
      }
    }
    if (!concerning.isEmpty()) {
      int index = lane.direction.ordinal() * MOST + lane.number;
      Flight flight =
          new Flight(lane, new Events(next(index), lane.direction, lane.number, concerning), to);
      lane.flight = flight;
      lane.openAt = now + period(now);
      flights.put(flight.message.sequence(), flight);
      if (core.ladder.purse.empty(now)) {
        core.ladder.purse.draw(BYTES_PER_MESSAGE + BYTES_PER_EVENT * concerning.size());
      }
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
