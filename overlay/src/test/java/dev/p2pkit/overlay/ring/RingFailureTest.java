// Deaths, pauses, losses, cuts: the ring heals, and nobody is buried alive.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingFailureTest {
  private static <E extends NetworkEvent> Set<PeerId> heard(
      RingPeer peer, Class<E> kind, Function<E, PeerId> whom) {
    return peer.events.stream()
        .filter(kind::isInstance)
        .map(event -> whom.apply(kind.cast(event)))
        .collect(Collectors.toSet());
  }

  private static Set<PeerId> failed(RingPeer peer) {
    return heard(peer, NetworkEvent.PeerFailed.class, NetworkEvent.PeerFailed::peer);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void aRingHealsAfterConsecutiveDeaths(int deaths) {
    RingScenario scenario = RingScenario.ring(100 + deaths, 20);
    List<RingPeer> members = scenario.members();
    List<RingPeer> dead = members.subList(1, 1 + deaths);
    dead.forEach(peer -> peer.process.kill());
    scenario.heals(Duration.ofSeconds(20));
    assertThat(scenario.members()).hasSize(20 - deaths);
    Set<PeerId> ids = dead.stream().map(RingPeer::id).collect(Collectors.toSet());
    for (RingPeer survivor : scenario.members()) {
      assertThat(failed(survivor)).isEqualTo(ids);
    }
  }

  @Test
  void anOwnersDeathIsNoticedWithinAFewRoundTrips() {
    RingScenario scenario = RingScenario.ring(3, 20);
    RingPeer dead = scenario.members().get(4);
    RingPeer heir = scenario.members().get(5);
    dead.process.kill();
    // One way at most 25 ms: the closed link, the dial and its refusal.
    scenario.run(0.1);
    assertThat(heir.owns(dead.id().position())).isTrue();
    scenario.run(0.9);
    for (RingPeer member : scenario.members()) {
      assertThat(member.ring.view().owner(dead.id().position())).isEqualTo(heir.ref());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 30})
  void theLastPeerAliveIsAlone(int size) {
    RingScenario scenario = RingScenario.ring(size, size);
    RingPeer last = scenario.members().get(size / 2);
    scenario.members().stream().filter(peer -> peer != last).forEach(peer -> peer.process.kill());
    scenario.heals(Duration.ofSeconds(30));
    assertThat(last.events).contains(new NetworkEvent.Alone());
    assertThat(last.ring.view().successors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 17})
  void theLastPeerIsAloneAlsoWhenHostsDieSilently(int size) {
    RingScenario scenario = RingScenario.ring(size, size);
    RingPeer last = scenario.members().get(0);
    scenario.members().stream()
        .filter(peer -> peer != last)
        .forEach(peer -> peer.process.killHost());
    scenario.heals(Duration.ofSeconds(40));
    assertThat(last.events).contains(new NetworkEvent.Alone());
  }

  @Test
  void aHostThatDiesSilentlyIsFoundByTwoWitnesses() {
    RingScenario scenario = RingScenario.ring(5, 20);
    RingPeer dead = scenario.members().get(7);
    dead.process.killHost();
    scenario.run(2);
    assertThat(scenario.members().get(0).ring.view().find(dead.id())).isPresent();
    scenario.heals(Duration.ofSeconds(10));
    for (RingPeer member : scenario.members()) {
      assertThat(failed(member)).containsExactly(dead.id());
    }
  }

  @Test
  void aShortPauseKillsNobody() {
    RingScenario scenario = RingScenario.ring(6, 20);
    RingPeer sleeper = scenario.members().get(3);
    for (int i = 0; i < 5; i++) {
      sleeper.process.pause();
      scenario.run(2);
      sleeper.process.resume();
      scenario.run(3);
    }
    scenario.heals(Duration.ofSeconds(5));
    for (RingPeer member : scenario.members()) {
      assertThat(failed(member)).isEmpty();
    }
  }

  @Test
  void aPeerThatSleptForLongComesBack() {
    RingScenario scenario = RingScenario.ring(7, 20);
    RingPeer sleeper = scenario.members().get(3);
    sleeper.process.pause();
    scenario.run(30);
    assertThat(scenario.members().get(10).ring.view().find(sleeper.id())).isEmpty();
    sleeper.process.resume();
    scenario.heals(Duration.ofSeconds(15));
    assertThat(scenario.members()).hasSize(20).contains(sleeper);
    assertThat(sleeper.ring.statistics().refutations()).isPositive();
    for (RingPeer member : scenario.members()) {
      assertThat(failed(member)).isSubsetOf(Set.of(sleeper.id()));
    }
  }

  @Test
  void aPeerThatSleptDoesNotServeBeforeItsSuccessorKnowsIt() {
    RingScenario scenario = RingScenario.ring(7, 20);
    RingPeer sleeper = scenario.members().get(3);
    sleeper.process.pause();
    scenario.run(30);
    sleeper.process.resume();
    scenario.run(0.005);
    assertThat(sleeper.owns(sleeper.id().position())).isFalse();
  }

  @Test
  void aRingGrowsAndStaysWholeWhereMessagesAreLost() {
    RingScenario scenario = new RingScenario(8);
    scenario.simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.05).withDuplication(0.02));
    scenario.grow(40);
    scenario.heals(Duration.ofMinutes(1));
    scenario.run(60);
    for (RingPeer member : scenario.members()) {
      assertThat(failed(member)).isEmpty();
    }
    scenario.members().get(3).process.kill();
    scenario.members().get(20).process.killHost();
    scenario.heals(Duration.ofMinutes(1));
    assertThat(scenario.members()).hasSize(38);
  }

  @Test
  void aLeavingPeerIsNotTakenForDead() {
    RingScenario scenario = RingScenario.ring(9, 20);
    RingPeer leaver = scenario.members().get(6);
    RingPeer heir = scenario.members().get(7);
    leaver.leave();
    assertThat(leaver.owns(leaver.id().position())).isFalse();
    // One way at most 25 ms: the farewell, and the heir has its larger arc registered.
    scenario.run(0.08);
    assertThat(heir.owns(leaver.id().position())).isTrue();
    scenario.run(2);
    assertThat(leaver.left).isTrue();
    leaver.process.kill();
    scenario.heals(Duration.ofSeconds(10));
    assertThat(scenario.members()).hasSize(19);
    for (RingPeer member : scenario.members()) {
      assertThat(heard(member, NetworkEvent.PeerLeft.class, NetworkEvent.PeerLeft::peer))
          .containsExactly(leaver.id());
      assertThat(failed(member)).isEmpty();
    }
  }

  @Test
  void allPeersMayLeaveAtOnce() {
    RingScenario scenario = RingScenario.ring(10, 5);
    scenario.members().forEach(RingPeer::leave);
    scenario.run(10);
    assertThat(scenario.peers).allMatch(peer -> peer.left);
  }

  @Test
  void aPeerThatLeftMayJoinAgain() {
    RingScenario scenario = RingScenario.ring(11, 20);
    RingPeer leaver = scenario.members().get(6);
    RingPeer other = scenario.members().get(1);
    leaver.leave();
    scenario.run(5);
    leaver.left = false;
    leaver.joined = false;
    leaver.join(other);
    scenario.run(5);
    scenario.heals(Duration.ofSeconds(10));
    assertThat(scenario.members()).hasSize(20);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 20})
  void aRestartedProcessTakesItsPlaceAgain(int size) {
    RingScenario scenario = RingScenario.ring(12, size);
    RingPeer peer = scenario.members().get(1);
    RingPeer other = scenario.members().get(0);
    peer.process.restart();
    peer.boot();
    peer.join(other);
    scenario.run(8);
    assertThat(peer.joined).isTrue();
    scenario.heals(Duration.ofSeconds(10));
    assertThat(scenario.members()).hasSize(size);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 20})
  void ofTwoLiveProcessesOfOneIdentityTheLaterStaysAndTheyNeverServeAtOnce(int size) {
    RingScenario scenario = RingScenario.ring(13, size);
    RingPeer original = scenario.members().get(1);
    RingPeer other = scenario.members().get(0);
    RingPeer copy = new RingPeer(scenario.simulation.peer(original.id()), scenario.config);
    copy.join(other);
    boolean copyServed = false;
    for (int step = 0; step < 2_000; step++) {
      scenario.run(0.01);
      copyServed |= serves(scenario, copy);
      assertThat(serves(scenario, copy) && serves(scenario, original)).isFalse();
    }
    assertThat(copy.joined).isTrue();
    assertThat(copyServed).isTrue();
    assertThat(original.left).isTrue();
    assertThat(original.supersededBy).contains(copy.process.ref().endpoint());
    original.join(other);
    scenario.run(5);
    assertThat(original.failure).contains(ErrorCode.ADDRESS_IN_USE);
    assertThat(original.failureDetail)
        .contains("data directory")
        .contains(copy.process.ref().endpoint().toString());
    assertThat(serves(scenario, copy)).isTrue();
  }

  private static boolean serves(RingScenario scenario, RingPeer peer) {
    return scenario.simulation.now()
        < peer.ring.view().holding().tenure(OwnershipMode.STRICT).until();
  }

  @Test
  void joiningThroughTheDeadEndsWithNoRouteInTime() {
    RingScenario scenario = new RingScenario(14);
    RingPeer dead = scenario.add();
    RingPeer silent = scenario.add();
    dead.process.kill();
    silent.process.killHost();
    RingPeer joiner = scenario.joiner(dead, silent);
    scenario.run(15.1);
    assertThat(joiner.failure).contains(ErrorCode.NO_ROUTE);
    assertThat(joiner.failureDetail).contains("refused the connection");
    assertThat(joiner.ring.view().joined()).isFalse();
  }

  @Test
  void aPeerBehindOneCutPathStaysAMember() {
    RingScenario scenario = RingScenario.ring(15, 20);
    List<RingPeer> members = scenario.members();
    scenario.simulation.cut(members.get(4).process, members.get(5).process);
    scenario.run(60);
    for (RingPeer member : members) {
      assertThat(failed(member)).isEmpty();
    }
    assertThat(members.get(4).events).anyMatch(NetworkEvent.Rejected.class::isInstance);
    scenario.simulation.mend(members.get(4).process, members.get(5).process);
    scenario.heals(Duration.ofSeconds(20));
  }
}
