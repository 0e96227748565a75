// A network of peers in virtual time.
package dev.p2pkit.overlay.simulator;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.FaultSites;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A network of peers in virtual time, on the calling thread. The same seed and the same calls give
 * the same run: {@link #traceHash} tells.
 *
 * <pre>{@code
 * Simulation simulation = Simulation.seeded(42);
 * SimulatedPeer peer = simulation.peer("a");
 * RingMachine ring = peer.host(RingMachine.codecs(), effects -> new RingMachine(config, effects, listener));
 * peer.run(ring::create);
 * simulation.runFor(Duration.ofSeconds(10));
 * }</pre>
 */
public final class Simulation {
  private static final long CHECK_EVERY = 5_000;

  private final long seed;
  private final SplittableRandom random;
  private final OccurrenceQueue future = new OccurrenceQueue();
  private final Trace trace = new Trace();
  private final List<SimulatedPeer> peers = new ArrayList<>();
  private final Map<PeerId, SimulatedPeer> byId = new HashMap<>();
  private final Links links;
  private final Hosts hosts = new Hosts();
  private final Layout.Registry layouts = new Layout.Registry();
  private @Nullable SimulationObserver observer;
  private FaultSites faults = FaultSites.NONE;
  private long now;
  private long occurrences;

  private Simulation(long seed) {
    this.seed = seed;
    SplittableRandom root = new SplittableRandom(seed);
    random = root.split();
    links = new Links(this, root.split());
    trace.add(seed);
  }

  /** A network without peers, at time 0. */
  public static Simulation seeded(long seed) {
    return new Simulation(seed);
  }

  /** Sets how well the network works from now on. */
  public Simulation conditions(NetworkConditions conditions) {
    links.conditions(conditions);
    return this;
  }

  /** How well the network works. */
  public NetworkConditions conditions() {
    return links.conditions();
  }

  /** Tells somebody of every message and step from now on; it must not change anything. */
  public Simulation observe(SimulationObserver whom) {
    observer = whom;
    return this;
  }

  /**
   * Whether steps go into {@link #traceHash}, as they do unless told otherwise; a run of a million
   * peers may save the time.
   */
  public Simulation traced(boolean on) {
    trace.on = on;
    return this;
  }

  /** The seed of this run. */
  public long seed() {
    return seed;
  }

  /** Virtual time in microseconds. */
  public long now() {
    return now;
  }

  /** Randomness for the scenario; the network and the machines have their own. */
  public SplittableRandom random() {
    return random;
  }

  /** A peer whose id is the hash of a name; it hosts nothing yet. */
  public SimulatedPeer peer(String name) {
    byte[] hash = Hashing.sha256().hashString(name, StandardCharsets.UTF_8).asBytes();
    return peer(new PeerId(Key.of(Arrays.copyOf(hash, Key.BYTES))));
  }

  /**
   * A peer with this id, on a host of its own; it hosts nothing yet. A second peer with an id that
   * is taken is a second process that claims the same identity.
   */
  public SimulatedPeer peer(PeerId id) {
    int index = peers.size();
    Endpoint endpoint = hosts.endpoint(index);
    SimulatedPeer peer =
        new SimulatedPeer(this, links, index, new PeerRef(id, endpoint, 1 + now / 1_000));
    peers.add(peer);
    byId.putIfAbsent(id, peer);
    links.table.addPeer(index);
    return peer;
  }

  /** All peers, dead ones too, in the order in which they were made. */
  public List<SimulatedPeer> peers() {
    return Collections.unmodifiableList(peers);
  }

  /** Runs for a span of virtual time. */
  public void runFor(Duration span) {
    runTo(now + span.toNanos() / 1_000);
  }

  /**
   * Runs until a condition holds, which is looked at every 5 ms of virtual time.
   *
   * @return whether it holds; false if the limit, in virtual time, came first
   */
  public boolean runUntil(BooleanSupplier condition, Duration limit) {
    long end = now + limit.toNanos() / 1_000;
    while (!condition.getAsBoolean()) {
      if (now >= end) {
        return false;
      }
      runTo(Math.min(end, now + CHECK_EVERY));
    }
    return true;
  }

  private void runTo(long end) {
    while (!future.isEmpty() && future.nextTime() <= end) {
      now = future.nextTime();
      Occurrence next = future.remove();
      if (!next.cancelled) {
        occurrences++;
        next.happen();
      }
    }
    now = end;
  }

  /** Does something in the scenario after a span of virtual time. */
  public void after(Duration span, Runnable action) {
    schedule(
        now + span.toNanos() / 1_000,
        new Occurrence() {
          @Override
          void happen() {
            action.run();
          }
        });
  }

  /** Cuts the path between two peers, both ways: what is sent vanishes, dials time out. */
  public void cut(SimulatedPeer one, SimulatedPeer other) {
    links.cut(one, other, true);
    links.cut(other, one, true);
  }

  /** Cuts one direction only. */
  public void cutOneWay(SimulatedPeer from, SimulatedPeer to) {
    links.cut(from, to, true);
  }

  /** Mends what {@link #cut} and {@link #cutOneWay} did to two peers. */
  public void mend(SimulatedPeer one, SimulatedPeer other) {
    links.cut(one, other, false);
    links.cut(other, one, false);
  }

  /**
   * Divides the network: each group can reach itself only, and those in no group form one more.
   * Replaces an earlier partition.
   */
  public void partition(List<? extends Collection<SimulatedPeer>> groups) {
    peers.forEach(peer -> peer.side = 0);
    int side = 0;
    for (Collection<SimulatedPeer> group : groups) {
      side++;
      for (SimulatedPeer peer : group) {
        peer.side = side;
      }
    }
    links.watchAll(peers);
    if (observer != null) {
      observer.divided(groups);
    }
  }

  /** Ends a partition. */
  public void unite() {
    peers.forEach(peer -> peer.side = 0);
    if (observer != null) {
      observer.united();
    }
  }

  /** Mends all paths that were cut between two peers. */
  public void mendAll() {
    links.mendAll();
  }

  /** The peer that would be reached under this address, whoever it is. */
  public Optional<SimulatedPeer> peerOf(PeerRef ref) {
    return Optional.ofNullable(find(ref));
  }

  /** Breaks the link between two peers, if there is one: both learn of it and may dial again. */
  public void breakLink(SimulatedPeer one, SimulatedPeer other) {
    links.breakLink(one, other);
  }

  /** A hash over every input and effect of every machine until now. */
  public long traceHash() {
    return trace.value();
  }

  /** What happened until now. */
  public SimulationStatistics statistics() {
    return new SimulationStatistics(
        occurrences, links.sent, links.delivered, links.lost, links.dials);
  }

  void schedule(long at, Occurrence occurrence) {
    future.add(Math.max(at, now), occurrence);
  }

  /** From now on these faults happen where the code provides for them; none by default. */
  public Simulation faults(FaultSites sites) {
    faults = sites;
    return this;
  }

  FaultSites faults() {
    return faults;
  }

  Trace trace() {
    return trace;
  }

  SimulatedPeer peerAt(int index) {
    return peers.get(index);
  }

  Layout.Registry layouts() {
    return layouts;
  }

  void sending(SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
    if (observer != null) {
      observer.sent(from, to, codec, type, message);
    }
  }

  void dialling(SimulatedPeer from, PeerRef to, int type) {
    if (observer != null) {
      observer.dialled(from, to, type);
    }
  }

  void linked(SimulatedPeer peer, PeerId other, LinkEvent event) {
    if (observer != null) {
      observer.linked(peer, other, event);
    }
  }

  void stepped(SimulatedPeer peer) {
    if (observer != null) {
      observer.stepped(peer);
    }
  }

  @Nullable SimulatedPeer find(PeerRef ref) {
    SimulatedPeer peer = byId.get(ref.id());
    if (peer != null && peer.ref().endpoint().equals(ref.endpoint())) {
      return peer;
    }
    int index = hosts.index(ref.endpoint());
    return index < 0 || index >= peers.size() ? null : peers.get(index);
  }

  SplittableRandom split() {
    return random.split();
  }
}
