// The broadcast machine: one peer's part in every broadcast of the network.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One peer's part in every broadcast of the network.
 *
 * <p>A task is an interval of the ring with a payload. Who gets one delivers the payload, divides
 * the rest of the interval among the peers it knows there and waits for their reports; a peer with
 * nobody to pass it to reports at once, so a leaf's acknowledgement is its report. A delegate that
 * does not answer, falls silent or is gone is replaced by the next peer in its part. A peer that
 * has the payload already serves the interval but does not deliver again.
 *
 * <p>A part in which only dead peers are known is reported as missed; with incomplete tables there
 * may be others in it. Repair of what the tree misses (digests of recent broadcasts in heartbeats)
 * and order per origin will be layers on {@link BroadcastListener}: sequence numbers of an origin
 * grow by one.
 */
public final class Broadcaster implements Machine {
  /** The only timer token this machine uses; a machine that hosts it passes this one on. */
  public static final long TIMER = 0x3000_0000_0000_0000L;

  /**
   * A process has room for a million broadcasts a second before its numbers meet the next one's.
   */
  private static final int BITS_PER_MILLISECOND = 20;

  private final Effects effects;
  private final BroadcastConfig config;
  private final BroadcastListener listener;
  private final BroadcastMemory memory = new BroadcastMemory();
  private final Duties duties;
  private final Map<Long, Integer> open = new TreeMap<>();
  private long sequence;
  private long own;
  private long delivered;
  private long duplicates;
  private long late;

  /** A machine that knows nobody yet; it learns of the ring by {@link #onView}. */
  public Broadcaster(Effects effects, BroadcastConfig config, BroadcastListener listener) {
    this.effects = effects;
    this.config = config;
    this.listener = listener;
    this.duties = new Duties(effects, config, memory, this::lowestOpen);
    this.sequence = effects.self().incarnation() << BITS_PER_MILLISECOND;
  }

  /**
   * Begins a broadcast. This peer's own listener gets it too, before this method returns.
   *
   * @param topic 0 to 255; 0 is that of the membership and goes before data
   * @param payload at most {@link BroadcastConfig#MAX_PAYLOAD} bytes, not copied: do not change it
   * @param deadlineAt when the report is made at the latest
   * @param whenDone gets the report, once, possibly before this method returns
   * @return the sequence number of the broadcast
   * @throws KitException with {@code BUSY} if too many of this peer are open on this topic, with
   *     {@code MESSAGE_TOO_LARGE} if the payload is
   */
  public long broadcast(
      long now, int topic, byte[] payload, long deadlineAt, Consumer<BroadcastReport> whenDone) {
    if (topic < 0 || topic > 255) {
      throw new IllegalArgumentException("a topic lies between 0 and 255, not " + topic);
    }
    if (payload.length > BroadcastConfig.MAX_PAYLOAD) {
      throw new KitException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a broadcast has at most "
              + BroadcastConfig.MAX_PAYLOAD
              + " bytes, not "
              + payload.length);
    }
    if (open.values().stream().filter(each -> each == topic).count() >= config.ownOpen()) {
      throw new KitException(
          ErrorCode.BUSY,
          "this peer has "
              + config.ownOpen()
              + " broadcasts on their way; wait for the report of one of them");
    }
    long number = ++sequence;
    own++;
    open.put(number, topic);
    BroadcastId id = new BroadcastId(effects.self().id(), number);
    memory.over(id.origin(), lowestOpen());
    Remembered broadcast = remember(id, effects.self(), topic, payload);
    long limited = Math.min(deadlineAt, now + config.longest());
    duties.begin(
        now,
        new Duty(
            broadcast,
            Intervals.allBut(effects.self().id().position()),
            limited,
            tally -> {
              open.remove(number);
              whenDone.accept(report(tally, duties.now() - now));
            }),
        payload);
    return number;
  }

  /** What this peer has seen lately, for its ring neighbours. */
  public BroadcastDigest digest() {
    return BroadcastDigest.NONE;
  }

  /** A ring neighbour has told what it has seen lately. */
  public void compare(long now, PeerRef neighbour, BroadcastDigest theirs) {}

  private static BroadcastReport report(Tally tally, long micros) {
    return new BroadcastReport(
        tally.reached(),
        Set.copyOf(tally.peers()),
        tally.refused(),
        tally.missed(),
        Duration.of(micros, ChronoUnit.MICROS));
  }

  private long lowestOpen() {
    return open.isEmpty() ? sequence + 1 : open.keySet().iterator().next();
  }

  private Remembered remember(BroadcastId id, PeerRef origin, int topic, byte[] payload) {
    Remembered broadcast = new Remembered(id, origin, topic);
    memory.add(broadcast);
    // Before any duty begins: what the listener learns may change the view.
    broadcast.refusal = listener.onBroadcast(origin, topic, payload);
    return broadcast;
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    if (message instanceof Task task) {
      onTask(now, from, task);
    } else if (message instanceof Working working) {
      duties.onWorking(now, from.id(), working);
    } else if (message instanceof Done done) {
      duties.onDone(now, from.id(), done);
    }
  }

  private void onTask(long now, PeerRef from, Task task) {
    BroadcastId id = task.id();
    if (memory.isOver(id)) {
      late++;
      return;
    }
    if (!Intervals.contains(task.interval(), effects.self().id().position())) {
      effects.send(from, new Done(id, task.interval(), missed(List.of(task.interval()))));
      return;
    }
    Remembered broadcast = memory.find(id);
    if (broadcast == null) {
      if (memory.size() >= config.remembered() || !duties.hasRoom(task.payload().length)) {
        refuse(from, task);
        return;
      }
      delivered++;
      broadcast = remember(id, task.origin(), task.topic(), task.payload());
      memory.over(id.origin(), task.lowestOpen());
    } else {
      duplicates++;
    }
    Duty duty = broadcast.duties.get(task.interval());
    if (duty == null) {
      long remaining = Math.min(task.remaining(), config.longest());
      duty = new Duty(broadcast, task.interval(), now + remaining, null);
      duty.addParent(from);
      duties.begin(now, duty, task.payload());
    } else if (duty.isDone()) {
      effects.send(from, new Done(id, duty.interval, duty.tally()));
    } else {
      duty.addParent(from);
      effects.send(from, new Working(id, duty.interval));
    }
  }

  /** There is no room to remember one more; the origin learns that this part was not served. */
  private void refuse(PeerRef from, Task task) {
    Tally.Sum sum = new Tally.Sum();
    sum.refused(effects.self().id(), ErrorCode.BUSY);
    Intervals.without(task.interval(), effects.self().id().position()).forEach(sum::missed);
    effects.send(from, new Done(task.id(), task.interval(), sum.tally()));
  }

  private static Tally missed(List<Arc> arcs) {
    return new Tally(0, List.of(), Map.of(), arcs);
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    duties.onLink(now, peer, event);
  }

  @Override
  public void onTimer(long now, long token) {
    if (token == TIMER) {
      duties.onTimer(now);
    }
  }

  @Override
  public void onView(long now, RingView view) {
    duties.onView(now, withPointers(view));
  }

  /** A neighbour may be known as such before the membership table has it. */
  private static RingView withPointers(RingView view) {
    List<PeerRef> missing = new ArrayList<>();
    for (List<PeerRef> pointers : List.of(view.predecessors(), view.successors())) {
      for (PeerRef pointer : pointers) {
        if (view.find(pointer.id()).isEmpty()
            && missing.stream().noneMatch(known -> known.id().equals(pointer.id()))) {
          missing.add(pointer);
        }
      }
    }
    if (missing.isEmpty()) {
      return view;
    }
    missing.addAll(view.members());
    return new RingView(
        view.self(),
        view.joined(),
        view.version(),
        view.predecessors(),
        view.successors(),
        missing);
  }

  /** Counters since the start. */
  public BroadcastStatistics statistics() {
    return new BroadcastStatistics(
        own,
        delivered,
        duplicates,
        duties.tasks(),
        duties.repeated(),
        duties.redelegated(),
        late,
        memory.size());
  }
}
