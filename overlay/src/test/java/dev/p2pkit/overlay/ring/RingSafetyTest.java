// What holds at every moment, not only at the end.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingSafetyTest {
  private static final double LOOK_EVERY = 0.01;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noKeyHasTwoOwnersWhilePeersJoinAndLeave(long seed) {
    RingScenario scenario = RingScenario.ring(seed, 4);
    SplittableRandom random = scenario.simulation.random();
    for (int step = 0; step < 40; step++) {
      List<RingPeer> members = scenario.members();
      if (members.size() > 3 && random.nextInt(3) == 0) {
        members.get(random.nextInt(members.size())).leave();
      } else {
        scenario.joiner(members.get(random.nextInt(members.size())));
      }
      double until = scenario.simulation.now() / 1e6 + random.nextDouble() * 0.5;
      while (scenario.simulation.now() / 1e6 < until) {
        scenario.run(LOOK_EVERY);
        noKeyHasTwoOwners(scenario);
      }
    }
    scenario.run(15);
    scenario.heals(Duration.ofMinutes(1));
  }

  private static void noKeyHasTwoOwners(RingScenario scenario) {
    for (RingPeer peer : scenario.peers) {
      Key position = peer.id().position();
      assertThat(RingOracle.owners(scenario.members(), position))
          .as(() -> "owners of " + position + " at " + scenario.simulation.now())
          .isLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void zavesInvariantHoldsWhilePeersJoinAndDie(long seed) {
    RingScenario scenario = RingScenario.ring(seed, 25);
    SplittableRandom random = scenario.simulation.random();
    for (int step = 0; step < 60; step++) {
      List<RingPeer> members = scenario.members();
      RingPeer one = members.get(random.nextInt(members.size()));
      // Her proof starts from one member more than the list is long, and needs a live successor.
      if (members.size() > 19 && random.nextInt(2) == 0) {
        one.process.kill();
      } else {
        scenario.joiner(one);
      }
      for (int look = 0; look < random.nextInt(100); look++) {
        scenario.run(LOOK_EVERY);
        assertThat(RingOracle.brokenInvariant(scenario.members()))
            .as(() -> "at " + scenario.simulation.now())
            .isEmpty();
      }
    }
    scenario.run(15);
    scenario.heals(Duration.ofMinutes(1));
  }

  @Test
  void aPeerWhoseWholeListDiesFindsTheRingAgain() {
    RingScenario scenario = RingScenario.ring(4, 40);
    List<RingPeer> members = scenario.members();
    members.subList(1, 25).forEach(peer -> peer.process.kill());
    scenario.heals(Duration.ofMinutes(1));
    assertThat(scenario.members()).hasSize(16).contains(members.get(0));
  }

  @Test
  void aJoinerKnowsTheMembersBeforeItOwnsKeys() {
    RingScenario scenario = RingScenario.ring(5, 30);
    for (int i = 0; i < 5; i++) {
      RingPeer joiner = scenario.joiner(scenario.members().get(i));
      assertThat(scenario.simulation.runUntil(() -> joiner.joined, Duration.ofSeconds(5))).isTrue();
      assertThat(joiner.viewWhenJoined.joined()).isTrue();
      assertThat(joiner.viewWhenJoined.size()).isEqualTo(31 + i);
      assertThat(joiner.events.get(0)).isInstanceOf(NetworkEvent.Connected.class);
      // The news of this one take some round trips to the peer that admits the next.
      scenario.run(1);
    }
  }

  @Test
  void theEventsOfThreePeersTellTheStory() {
    RingScenario scenario = new RingScenario(6);
    RingPeer first = scenario.first();
    RingPeer second = scenario.joiner(first);
    scenario.run(3);
    RingPeer third = scenario.joiner(first);
    scenario.run(3);
    second.leave();
    scenario.run(3);
    third.process.kill();
    scenario.run(3);
    assertThat(first.events)
        .containsSubsequence(
            new NetworkEvent.Alone(),
            new NetworkEvent.PeerJoined(second.id()),
            new NetworkEvent.NewPredecessor(second.id()),
            new NetworkEvent.NewSuccessor(second.id()),
            new NetworkEvent.NewSuccessorList(List.of(second.id())),
            new NetworkEvent.NewRoutingTable(2),
            new NetworkEvent.PeerJoined(third.id()),
            new NetworkEvent.NewRoutingTable(3),
            new NetworkEvent.PeerLeft(second.id()),
            new NetworkEvent.PeerFailed(third.id()),
            new NetworkEvent.Alone());
    assertThat(first.events.stream().filter(new NetworkEvent.Alone()::equals)).hasSize(2);
    RingStatistics counted = first.ring.statistics();
    assertThat(counted.successorChanges()).isGreaterThanOrEqualTo(2);
    assertThat(counted.predecessorChanges()).isGreaterThanOrEqualTo(2);
    assertThat(counted.tableChanges()).isGreaterThanOrEqualTo(4);
    assertThat(counted.deathsDeclared()).isEqualTo(1);
  }

  /** In 24 one that doubts it has to tell others; in 34 one was asked about it just before. */
  @ParameterizedTest
  @ValueSource(longs = {7, 24, 34})
  void aRefusalSeenByAnyPeerIsKnownToAll(long seed) {
    aRefusalIsKnownToAll(seed);
  }

  @Test
  @Tag("long")
  void aRefusalSeenByAnyPeerIsKnownToAllWhateverTheSeed() {
    for (long seed = 1; seed <= 100; seed++) {
      aRefusalIsKnownToAll(seed);
    }
  }

  private static void aRefusalIsKnownToAll(long seed) {
    RingScenario scenario = RingScenario.ring(seed, 20);
    List<RingPeer> members = scenario.members();
    RingPeer dead = members.get(10);
    RingPeer far = members.get(0);
    // Whoever would notice first is cut off from it: only the far peer can see that it is dead.
    members.stream()
        .filter(peer -> peer != far && peer != dead)
        .forEach(peer -> scenario.simulation.cut(peer.process, dead.process));
    dead.process.kill();
    far.process.run(now -> far.ring.onLink(now, dead.id(), LinkEvent.REFUSED));
    scenario.run(1.5);
    for (RingPeer member : scenario.members()) {
      assertThat(member.events)
          .as("%s, seed %d", member, seed)
          .contains(new NetworkEvent.PeerFailed(dead.id()));
    }
  }
}
