// The broadcast machine: one peer's part in every broadcast of the network.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Declined;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One peer's part in every broadcast of the network.
 *
 * <p>A task is an interval of the ring with a content. Who gets one divides the rest of the
 * interval among the peers it knows there and waits for their reports; a peer with nobody to pass
 * it to reports at once, so a leaf's acknowledgement is its report. A delegate that does not
 * answer, falls silent or is gone is replaced by the next peer in its part. A peer that has the
 * content already serves the interval but does not deliver again.
 *
 * <p>{@link Streams} delivers what came, once and in the order of its origin; {@link Repair} gets
 * from the ring neighbours what the tree has missed; {@link Outgoing} begins trees. Every content
 * is signed by its origin and verified once on each peer; a link that brings a forged one is
 * closed.
 */
public final class Broadcaster implements Machine {
  /** The only timer token this machine uses; a machine that hosts it passes this one on. */
  public static final long TIMER = 0x3000_0000_0000_0000L;

  private final Effects effects;
  private final BroadcastConfig config;
  private final BroadcastSeals seals;
  private final BroadcastListener listener;
  private final Agenda agenda;
  private final Acquaintances acquaintances;
  private final RecentLog log;
  private final Streams streams;
  private final Repair repair;
  private final Duties duties;
  private final Outgoing outgoing;
  private final Earlier earlier;
  private final PlainMemory plain = new PlainMemory();
  private long own;
  private long received;
  private long duplicates;
  private long repaired;
  private long forged;
  private long refused;
  private long missed;

  /** A machine that knows nobody yet; it learns of the ring by {@link #onView}. */
  public Broadcaster(
      Effects effects, BroadcastConfig config, BroadcastSeals seals, BroadcastListener listener) {
    this.effects = effects;
    this.config = config;
    this.seals = seals;
    this.listener = listener;
    agenda = new Agenda(effects, TIMER);
    acquaintances = new Acquaintances(config.firstTimeout());
    log = new RecentLog(config);
    streams = new Streams(config, agenda, new Arrivals());
    earlier = new Earlier(effects.self(), config);
    repair = new Repair(effects, config, agenda, log, streams, earlier);
    duties = new Duties(effects, config, agenda, acquaintances, listener::spendable);
    outgoing = new Outgoing(effects, config, seals, agenda, earlier, this::begin);
  }

  /**
   * Begins a broadcast. This peer's own listener gets it too, before this method returns.
   *
   * @param topic 0 to 255; 0 is that of the ring itself, goes before data, and is neither ordered
   *     nor repaired
   * @param payload at most {@link BroadcastConfig#MAX_PAYLOAD} bytes, not copied: do not change it
   * @param deadlineAt when the report is made at the latest
   * @param whenDone gets the report, once, possibly before this method returns
   * @throws KitException with {@code BUSY} if too many of this peer are open on this topic or were
   *     begun in the last seconds, with {@code MESSAGE_TOO_LARGE} if the payload is
   */
  public void broadcast(
      long now, int topic, byte[] payload, long deadlineAt, Consumer<BroadcastReport> whenDone) {
    if (topic < 0 || topic > 255) {
      throw new IllegalArgumentException("a topic lies between 0 and 255, not " + topic);
    }
    outgoing.require(now, topic, payload.length);
    // Before any duty begins: what the listener learns may change the view.
    ErrorCode refusal = listener.onBroadcast(effects.self(), topic, payload).orElse(null);
    outgoing.begin(now, topic, payload, deadlineAt, refusal, whenDone);
  }

  /** Begins the tree of an own content. */
  private void begin(
      long now,
      Content content,
      long deadlineAt,
      @Nullable ErrorCode refusal,
      Duty.Ended whenDone) {
    own++;
    if (!content.isPlain()) {
      log.add(now, new Kept(content.id, now, content)).settle(refusal);
    }
    Work work = duties.open(content);
    work.own = Tally.of(effects.self().id(), refusal);
    Arc interval = Intervals.allBut(effects.self().id().position());
    duties.begin(now, work, interval, deadlineAt, null, whenDone);
  }

  /** What this peer has seen lately, for its ring neighbours. */
  public BroadcastDigest digest(long now) {
    return log.digest(now);
  }

  /** A ring neighbour has told what it has seen lately. */
  public void compare(long now, PeerRef neighbour, BroadcastDigest theirs) {
    repair.compare(now, neighbour, theirs);
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    acquaintances.heard(from.id());
    if (message instanceof Task task) {
      onTask(now, from, task);
    } else if (message instanceof Working working) {
      duties.onWorking(now, from.id(), working);
    } else if (message instanceof Done done) {
      duties.onDone(now, from.id(), done);
    } else if (message instanceof Declined declined) {
      duties.onDeclined(now, from.id(), declined);
    } else if (message instanceof Recent recent) {
      repair.onRecent(now, from, recent);
    } else if (message instanceof Pull pull) {
      repair.onPull(now, from, pull);
    } else if (message instanceof BroadcastMessage.Repair pulled) {
      onRepair(now, from, pulled.content());
    } else if (message instanceof BroadcastMessage.Repaired done) {
      outgoing.onRepaired(from.id(), done.id());
    }
  }

  private void onTask(long now, PeerRef from, Task task) {
    Content content = task.content();
    BroadcastId id = content.id;
    Arc interval = task.interval();
    if (!Intervals.contains(interval, effects.self().id().position())) {
      duties.decline(from, id, interval, Optional.of(ErrorCode.PROTOCOL_ERROR));
      return;
    }
    Work work = duties.find(id);
    Duty known = work == null ? null : work.duties.get(interval);
    if (known != null) {
      duplicates++;
      duties.again(from, known);
      return;
    }
    boolean seen = work != null || hasSeen(content);
    if (seen) {
      duplicates++;
    } else if (!isGenuine(from, content)) {
      return;
    } else if (!streams.hasRoom(content.payload.length)
        || !duties.hasRoom(content.payload.length)) {
      refused++;
      duties.decline(from, id, interval, Optional.of(ErrorCode.BUSY));
      return;
    }
    serve(now, from, task, seen);
  }

  private void serve(long now, PeerRef from, Task task, boolean seen) {
    Content content = task.content();
    BroadcastId id = content.id;
    if (seen && duties.find(id) == null) {
      serveAgain(now, from, task);
      return;
    }
    Work work = duties.open(content);
    if (!seen && !take(now, from, content)) {
      refused++;
      duties.close(work);
      duties.decline(from, id, task.interval(), Optional.of(ErrorCode.BUSY));
    } else if (!repair.isInside()) {
      // Whom it would have to pass the content to, it does not know yet.
      Optional<ErrorCode> untaken =
          work.own == null
              ? Optional.of(ErrorCode.NOT_READY)
              : work.own.refused().values().stream().findFirst();
      duties.close(work);
      duties.decline(from, id, task.interval(), untaken);
    } else {
      long remaining = Math.min(task.remaining(), config.longest());
      duties.begin(now, work, task.interval(), now + remaining, from, null);
    }
  }

  /**
   * Its own part was over; the interval is another one, or its completion is not stored any more.
   */
  private void serveAgain(long now, PeerRef from, Task task) {
    Content given = task.content();
    Kept kept = log.find(given.id);
    Content content = kept == null || kept.content == null ? given : kept.content;
    if (content == given && duties.hasOthers(task.interval()) && !isGenuine(from, given)) {
      return;
    }
    Work work = duties.open(content);
    work.own = known(content.id, kept);
    long remaining = Math.min(task.remaining(), config.longest());
    duties.begin(now, work, task.interval(), now + remaining, from, null);
  }

  /**
   * What a report may say of this peer and a content that was seen before: whoever has skipped it
   * has not got it, nor has one that came after it.
   */
  private @Nullable Tally known(BroadcastId id, @Nullable Kept kept) {
    PeerId self = effects.self().id();
    if (id.isPlain()) {
      return Tally.of(self, null);
    }
    if (kept != null && kept.settled) {
      return Tally.of(self, kept.refusal);
    }
    if (streams.isWaiting(id)) {
      return null;
    }
    // Nobody misses it who joined when it was under way.
    return repair.isBeforeFirstJoin(kept) ? Tally.NOBODY : duties.missing();
  }

  private boolean hasSeen(Content content) {
    return content.id.origin().equals(effects.self().id())
        || (content.isPlain() ? plain.contains(content.id) : streams.hasSeen(content.id));
  }

  /** Whether its origin has signed it; if not, the link that brought it is closed. */
  private boolean isGenuine(PeerRef from, Content content) {
    if (seals.fits(content.id.origin(), content.statement(), content.seal)) {
      return true;
    }
    forged++;
    effects.close(from);
    return false;
  }

  /** Takes a content that was not seen before; false if its origin sends too many. */
  private boolean take(long now, PeerRef from, Content content) {
    if (content.isPlain()) {
      received++;
      plain.add(now, content.id);
      ErrorCode refusal =
          listener.onBroadcast(content.origin, content.topic, content.payload).orElse(null);
      duties.settled(now, content.id, refusal);
      return true;
    }
    if (!streams.allows(now, content)) {
      return false;
    }
    received++;
    if (log.find(content.id) == null) {
      log.add(now, new Kept(content.id, now, content));
    }
    streams.accept(now, from, content);
    return true;
  }

  private void onRepair(long now, PeerRef from, Content content) {
    if (earlier.lacks(content.id)) {
      if (isGenuine(from, content)) {
        earlier.add(now, content.id);
        log.add(now, new Kept(content.id, now, content));
        repaired++;
        repair.spread(from, content.id);
      }
    } else if (hasSeen(content)) {
      duplicates++;
    } else if (isGenuine(from, content)) {
      if (streams.hasRoom(content.payload.length) && take(now, from, content)) {
        repaired++;
        repair.spread(from, content.id);
        effects.send(content.origin, new BroadcastMessage.Repaired(content.id));
      } else {
        refused++;
      }
    }
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    acquaintances.onLink(now, peer, event);
    duties.onLink(now, peer, event);
  }

  @Override
  public void onTimer(long now, long token) {
    if (token == TIMER) {
      agenda.run(now);
    }
  }

  @Override
  public void onView(long now, RingView view) {
    RingView whole = withPointers(view);
    duties.onView(now, whole);
    repair.onView(now, whole);
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
    return view.withMembers(SortedPeers.of(missing));
  }

  /** Counters since the start. */
  public BroadcastStatistics statistics() {
    Delegates delegates = duties.delegates();
    return new BroadcastStatistics(
        own,
        received,
        duplicates,
        delegates.tasks(),
        delegates.repeated(),
        delegates.redelegated(),
        repaired,
        forged,
        refused,
        missed,
        duties.works(),
        log.size());
  }

  /** What {@link Streams} makes of the contents that came. */
  private final class Arrivals implements Streams.Sink {
    @Override
    public Optional<ErrorCode> deliver(PeerRef origin, int topic, byte[] payload) {
      return listener.onBroadcast(origin, topic, payload);
    }

    @Override
    public void settled(long now, Content content, @Nullable ErrorCode refusal) {
      Kept kept = log.find(content.id);
      if (kept != null) {
        kept.settle(refusal);
      }
      duties.settled(now, content.id, refusal);
    }

    @Override
    public void missing(long now, List<BroadcastId> ids, PeerRef bringer, int time) {
      repair.missing(now, ids, bringer, time);
    }

    @Override
    public void missed(PeerId origin, long count) {
      missed += count;
      listener.onMissed(origin, count);
    }
  }
}
