// The ring protocol of one peer: joins its parts and is what a driver hosts.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastCodec;
import dev.p2pkit.overlay.broadcast.BroadcastListener;
import dev.p2pkit.overlay.broadcast.BroadcastMessage;
import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.broadcast.BroadcastStatistics;
import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.lease.Deeds;
import dev.p2pkit.overlay.lease.LeaseCodec;
import dev.p2pkit.overlay.lease.LeaseState;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ring protocol of one peer: pointers, membership, failure detection, joining and leaving. It
 * hosts the broadcast machine too, which needs the same members and carries their events.
 *
 * <p>The parts are plain classes with one idea each: {@link Stabiliser} (pointers), {@link
 * MemberTable} and {@link TableComparison} (who belongs to the network), {@link Detector} (who is
 * dead), {@link Admission}, {@link Joining} and {@link Leaving}. {@link Ownership} and {@link
 * Dissemination} are the places where other ways to own keys and to spread news plug in; the merge
 * of two rings will feed {@link RingCore#meet} and {@link Stabiliser#candidate} with the peers of
 * the other.
 */
public final class RingMachine implements Machine {
  /** Broadcasts of programs. */
  public static final int TOPIC_APPLICATION = 1;

  /** Broadcasts of the registry of services. */
  public static final int TOPIC_REGISTRY = 2;

  /** Broadcasts of bans. */
  public static final int TOPIC_BANS = 3;

  /** Broadcasts of whose services run and who may hold which names. */
  public static final int TOPIC_TRUST = 4;

  /** Broadcasts of what the union with another ring changes; the ring keeps these to itself. */
  static final int TOPIC_UNION = 0;

  private final @Nullable FormedRing formed;
  private final RingCore core;
  private final Broadcaster broadcaster;
  private final Heartbeat heartbeat;
  private final Admission admission;
  private final Joining joining;

  /**
   * How many times {@link RingConfig#leaveLimit} a peer takes to leave at most: what it remembers
   * goes ahead, then two rounds.
   */
  public static final int LEAVE_STEPS = Leaving.COPY_LIMITS + 2;

  private final Leaving leaving;
  private final Dispatch dispatch;
  private final ViewPublisher publisher;

  /** When the present step began, for what comes back through the broadcast machine. */
  private long lastNow;

  /** A peer outside of any ring, in a simulation whose peers do not sign their broadcasts. */
  public RingMachine(RingConfig config, Effects effects, RingListener listener) {
    this(config, effects, listener, BroadcastSeals.UNSIGNED, null);
  }

  /** A peer outside of any ring whose broadcasts are signed. */
  public RingMachine(
      RingConfig config, Effects effects, RingListener listener, BroadcastSeals seals) {
    this(config, effects, listener, seals, null);
  }

  private RingMachine(
      RingConfig config,
      Effects effects,
      RingListener listener,
      BroadcastSeals seals,
      @Nullable FormedRing formed) {
    this.formed = formed;
    Meter meter = new Meter(effects);
    broadcaster = new Broadcaster(meter, config.broadcast(), seals, new Broadcasts());
    core =
        new RingCore(
            config,
            meter,
            listener,
            broadcaster::digest,
            new UnionBroadcast(broadcaster, this::spendable),
            seals,
            formed);
    heartbeat = new Heartbeat(core);
    admission = new Admission(core);
    joining = new Joining(core);
    leaving = new Leaving(core);
    dispatch = new Dispatch(core, broadcaster, admission, joining, leaving);
    publisher = new ViewPublisher(core, broadcaster);
  }

  /**
   * A peer outside of any ring that shares what it knows with the other machines of this process
   * that were made within the same ring. It may {@link #form} that ring, or join it later.
   */
  public static RingMachine within(
      FormedRing formed, RingConfig config, Effects effects, RingListener listener) {
    return within(formed, config, effects, listener, BroadcastSeals.UNSIGNED);
  }

  /** The same for a peer that signs what others pass on for it. */
  public static RingMachine within(
      FormedRing formed,
      RingConfig config,
      Effects effects,
      RingListener listener,
      BroadcastSeals seals) {
    return new RingMachine(config, effects, listener, seals, formed);
  }

  /** The codecs of all messages of this machine, those of the broadcast included. */
  public static List<WireCodec> codecs() {
    return List.of(
        new RingCodec(),
        new MembershipCodec(),
        new LeaseCodec(),
        new MergeCodec(),
        new RelayCodec(),
        new BroadcastCodec());
  }

  /**
   * Whether frames of this type belong to the admission of a newcomer, for those who count bytes by
   * purpose.
   */
  public static boolean isAdmission(int frameType) {
    return RingCodec.isAdmission(frameType) || LeaseCodec.carriesMemory(frameType);
  }

  @Override
  public void start(long now) {
    core.start();
    publisher.start();
    broadcaster.start(now);
    heartbeat.start(now);
  }

  /**
   * Begins a ring of one.
   *
   * @throws IllegalStateException if the peer is part of a ring or joins one
   */
  public void create(long now) {
    requireOutside();
    core.phase = Phase.MEMBER;
    core.ownership.create(now);
    settle(now);
    core.listener.onJoined();
  }

  /**
   * Joins the ring of these peers; the listener hears how it went within {@link
   * RingConfig#joinLimit}.
   *
   * @param contacts members of the ring, as their links have proved; tried in this order
   * @throws IllegalStateException if the peer is part of a ring or joins one
   */
  public void join(long now, List<PeerRef> contacts) {
    requireOutside();
    joining.begin(now, contacts);
    settle(now);
  }

  /**
   * Begins as a member of the ring in which this machine was made, as if it had joined long ago.
   *
   * @throws IllegalStateException if the peer is part of a ring or joins one, or was not made
   *     {@link #within} a ring of which it is a member
   */
  public void form(long now) {
    requireOutside();
    FormedRing ring = formed;
    if (ring == null || ring.find(core.self.id()).filter(core.self::equals).isEmpty()) {
      throw new IllegalStateException("the formed ring has no member " + core.self);
    }
    core.form(now, ring);
    settle(now);
    core.listener.onJoined();
  }

  private void requireOutside() {
    if (core.phase != Phase.OUTSIDE) {
      throw new IllegalStateException("this peer is part of a ring; leave it first");
    }
  }

  /**
   * Gives this peer those that it, or an earlier process of it, knew: they are asked for ever
   * whether they belong to another ring.
   */
  public void remember(long now, List<PeerRef> peers) {
    for (PeerRef ref : peers) {
      if (!core.isSelf(ref.id())) {
        core.remembered.kept(now, ref);
      }
    }
  }

  /**
   * The way to others may be open again: those that this peer remembers are asked from the next
   * beat on, whatever pause earlier questions have earned them.
   */
  public void lookAround(long now) {
    core.merger.overslept(now);
  }

  /** Whom to write down, so that a later process of this peer finds its ring again. */
  public List<PeerRef> remembered() {
    return core.merger.toKeep();
  }

  /**
   * A later process with this peer's identity is proved to live: this one has no place any more,
   * serves nothing, and is not let in again.
   */
  public void superseded(long now) {
    if (core.phase != Phase.OUTSIDE) {
      core.listener.onLeft();
      giveUp(now);
    }
  }

  /** This process had no time to dial a peer, or took long to get to it. */
  public void dialDelayed(long now, PeerId peer) {
    begin(now);
    core.detector.dialDelayed(now, peer);
    settle(now);
  }

  /** Gives up what this peer may serve and its place, without a word to anybody. */
  public void giveUp(long now) {
    if (core.phase != Phase.OUTSIDE) {
      core.goOutside(now);
      settle(now);
    }
  }

  /** Leaves in an orderly way; {@link RingListener#onLeft} follows when others have taken over. */
  public void leave(long now) {
    leaving.begin(now);
    settle(now);
  }

  /** The ring as this peer sees it. */
  public RingView view() {
    return publisher.view();
  }

  /**
   * Whether this position lies in the arc of which this peer is to know every member; everywhere
   * where its table holds everybody.
   */
  public boolean isInArc(Key position) {
    return core.ladder.exact().covers(position);
  }

  /** What this peer holds and has granted, for those who attest it. */
  public Deeds deeds() {
    return core.ownership;
  }

  /** The state of the lease rules, for those who check them; a copy. */
  public LeaseState lease() {
    return core.ownership.leaseState();
  }

  /** For tests of this package. */
  MemberTable table() {
    return core.table;
  }

  /** For tests of this package. */
  Ladder ladder() {
    return core.ladder;
  }

  /** For tests of this package. */
  KnownPeers known() {
    return core.known;
  }

  /** For tests of this package. */
  Dissemination dissemination() {
    return core.dissemination;
  }

  /** For tests of this package: whether this one is believed what a union changes. */
  boolean speaks(PeerId origin) {
    return core.merger.speaks(origin);
  }

  /** For tests of this package. */
  void unite(long now, List<MemberNews> changes) {
    core.unite(now, changes);
    settle(now);
  }

  /** What the overlay of this peer costs. */
  public Traffic traffic() {
    return core.effects.traffic();
  }

  /** Counters. */
  public RingStatistics statistics() {
    return new RingStatistics(
        core.table.changes(),
        publisher.successorChanges(),
        publisher.predecessorChanges(),
        core.deaths.declared(),
        core.refutation.times(),
        core.detours.passedOn(),
        core.detours.refused(),
        Map.of(
            "news",
            core.dissemination.refused() + core.comparison.refused(),
            "cut",
            core.dissemination.ofTheCut(),
            "no-room",
            core.crowdedOut,
            "not-told",
            core.dissemination.dropped() + core.unions.dropped(),
            "errand",
            core.refusedErrands,
            "union",
            core.refusedUnions));
  }

  /** What was done for broadcasts. */
  public BroadcastStatistics broadcasts() {
    return broadcaster.statistics();
  }

  /**
   * Sends to every peer; see {@link Broadcaster#broadcast}.
   *
   * @param topic one of the {@code TOPIC_} numbers
   * @param deadlineAt when the report is made at the latest, in microseconds
   * @param whenDone gets the report, once
   */
  public void broadcast(
      long now, int topic, byte[] payload, long deadlineAt, Consumer<BroadcastReport> whenDone) {
    if (topic == TOPIC_UNION) {
      throw new IllegalArgumentException("topic " + topic + " belongs to the ring");
    }
    broadcaster.broadcast(now, topic, payload, deadlineAt, whenDone);
    settle(now);
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    begin(now);
    core.met(now, from);
    core.detector.heard(now, from);
    if (message instanceof BroadcastMessage) {
      broadcaster.onMessage(now, from, message);
    } else {
      dispatch.onMessage(now, from, message);
    }
    settle(now);
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    begin(now);
    core.linked.onLink(peer, event);
    core.merger.onLink(now, peer, event);
    broadcaster.onLink(now, peer, event);
    joining.onLink(now, peer, event);
    core.detours.onLink(now, peer, event);
    core.detector.onLink(peer, event);
    core.ladder.contacts.onLink(now, peer, event);
    switch (event) {
      case UP -> {}
      case BUSY -> core.detector.dialDelayed(now, peer);
      case REFUSED -> core.deaths.refused(now, peer);
      case DOWN, UNREACHABLE, REJECTED -> {
        // A neighbour's link has a reason to close: look at once, do not wait for the silence.
        if (core.pointers.contain(peer) && !core.detours.isOpen(peer)) {
          core.table.find(peer).ifPresent(ref -> core.detector.investigate(now, ref));
        }
      }
    }
    settle(now);
  }

  @Override
  public void onTimer(long now, long token) {
    begin(now);
    if (token == Broadcaster.TIMER) {
      broadcaster.onTimer(now, token);
    } else if (token == Timers.HEARTBEAT) {
      heartbeat.onTimer(now);
    } else if (token == Timers.STABILISE) {
      core.stabiliser.onTimer(now);
    } else if (token == Timers.DETECT) {
      core.detector.onTimer(now);
    } else if (token == Timers.JOIN) {
      joining.onTimer(now);
    } else if (token == Timers.VIEW) {
      publisher.onTimer();
    } else if (token == Timers.EVENTS) {
      core.dissemination.onTimer(now);
    } else if (token == Timers.MERGE) {
      core.merger.onTimer(now);
    } else if (token == Timers.LEAVE) {
      leaving.onTimer(now);
    } else if (token == Timers.DEATHS) {
      core.deaths.onTimer(now);
    } else if (token == Timers.LEASE) {
      core.ownership.onTimer();
    }
    settle(now);
  }

  private void begin(long now) {
    lastNow = now;
    core.detours.step(now);
  }

  /** How many bytes what the ring tells everybody may cost this peer now. */
  private int spendable(long now) {
    return core.ladder.purse.spendableOnUnions(now);
  }

  /** The step is over: what changed is told, here and elsewhere. */
  private void settle(long now) {
    boolean joined = false;
    core.ownership.settle(now);
    if (core.phase == Phase.ADMITTED) {
      if (core.alone()) {
        joining.fail(
            now, ErrorCode.NO_ROUTE, "all peers of the ring have gone while this one was joining");
      } else if (core.ownership.isHeld(now)) {
        joining.complete(now);
        joined = true;
        core.ownership.onTimer();
      }
    }
    core.dissemination.flush(now);
    leaving.settle(now);
    core.ownership.settle(now);
    publisher.settle(now);
    if (joined) {
      core.listener.onJoined();
    }
  }

  /** What broadcasts bring; inside of the broadcast machine, so nothing goes out from here. */
  private final class Broadcasts implements BroadcastListener {
    @Override
    public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
      if (topic != TOPIC_UNION) {
        return core.listener.onBroadcast(origin, topic, payload);
      }
      if (!core.isSelf(origin.id())) {
        if (!core.merger.speaks(origin.id())) {
          core.refusedUnions++;
          return Optional.of(ErrorCode.UNAUTHORISED);
        }
        try {
          List<MemberNews> changes = UnionBroadcast.decode(payload);
          core.unions.heard(changes);
          core.unite(lastNow, changes);
        } catch (WireException garbled) {
          return Optional.of(ErrorCode.PROTOCOL_ERROR);
        }
      }
      return Optional.empty();
    }

    @Override
    public void onMissed(PeerId origin, long count) {
      core.tell(new NetworkEvent.BroadcastsMissed(origin, count));
    }

    @Override
    public int spendable(long now) {
      return RingMachine.this.spendable(now);
    }
  }
}
