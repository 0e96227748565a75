// Routers on simulated peers with an oracle that sees everything: who processed what, and what each
// caller was told.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.ring.FormedRing;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingListener;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hosts routers only: the views come from the scenario, so that staleness can be made at will. The
 * body of each message is the number of its call.
 */
final class RoutingWorld {
  /** How a call went, as the oracle saw it. */
  static final class Seen {
    final int number;
    final String lane;
    final long openedAt;
    final long deadlineAt;
    final boolean rpc;
    int processed;
    long processedAt = -1;
    int outcomes;
    long endedAt = -1;
    @Nullable Outcome outcome;
    boolean callerDied;
    @Nullable Host caller;
    int callerLife;

    Seen(int number, String lane, long openedAt, long deadlineAt, boolean rpc) {
      this.number = number;
      this.lane = lane;
      this.openedAt = openedAt;
      this.deadlineAt = deadlineAt;
      this.rpc = rpc;
    }

    Outcome.Failed failure() {
      if (outcome instanceof Outcome.Failed failed) {
        return failed;
      }
      throw new AssertionError("call " + number + " ended with " + outcome);
    }

    @Override
    public String toString() {
      return "call " + number + " " + lane + " processed " + processed + " -> " + outcome;
    }
  }

  /** One peer: answers what it gets after a while, in order. */
  final class Host implements RouterListener {
    final SimulatedPeer peer;
    Router router;
    final List<Integer> processed = new ArrayList<>();
    long workMicros;
    boolean silent;
    boolean notReady;
    boolean replies = true;
    private long version;
    private long busyUntil;
    int life;
    boolean inRing = true;
    boolean leaving;
    @Nullable RingMachine ring;
    HandmadeHolding holding;

    Host(SimulatedPeer peer, RouterConfig config) {
      this.peer = peer;
      holding = new HandmadeHolding(peer.id().position());
      router = peer.host(new RoutingCodec(), effects -> new Router(config, effects, this));
    }

    @Override
    public void deliver(Inbound inbound) {
      if (silent) {
        return;
      }
      if (notReady) {
        router.complete(
            simulation.now(),
            inbound,
            new Outcome.Failed(ErrorCode.NOT_READY, "warming up", peer.id()));
        return;
      }
      if (workMicros == 0) {
        process(inbound);
        answer(simulation.now(), inbound);
        return;
      }
      busyUntil = Math.max(busyUntil, simulation.now()) + workMicros;
      int present = life;
      simulation.after(
          Duration.ofNanos(1_000 * (busyUntil - simulation.now())),
          () -> {
            if (peer.alive() && life == present) {
              process(inbound);
              peer.run(now -> answer(now, inbound));
            }
          });
    }

    private void process(Inbound inbound) {
      int number = ByteBuffer.wrap(inbound.envelope().body()).getInt();
      Seen call = calls.get(number);
      call.processed++;
      call.processedAt = simulation.now();
      processed.add(number);
      order.computeIfAbsent(call.lane, lane -> new ArrayList<>()).add(call);
    }

    private void answer(long now, Inbound inbound) {
      if (inbound.envelope().has(Envelope.RPC) && replies) {
        router.complete(now, inbound, new Outcome.Replied(peer.id(), inbound.envelope().body(), 0));
      } else {
        router.complete(now, inbound, new Outcome.Acknowledged(peer.id(), true, 0));
      }
    }

    PeerRef ref() {
      return peer.ref();
    }

    private RoutingWorld world() {
      return RoutingWorld.this;
    }

    /** Takes its views from a ring machine of its own; founds a ring, or joins that of another. */
    void joinRing(@Nullable Host contact) {
      RingMachine machine =
          peer.host(
              RingMachine.codecs(),
              effects -> new RingMachine(ringConfig, effects, new Views(this)));
      ring = machine;
      if (contact == null) {
        peer.run(machine::create);
      } else {
        List<PeerRef> contacts = List.of(contact.ref());
        peer.run(now -> machine.join(now, contacts));
      }
    }

    /** Is part of a ring that is there already. */
    private void formRing(FormedRing formed) {
      RingMachine machine =
          peer.host(
              RingMachine.codecs(),
              effects -> RingMachine.within(formed, ringConfig, effects, new Views(this)));
      ring = machine;
      peer.run(machine::form);
    }

    /** Hands its keys over, and ends a moment after it has left. */
    void leaveRing() {
      leaving = true;
      if (ring != null) {
        peer.run(ring::leave);
      }
    }

    boolean joined() {
      return peer.alive() && ring != null && ring.view().joined();
    }

    boolean knowsAll() {
      return ring != null && ring.view().complete();
    }

    /** Sees this ring from now on. */
    void see(List<Host> ring) {
      if (!peer.alive()) {
        return;
      }
      List<Host> sorted =
          ring.stream().sorted(Comparator.comparing(host -> host.peer.id())).toList();
      int here = sorted.indexOf(this);
      List<PeerRef> after = new ArrayList<>();
      List<PeerRef> before = new ArrayList<>();
      for (int i = 1; i < sorted.size() && here >= 0; i++) {
        after.add(sorted.get((here + i) % sorted.size()).ref());
        before.add(sorted.get((here - i + sorted.size()) % sorted.size()).ref());
      }
      RingView view =
          near > 0 && here >= 0 && sorted.size() > 2 * near + 2
              ? partial(sorted, here, before, after)
              : new RingView(
                  peer.ref(),
                  here >= 0,
                  ++version,
                  before,
                  after,
                  sorted.stream().map(Host::ref).toList());
      if (leases == null && here < 0) {
        holding.lose();
      } else if (leases == null) {
        holding.see(view.predecessor().id().position(), simulation.now());
      }
      peer.publish(view.holding(holding.holding));
    }

    /** Knows its neighbours to both sides, and few others. */
    private RingView partial(
        List<Host> sorted, int here, List<PeerRef> before, List<PeerRef> after) {
      int size = sorted.size();
      TreeSet<PeerRef> known = new TreeSet<>(Comparator.comparing((PeerRef member) -> member.id()));
      known.add(peer.ref());
      known.addAll(before.subList(0, near));
      known.addAll(after.subList(0, near));
      for (int i = 0; i < size; i += 2 * near + 1) {
        known.add(sorted.get((here + i) % size).ref());
      }
      return RingView.partial(
          peer.ref(),
          true,
          ++version,
          before.subList(0, near),
          after.subList(0, near),
          SortedPeers.of(known),
          before.get(near - 1).id().position(),
          after.get(near - 1).id().position());
    }

    Seen callKey(Key key, long lifeMicros, boolean rpc) {
      return open(true, key, lifeMicros, rpc, 4);
    }

    Seen callPeer(Host target, long lifeMicros, boolean rpc) {
      return open(false, target.peer.id().position(), lifeMicros, rpc, 4);
    }

    Seen open(boolean byKey, Key target, long lifeMicros, boolean rpc, int bytes) {
      return open(byKey, target, lifeMicros, rpc ? Envelope.RPC : 0, bytes);
    }

    Seen open(boolean byKey, Key target, long lifeMicros, int flags, int bytes) {
      boolean rpc = (flags & Envelope.RPC) != 0;
      int number = calls.size();
      String lane = peer.id().shortText() + life + (byKey ? " key " : " peer ") + target;
      Seen call = new Seen(number, lane, simulation.now(), simulation.now() + lifeMicros, rpc);
      call.caller = this;
      call.callerLife = life;
      calls.put(number, call);
      byte[] body = ByteBuffer.allocate(bytes).putInt(number).array();
      Draft draft =
          byKey
              ? Draft.toKey(target, "ap", flags, body, lifeMicros)
              : Draft.toPeer(new PeerId(target), "ap", flags, body, lifeMicros);
      peer.run(now -> router.open(now, draft, outcome -> ended(call, outcome)));
      return call;
    }

    void die() {
      peer.kill();
      inRing = false;
      life++;
    }

    void restart(RouterConfig config) {
      peer.restart();
      inRing = true;
      holding = new HandmadeHolding(peer.id().position());
      router = peer.host(new RoutingCodec(), effects -> new Router(config, effects, this));
      busyUntil = 0;
    }

    boolean inRing() {
      return inRing && peer.alive();
    }
  }

  /** Publishes what the ring sees. */
  private record Views(Host host) implements RingListener {
    @Override
    public void onView(RingView view) {
      host.peer.publish(view);
    }

    @Override
    public ArcMemory arcMemory() {
      return host.router.arcMemory(host.peer.now());
    }

    @Override
    public void onEvent(NetworkEvent event) {}

    @Override
    public void onJoined() {}

    @Override
    public void onJoinFailed(ErrorCode code, String detail) {}

    @Override
    public void onLeft() {
      // As a peer departs: who still takes it for the owner is sent elsewhere until it ends.
      host.router.refuseMessages(host.peer.now());
      host.world().simulation.after(Duration.ofSeconds(1), host::die);
    }

    @Override
    public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
      return Optional.empty();
    }
  }

  final Simulation simulation;

  /**
   * How many neighbours to each side a peer knows besides few others; 0 means it knows everybody.
   */
  int near;

  /** Of the rings that hosts join or form. */
  RingConfig ringConfig = RingConfig.DEFAULT;

  /** Who holds which keys, if that does not follow from the views. */
  @Nullable HandmadeLeases leases;

  final List<Host> hosts = new ArrayList<>();
  final Map<Integer, Seen> calls = new LinkedHashMap<>();
  private final Map<String, List<Seen>> order = new LinkedHashMap<>();

  RoutingWorld(long seed, int peers) {
    this(seed, peers, RouterConfig.DEFAULT);
  }

  RoutingWorld(long seed, int peers, RouterConfig config) {
    simulation = Simulation.seeded(seed);
    for (int i = 0; i < peers; i++) {
      hosts.add(new Host(simulation.peer("peer " + i), config));
    }
  }

  Host host(int index) {
    return hosts.get(index);
  }

  Host add(String name, RouterConfig config) {
    Host host = new Host(simulation.peer(name), config);
    hosts.add(host);
    return host;
  }

  /** All are a ring, with machines of their own. */
  void formRing() {
    FormedRing formed = FormedRing.of(hosts.stream().map(Host::ref).toList());
    hosts.forEach(host -> host.formRing(formed));
  }

  /** All see the whole ring, and have links. */
  RoutingWorld settled() {
    everybodySees(hosts);
    run(600);
    return this;
  }

  void everybodySees(List<Host> ring) {
    hosts.forEach(host -> host.see(ring));
  }

  /** All learn of the present ring, each at some time within the span. */
  void news(SplittableRandom random, int withinMillis) {
    List<Host> ring = hosts.stream().filter(Host::inRing).toList();
    for (Host host : hosts) {
      simulation.after(Duration.ofMillis(random.nextInt(withinMillis)), () -> host.see(ring));
    }
  }

  void run(long millis) {
    simulation.runFor(Duration.ofMillis(millis));
  }

  /** A key that this host owns when all hosts are in the ring. */
  Key keyOf(Host owner) {
    return owner.peer.id().position();
  }

  private void ended(Seen call, Outcome outcome) {
    call.outcomes++;
    call.outcome = outcome;
    call.endedAt = simulation.now();
  }

  /** Checks every promise over everything that has happened. */
  void check() {
    List<String> broken = new ArrayList<>();
    for (Seen call : calls.values()) {
      Host caller = call.caller;
      boolean callerLives = caller != null && caller.life == call.callerLife;
      if (call.processed > 1) {
        broken.add("processed twice: " + call);
      }
      if (call.outcomes > 1 || (callerLives && call.outcomes == 0)) {
        broken.add(call.outcomes + " outcomes: " + call);
      }
      if (call.endedAt > call.deadlineAt + 1_024) {
        broken.add((call.endedAt - call.deadlineAt) + " µs late: " + call);
      }
      boolean delivered =
          call.outcome instanceof Outcome.Acknowledged || call.outcome instanceof Outcome.Replied;
      if (delivered && (call.processed != 1 || call.processedAt > call.endedAt)) {
        broken.add("acknowledged, not processed: " + call);
      }
      if (call.outcome instanceof Outcome.Failed failed
          && failed.code().delivery() == Delivery.NOT_DELIVERED
          && call.processed > 0) {
        broken.add("said to be not delivered: " + call);
      }
    }
    for (List<Seen> lane : order.values()) {
      TreeSet<Integer> later = new TreeSet<>();
      for (int i = lane.size() - 1; i >= 0; i--) {
        Seen call = lane.get(i);
        // A later one went before it, though this one was still open.
        for (int number : later.headSet(call.number)) {
          Seen overtaken = calls.get(number);
          if (overtaken.endedAt < 0 || overtaken.endedAt > call.processedAt) {
            broken.add(call + " overtook " + overtaken);
          }
        }
        later.add(call.number);
      }
    }
    if (!broken.isEmpty()) {
      throw new AssertionError(
          "seed "
              + simulation.seed()
              + ": "
              + String.join("\n", broken.subList(0, Math.min(20, broken.size()))));
    }
  }
}
