// A network in the simulator that lives a scenario.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.FormedRing;
import dev.p2pkit.overlay.ring.LadderConfig;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.overlay.simulator.oracle.CoverageOracle;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The peers of a run and who of them is in the ring. What happens to them is up to others. */
final class World implements SimulationObserver {
  /** Of larger rings nobody compares the tables. */
  private static final int MOST_COMPARED = 20_000;

  private static final long RETRY_JOIN = 1_000_000;
  private static final int CONTACTS = 3;

  final Scenario scenario;
  final Simulation simulation;
  final RingConfig config;
  final SplittableRandom random;
  final Judge judge;
  final Traffic traffic;
  private final Workload workload;
  private final Casts casts;
  private final @Nullable Transcript transcript;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Node> members = new ArrayList<>();
  private final TreeMap<PeerId, PeerRef> liars = new TreeMap<>();
  private final NodeMachines machines;
  private final TreeMap<PeerId, Node> byPosition = new TreeMap<>();
  final Samples joins = new Samples();
  final Samples joinsAfterLink = new Samples();
  long joinFailures;
  long routingDials;

  /** How often somebody fell asleep or woke. */
  long sleeps;

  /** Who is on the way into the ring. */
  private final Set<PeerId> entering = new HashSet<>();

  World(Scenario scenario, long seed, RunOptions options) {
    this.scenario = scenario;
    transcript = options.transcript().orElse(null);
    simulation = Simulation.seeded(seed).conditions(scenario.conditions()).traced(options.traced());
    random = simulation.random();
    config = config(scenario);
    machines = new NodeMachines(scenario, config, liars);
    judge = new Judge(this, scenario.mode(), config.successors());
    traffic = new Traffic(scenario.sizes());
    long sleep =
        scenario.incidents().stream()
            .filter(incident -> incident.kind() == Incident.Kind.PAUSE)
            .mapToLong(Incident::lasting)
            .max()
            .orElse(0);
    long late = 100_000 + sleep + (scenario.faults() ? 6_000_000 : 0);
    long grace = late + scenario.deadline() * scenario.drift() / 500;
    workload =
        new Workload(
            this,
            scenario,
            random.split(),
            new OutcomeOracle(grace, scenario.repeatable(), judge.findings));
    casts = new Casts(this, scenario, new CoverageOracle(judge.findings), late);
    simulation.observe(this);
  }

  private static RingConfig config(Scenario scenario) {
    LadderConfig ladder = LadderConfig.DEFAULT;
    return (scenario.fast() ? RingConfig.FAST : RingConfig.DEFAULT)
        .withLadder(
            new LadderConfig(
                scenario.budget(),
                ladder.tableBytes(),
                ladder.contacts(),
                scenario.level(),
                ladder.fixedArcBits()));
  }

  // --- peers ---------------------------------------------------------------------------------

  /** All peers at once, as a ring that is there. */
  void form() {
    List<PeerRef> refs = new ArrayList<>();
    for (int i = 0; i < scenario.peers(); i++) {
      refs.add(add().process.ref());
    }
    machines.within(FormedRing.of(refs));
    for (Node node : nodes) {
      machines.boot(node);
      node.process.run(node.ring()::form);
    }
  }

  /** How careful those who receive messages are about having one owner per key. */
  OwnershipMode mode() {
    return scenario.mode();
  }

  private Node add() {
    SimulatedPeer process = simulation.peer(simulation.seed() + " peer " + nodes.size());
    if (scenario.drift() > 0) {
      process.clockFast(random.nextInt(2 * scenario.drift() + 1) - scenario.drift());
    }
    Node node = new Node(this, process);
    node.lies = scenario.colluding() > 0 && random.nextDouble() < scenario.colluding();
    if (node.lies) {
      liars.put(process.id(), process.ref());
    }
    nodes.add(node);
    return node;
  }

  /** A peer that founds the ring. */
  void found() {
    Node node = add();
    machines.boot(node);
    node.process.run(node.ring()::create);
  }

  /** A new peer joins. */
  void join() {
    Node node = add();
    judge.sides.came(node.id());
    machines.boot(node);
    join(node);
  }

  private void join(Node node) {
    entering.add(node.id());
    node.joinBegan = now();
    node.linkedAt = 0;
    log(() -> node + " joins");
    tryJoin(node);
  }

  private void tryJoin(Node node) {
    List<PeerRef> contacts = new ArrayList<>();
    for (int i = 0; i < CONTACTS; i++) {
      Node contact = anyMember();
      if (contact != null && contact != node) {
        contacts.add(contact.process.ref());
      }
    }
    if (contacts.isEmpty()) {
      after(RETRY_JOIN, () -> retry(node));
    } else {
      node.process.run(now -> node.ring().join(now, contacts));
    }
  }

  private void retry(Node node) {
    if (node.process.alive() && !node.member) {
      tryJoin(node);
    }
  }

  void joined(Node node) {
    if (node.member) {
      // It was outside for a while without having been asked.
      return;
    }
    if (node.joinBegan > 0) {
      entering.remove(node.id());
      joins.add(now() - node.joinBegan);
      if (node.linkedAt > 0) {
        joinsAfterLink.add(now() - node.linkedAt);
      }
    }
    node.member = true;
    node.place = members.size();
    members.add(node);
    byPosition.put(node.id(), node);
    log(() -> node + " is a member");
  }

  void joinFailed(Node node, ErrorCode code, String detail) {
    joinFailures++;
    log(() -> node + " was not admitted: " + code + " " + detail);
    int life = node.process.life();
    after(
        RETRY_JOIN,
        () -> {
          if (node.process.life() == life) {
            retry(node);
          }
        });
  }

  /** A peer dies; its host lives on, or not. */
  void kill(Node node, boolean silent, boolean alone) {
    log(() -> node + (silent ? " dies with its host" : " dies"));
    gone(node);
    judge.died(node, alone);
    if (silent) {
      node.process.killHost();
    } else {
      node.process.kill();
    }
  }

  void restart(Node node) {
    log(() -> node + " restarts");
    gone(node);
    judge.died(node, false);
    node.halt();
    node.process.restart();
    judge.sides.came(node.id());
    machines.boot(node);
    join(node);
  }

  void leave(Node node) {
    log(() -> node + " leaves");
    gone(node);
    node.leaving = true;
    node.process.run(node.ring()::leave);
  }

  void left(Node node) {
    log(() -> node + " has left");
    // From inside of its machine.
    after(
        0,
        () -> {
          if (node.process.alive()) {
            judge.died(node, false);
            node.process.kill();
            // What it has got while it was leaving is gone with it.
            casts.gone(node);
          }
        });
  }

  private void gone(Node node) {
    liars.remove(node.id());
    workload.gone(node);
    casts.gone(node);
    if (node.member) {
      judge.dies(node);
      node.member = false;
      Node last = members.remove(members.size() - 1);
      if (last != node) {
        members.set(node.place, last);
        last.place = node.place;
      }
      byPosition.remove(node.id());
    } else if (node.joinBegan > 0) {
      entering.remove(node.id());
    }
    node.joinBegan = 0;
  }

  // --- who is there ----------------------------------------------------------------------------

  List<Node> members() {
    return members;
  }

  /** The members in the order of the ring. */
  Collection<Node> inOrder() {
    return byPosition.values();
  }

  /** The peer with this number. */
  Node node(int number) {
    return nodes.get(number);
  }

  /** The number of a peer; one that no peer has, if there has never been such a one. */
  int numberOf(PeerId peer) {
    Node member = byPosition.get(peer);
    if (member != null) {
      return member.index();
    }
    int number = 0;
    while (number < nodes.size() && !nodes.get(number).id().equals(peer)) {
      number++;
    }
    return number;
  }

  /** Whether a peer is in the ring or on the way into it, as it was told. */
  boolean isInOrEntering(PeerId peer) {
    return byPosition.containsKey(peer) || entering.contains(peer);
  }

  /** How many are on their way into the ring. */
  int joining() {
    return entering.size();
  }

  boolean hasLiars() {
    return !liars.isEmpty();
  }

  /** A member that does not lie, if one of a few is so. */
  @Nullable Node anyHonestMember() {
    Node node = anyMember();
    for (int i = 0; i < 100 && node != null && node.lies; i++) {
      node = anyMember();
    }
    return node;
  }

  @Nullable Node anyMember() {
    return members.isEmpty() ? null : members.get(random.nextInt(members.size()));
  }

  /** Some of the members, each once. */
  List<Node> some(int count) {
    List<Node> pool = new ArrayList<>(members);
    List<Node> chosen = new ArrayList<>();
    for (int i = 0; i < count && !pool.isEmpty(); i++) {
      int at = random.nextInt(pool.size());
      chosen.add(pool.get(at));
      Node last = pool.remove(pool.size() - 1);
      if (at < pool.size()) {
        pool.set(at, last);
      }
    }
    return chosen;
  }

  /** Who owns the key if everybody knew everything. */
  @Nullable Node ownerOf(Key key) {
    Map.Entry<PeerId, Node> owner = byPosition.ceilingEntry(new PeerId(key));
    if (owner == null) {
      owner = byPosition.firstEntry();
    }
    return owner == null ? null : owner.getValue();
  }

  /** What is not right yet of lists, arcs and tables; in very large rings tables are left out. */
  Optional<String> deviation() {
    return Ideal.deviation(
        new ArrayList<>(byPosition.values()),
        config,
        scenario.mode(),
        members.size() <= MOST_COMPARED);
  }

  /**
   * Whether anybody still knows somebody dead outside of its arc; not asked in very large rings.
   */
  Optional<String> deadContact() {
    return members.size() <= MOST_COMPARED
        ? Ideal.deadContact(new ArrayList<>(byPosition.values()))
        : Optional.empty();
  }

  /** What is not right yet of the ring alone: who stands next to whom, and who serves what. */
  Optional<String> deviationOfRing() {
    return Ideal.deviationOfRing(new ArrayList<>(byPosition.values()), scenario.mode());
  }

  // --- time ------------------------------------------------------------------------------------

  long now() {
    return simulation.now();
  }

  void after(long micros, Runnable action) {
    simulation.after(Duration.of(micros, ChronoUnit.MICROS), action);
  }

  void log(Supplier<String> what) {
    if (transcript != null) {
      transcript.add(now(), what);
    }
  }

  void event(Node node, NetworkEvent event) {
    log(() -> node + " tells: " + event);
    casts.heard(node, event);
  }

  Workload workload() {
    return workload;
  }

  Casts casts() {
    return casts;
  }

  // --- what the simulation tells ----------------------------------------------------------------

  @Override
  public void sent(SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
    traffic.sent(from.index(), codec, type, message);
    if (message instanceof Admit admit) {
      judge.sides.handedOver(from.id(), to.id(), admit.arc().epoch());
    }
    Envelope envelope = Envelope.carriedBy(message).orElse(null);
    if (envelope != null) {
      Node target = nodeOf(to);
      if (target != null && envelope.body().length >= Integer.BYTES) {
        workload.hop(from.index(), target.index(), envelope.body());
      }
    }
    if (transcript != null) {
      log(() -> from.id().shortText() + " -> " + to.id().shortText() + "  " + message);
    }
  }

  private @Nullable Node nodeOf(PeerRef ref) {
    SimulatedPeer peer = simulation.peerOf(ref).orElse(null);
    return peer == null ? null : nodes.get(peer.index());
  }

  @Override
  public void dialled(SimulatedPeer from, PeerRef to, int type) {
    if (type >= FrameTypes.ROUTING) {
      routingDials++;
    }
  }

  @Override
  public void linked(SimulatedPeer peer, PeerId other, LinkEvent event) {
    Node node = nodes.get(peer.index());
    if (event == LinkEvent.UP && node.linkedAt == 0) {
      node.linkedAt = now();
    }
    if (transcript != null && event != LinkEvent.UP) {
      log(() -> peer.id().shortText() + " has link to " + other.shortText() + " " + event);
    }
  }

  @Override
  public void stepped(SimulatedPeer peer) {
    judge.stepped(nodes.get(peer.index()));
  }
}
