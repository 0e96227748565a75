// A ring of registries in virtual time.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulatedSeals;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.archive.ArchiveCodec;
import dev.p2pkit.peer.registry.archive.ArchiveTransfer;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Peers with registries. Views of the ring are handed out by the test, so that only the registry is
 * under test; broadcasts reach each peer of the view with a chance.
 */
final class World {
  static final long WALL_START = 1_790_000_000_000L;
  static final OwnerKey OWNER = OwnerKey.ofSeed(seed(1));
  static final OwnerKey OTHER = OwnerKey.ofSeed(seed(2));

  final Simulation simulation;
  final List<Node> nodes = new ArrayList<>();
  double broadcastLoss;
  TrustPolicy trust = new TrustPolicy.Any();
  RegistryConfig config = RegistryConfig.DEFAULT;
  private final Random randomness;

  World(long seed) {
    simulation = Simulation.seeded(seed);
    randomness = new Random(seed);
  }

  static byte[] seed(int value) {
    byte[] seed = new byte[32];
    seed[0] = (byte) value;
    return seed;
  }

  /** A peer with what it remembers beyond a restart. */
  final class Node {
    final SimulatedPeer peer;
    final MemoryArchives archives;
    final Map<Chain, RecordStore.Kept> records = new LinkedHashMap<>();
    final List<NetworkEvent> events = new ArrayList<>();
    final List<AuditEntry> audit = new ArrayList<>();
    MemoryDeployment deployment;
    ArchiveTransfer transfer;
    Registry registry;
    long skewMillis;
    boolean joined;
    int side;
    Map<String, String> labels = Map.of();
    long synchronisedAt;

    /** Why the disk does not take the records of a name. */
    final Map<String, String> unstored = new HashMap<>();

    Node(String name) {
      peer = simulation.peer(name);
      archives = new MemoryArchives(peer);
      boot();
    }

    void boot() {
      deployment = new MemoryDeployment(simulation, peer, archives);
      transfer = peer.host(new ArchiveCodec(), effects -> new ArchiveTransfer(effects, archives));
      registry =
          peer.host(
              new RegistryCodec(),
              effects ->
                  new Registry(
                      config,
                      effects,
                      transfer,
                      deployment,
                      new Memory(this),
                      trust,
                      new Host(() -> wall() + skewMillis, labels, new SimulatedSeals(peer.id())),
                      new Listener(this)));
    }

    void restart() {
      peer.restart();
      boot();
    }

    /** Puts a record in force and spreads it, behind the back of the installs. */
    void publish(ServiceRecord record, Archive archive) {
      archives.put(archive);
      peer.run(now -> registry.publish(now, record));
    }

    /** A message of another peer names an epoch; what is said of it is in the reference then. */
    AtomicReference<Result<Long>> mention(String name, long epoch, Node from) {
      AtomicReference<Result<Long>> answer = new AtomicReference<>();
      peer.run(
          now ->
              registry.mention(
                  now, name, epoch, from.peer.ref(), (then, result) -> answer.set(result)));
      return answer;
    }

    long runs(String service) {
      Assignment task = deployment.running.get(service);
      return task == null ? 0 : task.epoch();
    }

    @Override
    public String toString() {
      return peer.toString();
    }
  }

  private record Memory(Node node) implements RecordStore {
    @Override
    public List<Kept> load() {
      return List.copyOf(node.records.values());
    }

    @Override
    public void save(Kept kept) {
      node.records.put(Chain.of(kept.record()), kept);
    }

    @Override
    public void forget(ServiceRecord record) {
      node.records.remove(Chain.of(record));
    }

    @Override
    public long failures() {
      return 0;
    }

    @Override
    public Optional<String> trouble(ServiceRecord record) {
      return Optional.ofNullable(node.unstored.get(record.name()));
    }

    @Override
    public long synchronisedAt() {
      return node.synchronisedAt;
    }

    @Override
    public void synchronised(long wallMillis) {
      node.synchronisedAt = wallMillis;
    }
  }

  private final class Listener implements RegistryListener {
    private final Node node;

    Listener(Node node) {
      this.node = node;
    }

    @Override
    public void broadcast(byte[] payload) {
      PeerRef origin = node.peer.ref();
      for (Node other : nodes) {
        if (other != node && other.joined && other.side == node.side && heard()) {
          simulation.after(
              Duration.ofMillis(10 + randomness.nextInt(40)),
              () -> {
                if (other.peer.alive() && !other.peer.paused()) {
                  other.peer.run(now -> other.registry.onBroadcast(now, origin, payload));
                }
              });
        }
      }
    }

    private boolean heard() {
      return randomness.nextDouble() >= broadcastLoss;
    }

    @Override
    public void onAudit(AuditEntry entry) {
      node.audit.add(entry);
    }

    @Override
    public void onServices(ServiceDirectory directory) {}

    @Override
    public void onCaughtUp() {}

    @Override
    public void onEvent(NetworkEvent event) {
      node.events.add(event);
    }
  }

  long wall() {
    return WALL_START + simulation.now() / 1_000;
  }

  Node add(String name) {
    Node node = new Node(name);
    nodes.add(node);
    return node;
  }

  /** A ring of this many peers, all caught up. */
  World ring(int peers) {
    add("peer-0").joined = true;
    views();
    run(Duration.ofMillis(100));
    for (int i = 1; i < peers; i++) {
      add("peer-" + i).joined = true;
    }
    views();
    run(Duration.ofSeconds(3));
    nodes.forEach(node -> assertThat(node.registry.caughtUp(), node + " has not caught up"));
    return this;
  }

  private static void assertThat(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  /** Tells every peer of the peers of its side that are alive. */
  void views() {
    for (Node node : nodes) {
      if (node.joined && node.peer.alive()) {
        node.peer.publish(viewOf(node));
      }
    }
  }

  private RingView viewOf(Node node) {
    List<PeerRef> ring =
        nodes.stream()
            .filter(other -> other.joined && other.peer.alive() && other.side == node.side)
            .map(other -> other.peer.ref())
            .sorted(Comparator.comparing(PeerRef::id))
            .toList();
    int at = ring.indexOf(node.peer.ref());
    List<PeerRef> successors = new ArrayList<>();
    List<PeerRef> predecessors = new ArrayList<>();
    for (int i = 1; i < Math.min(ring.size(), 17); i++) {
      successors.add(ring.get((at + i) % ring.size()));
      predecessors.add(ring.get(Math.floorMod(at - i, ring.size())));
    }
    return new RingView(
        node.peer.ref(), true, simulation.now() + 1, predecessors, successors, ring);
  }

  void run(Duration span) {
    simulation.runFor(span);
  }

  /** An archive whose bytes follow from a number. */
  static Archive archive(int number, int size) {
    byte[] content = new byte[size];
    new Random(number).nextBytes(content);
    return Archive.of(content);
  }

  static Edition edition(Archive archive, String version) {
    return Edition.of(archive, version, true, true);
  }

  /** Signs what follows on a peer's present record, by its own clock. */
  ServiceRecord sign(Node node, OwnerKey key, String name, Edition edition) {
    Optional<ServiceRecord> current = node.registry.current(name, "1");
    return ServiceRecord.following(current, key, name, "1", edition, wall() + node.skewMillis);
  }

  /** Starts an install; the outcome is in the reference when it is there. */
  AtomicReference<Result<UpdateReport>> install(
      Node node, ServiceRecord record, Archive archive, Duration within) {
    node.archives.put(archive);
    AtomicReference<Result<UpdateReport>> outcome = new AtomicReference<>();
    Key grant = new Key(randomness.nextLong(), randomness.nextLong());
    node.peer.run(
        now ->
            node.registry.install(
                now,
                new InstallRequest(record, grant, now + within.toNanos() / 1_000),
                (then, result) -> outcome.set(result)));
    return outcome;
  }

  /** Installs and waits for the report. */
  Result<UpdateReport> installed(Node node, ServiceRecord record, Archive archive) {
    AtomicReference<Result<UpdateReport>> outcome =
        install(node, record, archive, Duration.ofSeconds(30));
    simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(31));
    return outcome.get();
  }

  /** How many live, joined peers run an epoch. */
  long running(String service, long epoch) {
    return nodes.stream()
        .filter(node -> node.joined && node.peer.alive() && node.runs(service) == epoch)
        .count();
  }
}
