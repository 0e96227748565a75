// What the scenario does to the network while it is watched.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.FaultSites;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.sdk.PeerId;
import java.util.List;

/** Lets incidents happen, and peers die of age while as many join. */
final class Happenings {
  private static final long LOOK_FOR_ONE_RING = 250_000;

  /** A ring that has not become one in this time is not watched any longer. */
  private static final long LONGEST_MERGE = 300_000_000;

  /** How long after a fault of the network or a pause the living may still be taken for dead. */
  private static final long RECOVERING = 15_000_000;

  /** A share of at least this many of the peers is something to heal from. */
  private static final double MASS = 0.02;

  private final World world;
  private final Scenario scenario;
  private final Coverage coverage;
  private boolean running = true;
  private int partitions;
  private boolean divided;
  private long suspicionsUntil;
  private double mergeMicros = Double.NaN;
  private double mergeTableMicros = Double.NaN;
  private double mergeMessages = Double.NaN;
  private double usualRate;

  Happenings(World world, Coverage coverage) {
    this.world = world;
    this.scenario = world.scenario;
    this.coverage = coverage;
  }

  void start() {
    if (scenario.faults()) {
      world.simulation.faults(new Mischief(world.random.split()));
    }
    for (Incident incident : scenario.incidents()) {
      world.after(
          incident.at(),
          () -> {
            if (running) {
              happen(incident);
            }
          });
    }
    if (scenario.session() > 0) {
      nextDeath();
    }
  }

  /**
   * Whether the network is as Zave's proof assumes: whoever lives is not taken for dead. Loss alone
   * must not do that.
   */
  boolean faultless() {
    return !scenario.faults() && !divided && world.now() >= suspicionsUntil;
  }

  /** Living peers may be taken for dead for so long, and for a while until they are back. */
  private void suspicions(long lasting) {
    suspicionsUntil = Math.max(suspicionsUntil, world.now() + lasting + RECOVERING);
    world.judge.shape.notAssumed();
  }

  /** Everything that is still going on ends. */
  void stop() {
    running = false;
    world.simulation.faults(FaultSites.NONE);
    for (SimulatedPeer peer : world.simulation.peers()) {
      peer.resume();
    }
    world.sleeps++;
    if (divided) {
      unite();
    }
    world.simulation.mendAll();
  }

  private void nextDeath() {
    double peers = Math.max(1, world.members().size());
    double wait = -StrictMath.log(1 - world.random.nextDouble()) * scenario.session() / peers;
    world.after(
        Math.max(1, (long) wait),
        () -> {
          if (running) {
            Node victim = world.anyMember();
            if (victim != null && world.members().size() > 1) {
              world.kill(victim, scenario.silent(), true);
              world.join();
            }
            nextDeath();
          }
        });
  }

  private void happen(Incident incident) {
    world.log(() -> "** " + incident);
    int members = world.members().size();
    int count = incident.amount().of(members);
    switch (incident.kind()) {
      case KILL -> kill(count, false);
      case SILENCE -> kill(count, true);
      case LEAVE -> world.some(Math.min(count, members - 1)).forEach(this::leave);
      case RESTART -> world.some(Math.min(count, members - 1)).forEach(world::restart);
      case JOIN -> {
        for (int i = 0; i < count; i++) {
          world.join();
        }
      }
      case PAUSE -> world.some(count).forEach(node -> pause(node, incident.lasting()));
      case PARTITION -> divide(world.some(Math.min(count, members - 1)), incident.lasting());
      case CUT -> cut(count, incident.lasting(), true);
      case DEAFEN -> cut(count, incident.lasting(), false);
    }
  }

  private void kill(int count, boolean silent) {
    int most = Math.min(count, world.members().size() - 1);
    if (most >= MASS * world.members().size() && most > 1) {
      coverage.incident();
    }
    world.some(most).forEach(node -> world.kill(node, silent, count == 1));
  }

  private void leave(Node node) {
    if (!node.process.paused()) {
      world.leave(node);
    }
  }

  private void pause(Node node, long lasting) {
    if (!node.process.paused()) {
      world.log(() -> node + " is paused");
      node.process.pause();
      suspicions(lasting);
      world.sleeps++;
      // Not all for the same time: half of it to all of it.
      long span = lasting / 2 + world.random.nextLong(lasting / 2 + 1);
      world.after(
          span,
          () -> {
            world.log(() -> node + " wakes");
            node.process.resume();
            world.sleeps++;
          });
    }
  }

  private void divide(List<Node> group, long lasting) {
    int number = ++partitions;
    divided = true;
    suspicions(lasting);
    usualRate = (double) world.traffic.maintenanceMessages() / Math.max(1, world.now());
    world.simulation.partition(List.of(group.stream().map(node -> node.process).toList()));
    List<PeerId> ids = group.stream().map(Node::id).toList();
    world.judge.sides.divide(world.now(), List.of(ids));
    world.after(
        lasting,
        () -> {
          if (number == partitions) {
            unite();
          }
        });
  }

  private void unite() {
    world.log(() -> "** the partition ends");
    partitions++;
    divided = false;
    world.simulation.unite();
    suspicions(0);
    world.judge.sides.unite(world.now());
    long since = world.now();
    long before = world.traffic.maintenanceMessages();
    lookForOneRing(since, before);
  }

  private void lookForOneRing(long since, long before) {
    long took = world.now() - since;
    if (world.deviationOfRing().isEmpty()) {
      mergeMicros = longest(mergeMicros, took);
      double extra = world.traffic.maintenanceMessages() - before - usualRate * took;
      mergeMessages = Math.max(0, extra) / Math.max(1, world.members().size());
      lookForTables(since);
    } else if (took < LONGEST_MERGE && !divided) {
      world.after(LOOK_FOR_ONE_RING, () -> lookForOneRing(since, before));
    }
  }

  /**
   * The rings are one; until everybody knows all whom it should know, some messages take longer.
   */
  private void lookForTables(long since) {
    long took = world.now() - since;
    if (world.deviation().isEmpty()) {
      mergeTableMicros = longest(mergeTableMicros, took);
    } else if (took < LONGEST_MERGE && !divided) {
      world.after(LOOK_FOR_ONE_RING, () -> lookForTables(since));
    }
  }

  private static double longest(double before, long took) {
    return Double.isNaN(before) ? (double) took : Math.max(before, (double) took);
  }

  private void cut(int pairs, long lasting, boolean bothWays) {
    for (int i = 0; i < pairs; i++) {
      List<Node> two = world.some(2);
      // Of two or three peers a cut path can leave one alone: that is a partition, and told as one.
      if (world.members().size() < 4) {
        return;
      }
      SimulatedPeer one = two.get(0).process;
      SimulatedPeer other = two.get(1).process;
      world.log(() -> one.id().shortText() + " and " + other.id().shortText() + " lose their path");
      suspicions(lasting);
      if (bothWays) {
        world.simulation.cut(one, other);
      } else {
        world.simulation.cutOneWay(one, other);
      }
      world.after(lasting, () -> world.simulation.mend(one, other));
    }
  }

  /** How long two sides took to be one ring after they could reach each other again. */
  double mergeMicros() {
    return mergeMicros;
  }

  /** How long it took until all tables were right, too. */
  double mergeTableMicros() {
    return mergeTableMicros;
  }

  /** How many messages more than usual a peer sent until the ring was one. */
  double mergeMessagesPerPeer() {
    return mergeMessages;
  }
}
