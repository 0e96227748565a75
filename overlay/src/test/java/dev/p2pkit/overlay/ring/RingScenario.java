// A ring in the simulator, told as a story.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A ring in the simulator. Everything in it comes from the seed. */
final class RingScenario {
  /** Seconds of virtual time between two looks at the whole ring, which are not cheap. */
  private static final double LOOK_EVERY = 0.1;

  final Simulation simulation;
  final RingConfig config;
  final List<RingPeer> peers = new ArrayList<>();
  final RingWatch watch = new RingWatch(this);

  /** Where the errors of the peers' clocks come from; null: all clocks are right. */
  @Nullable SplittableRandom clocks;

  RingScenario(long seed) {
    this(seed, RingConfig.DEFAULT);
  }

  RingScenario(long seed, RingConfig config) {
    simulation = Simulation.seeded(seed);
    simulation.conditions(NetworkConditions.DEFAULT).observe(watch);
    this.config = config;
  }

  /** A ring of this many peers that joined one after the other. */
  static RingScenario ring(long seed, int size) {
    RingScenario scenario = new RingScenario(seed);
    scenario.grow(size);
    scenario.heals(Duration.ofSeconds(30));
    return scenario;
  }

  /** A ring that was never anything else, after this many seconds in which nothing has happened. */
  static RingScenario formed(long seed, int size, double seconds) {
    RingScenario scenario = new RingScenario(seed);
    scenario.form(size);
    scenario.run(seconds);
    return scenario;
  }

  void grow(int size) {
    if (peers.isEmpty()) {
      first();
    }
    while (peers.size() < size) {
      RingPeer peer = joiner(peers.get(simulation.random().nextInt(peers.size())));
      assertThat(simulation.runUntil(() -> peer.joined, Duration.ofSeconds(20)))
          .as("%s joins as number %d: %s", peer, peers.size(), peer.failureDetail)
          .isTrue();
    }
  }

  RingPeer first() {
    RingPeer peer = add();
    peer.create();
    return peer;
  }

  /** This many peers that have been a ring for long. */
  void form(int size) {
    form(Collections.nCopies(size, config));
  }

  /** A peer with each of these configurations, that have been a ring for long. */
  void form(List<RingConfig> configs) {
    List<SimulatedPeer> processes = new ArrayList<>();
    for (int i = 0; i < configs.size(); i++) {
      processes.add(simulation.peer("peer-" + i));
    }
    FormedRing formed = FormedRing.of(processes.stream().map(SimulatedPeer::ref).toList());
    for (int i = 0; i < configs.size(); i++) {
      SimulatedPeer process = processes.get(i);
      RingPeer peer = new RingPeer(process, configs.get(i), Optional.of(formed));
      peers.add(peer);
      process.run(peer.ring::form);
    }
  }

  /** A peer outside of the ring that shares its table with those within it. */
  RingPeer addWithin(FormedRing formed) {
    RingPeer peer =
        new RingPeer(simulation.peer("peer-" + peers.size()), config, Optional.of(formed));
    peers.add(peer);
    return peer;
  }

  /** A peer outside of the ring. */
  RingPeer add() {
    SimulatedPeer process = simulation.peer("peer-" + peers.size());
    if (clocks != null) {
      process.clockFast(clocks.nextInt(-10, 11));
    }
    RingPeer peer = new RingPeer(process, config);
    peers.add(peer);
    return peer;
  }

  /** A peer that begins to join. */
  RingPeer joiner(RingPeer... contacts) {
    RingPeer peer = add();
    peer.join(contacts);
    return peer;
  }

  void run(double seconds) {
    simulation.runFor(Duration.ofNanos((long) (seconds * 1e9)));
    watch.nothingWrong();
  }

  /** Those who are in the ring, in its order. */
  List<RingPeer> members() {
    return peers.stream()
        .filter(RingPeer::member)
        .sorted(Comparator.comparing(RingPeer::id))
        .toList();
  }

  /**
   * Runs until the ring is ideal and every key has an owner, and says what is wrong if it does not
   * get so in time.
   */
  void heals(Duration limit) {
    long end = simulation.now() + limit.toNanos() / 1_000;
    Optional<String> deviation = deviation();
    while (deviation.isPresent() && simulation.now() < end) {
      run(LOOK_EVERY);
      deviation = deviation();
    }
    assertThat(deviation).isEmpty();
    everyKeyHasOneOwner();
    assertThat(RingOracle.brokenInvariant(members())).isEmpty();
  }

  private Optional<String> deviation() {
    return RingOracle.deviation(members(), config)
        .or(
            () ->
                members().stream()
                    .filter(
                        member ->
                            RingOracle.owners(members(), member.id().position()) != 1
                                || RingOracle.owners(
                                        members(), member.id().position().plus(Key.of(1)))
                                    != 1)
                    .findFirst()
                    .map(member -> "not one peer serves the keys around " + member));
  }

  void everyKeyHasOneOwner() {
    List<RingPeer> members = members();
    for (RingPeer member : members) {
      Key position = member.id().position();
      Key next = position.plus(Key.of(1));
      assertThat(RingOracle.owners(members, position)).as("owners of %s", position).isEqualTo(1);
      assertThat(RingOracle.owners(members, next)).as("owners of %s", next).isEqualTo(1);
    }
    for (int i = 0; i < 100; i++) {
      Key key = new Key(simulation.random().nextLong(), simulation.random().nextLong());
      assertThat(RingOracle.owners(members, key)).as("owners of %s", key).isEqualTo(1);
    }
  }

  /** Cuts the network into groups of so many, by chance; together they are all. */
  List<List<RingPeer>> split(int... sizes) {
    List<RingPeer> rest = new ArrayList<>(members());
    List<List<RingPeer>> groups = new ArrayList<>();
    List<Collection<SimulatedPeer>> sides = new ArrayList<>();
    for (int size : sizes) {
      List<RingPeer> group = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        group.add(rest.remove(simulation.random().nextInt(rest.size())));
      }
      groups.add(group);
      sides.add(group.stream().map(peer -> peer.process).toList());
    }
    assertThat(rest).isEmpty();
    simulation.partition(sides);
    return groups;
  }
}
