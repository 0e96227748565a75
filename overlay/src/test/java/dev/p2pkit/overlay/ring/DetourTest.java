// Neighbours on the ring that cannot reach each other speak through a third peer.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.ring.MembershipMessage.Probe;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulatedSeals;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetourTest {
  /** How often the keys of these peers, looked at ten times a second, had no server. */
  private static int unserved(RingScenario scenario, List<RingPeer> owners, int seconds) {
    int unserved = 0;
    for (int i = 0; i < 10 * seconds; i++) {
      scenario.run(0.1);
      for (RingPeer owner : owners) {
        Key last = owner.id().position();
        unserved += RingOracle.owners(scenario.members(), last) == 1 ? 0 : 1;
      }
    }
    return unserved;
  }

  private static void nobodyWasFoundDead(RingScenario scenario) {
    for (RingPeer member : scenario.members()) {
      assertThat(member.events).noneMatch(NetworkEvent.PeerFailed.class::isInstance);
      assertThat(member.ring.statistics().deathsDeclared()).isZero();
    }
  }

  private static long passedOn(RingScenario scenario) {
    return scenario.peers.stream().mapToLong(p -> p.ring.statistics().relaysPassedOn()).sum();
  }

  @ParameterizedTest
  @CsvSource({"31, 20, true", "32, 40, true", "33, 5, true", "34, 20, false", "35, 4, false"})
  void anArcWhoseHolderDoesNotReachItsGrantorIsServedAllTheTime(
      long seed, int size, boolean bothWays) {
    RingScenario scenario = new RingScenario(seed);
    scenario.simulation.conditions(NetworkConditions.WIDE_AREA);
    scenario.form(size);
    scenario.run(5);
    List<RingPeer> members = scenario.members();
    RingPeer holder = members.get(1);
    RingPeer grantor = members.get(2);
    if (bothWays) {
      scenario.simulation.cut(holder.process, grantor.process);
    } else {
      scenario.simulation.cutOneWay(holder.process, grantor.process);
    }
    assertThat(unserved(scenario, members, 60)).isZero();
    nobodyWasFoundDead(scenario);
    assertThat(passedOn(scenario)).isGreaterThan(60);
    scenario.simulation.mendAll();
    scenario.run(5);
    long before = passedOn(scenario);
    scenario.run(10);
    assertThat(passedOn(scenario)).as("once the straight way is open").isEqualTo(before);
    scenario.heals(Duration.ofSeconds(10));
    nobodyWasFoundDead(scenario);
  }

  @Test
  void whoNeedsItsWholeBudgetForItselfPassesNothingOnAndOthersDo() {
    RingConfig poor =
        RingConfig.DEFAULT.withLadder(LadderConfig.DEFAULT.withBudget(256, 16L << 20));
    List<RingConfig> configs = new ArrayList<>(Collections.nCopies(8, poor));
    configs.set(4, RingConfig.DEFAULT);
    RingScenario scenario = new RingScenario(36);
    scenario.form(configs);
    // Their heartbeats alone take nearly all of it.
    scenario.run(40);
    RingPeer rich = scenario.peers.get(4);
    List<RingPeer> others = scenario.members().stream().filter(peer -> peer != rich).toList();
    scenario.simulation.cut(others.get(1).process, others.get(2).process);
    assertThat(unserved(scenario, others.subList(1, 3), 30)).isZero();
    assertThat(others).allMatch(peer -> peer.ring.statistics().relaysPassedOn() == 0);
    assertThat(rich.ring.statistics().relaysPassedOn()).isGreaterThan(30);
    nobodyWasFoundDead(scenario);
  }

  @ParameterizedTest
  @ValueSource(longs = {41, 42, 43, 44})
  void whenTheOneThatPassesThemOnDiesAnotherIsFoundWithinTheLease(long seed) {
    RingScenario scenario = new RingScenario(seed);
    scenario.simulation.conditions(NetworkConditions.WIDE_AREA);
    scenario.form(20);
    scenario.run(5);
    RingPeer holder = scenario.members().get(1);
    RingPeer grantor = scenario.members().get(2);
    scenario.simulation.cut(holder.process, grantor.process);
    scenario.run(10);
    RingPeer between =
        scenario.members().stream()
            .max(Comparator.comparingLong(p -> p.ring.statistics().relaysPassedOn()))
            .orElseThrow();
    between.process.killHost();
    assertThat(unserved(scenario, List.of(holder), 30)).isZero();
  }

  /** Brings what it likes over a link of its own, and keeps what it gets. */
  private static final class Courier implements Machine {
    final List<WireMessage> heard = new ArrayList<>();
    final SimulatedPeer process;
    private Effects effects;

    Courier(RingScenario scenario) {
      process = scenario.simulation.peer("courier");
      process.host(
          RingMachine.codecs(),
          given -> {
            effects = given;
            return this;
          });
    }

    /** Brings a message; true if it was taken and answered by the same way. */
    boolean brings(RingScenario scenario, RingPeer to, Relay relay) {
      heard.clear();
      process.run(now -> effects.send(to.ref(), relay));
      scenario.run(0.2);
      return heard.stream().anyMatch(Relay.class::isInstance);
    }

    @Override
    public void onMessage(long now, PeerRef from, WireMessage message) {
      heard.add(message);
    }
  }

  /** A question of a member to which any other one has an answer. */
  private static Relay asks(RingPeer writer, PeerId via, RingPeer to, long number, long echo) {
    WireMessage question = new WitnessRequest(1, to.ref());
    return written(writer, via, to, number, echo, question);
  }

  private static Relay written(
      RingPeer writer, PeerId via, RingPeer to, long number, long echo, WireMessage message) {
    WireCodec codec =
        RingMachine.codecs().stream().filter(c -> c.handles(message)).findFirst().orElseThrow();
    WireWriter body = new WireWriter(64);
    codec.encode(message, body);
    Relay open =
        Relay.of(writer.ref(), via, to.ref(), number, echo, codec.typeOf(message), body.toBytes());
    return open.sealed(new SimulatedSeals(writer.id()).seal(open.statement()));
  }

  @Test
  void whatIsBroughtForAnotherIsTakenOnceAndOnlyIfThatOneHasWrittenItJustNow() {
    RingScenario scenario = RingScenario.formed(51, 20, 20);
    RingPeer to = scenario.members().get(3);
    RingPeer writer = scenario.members().get(9);
    RingPeer other = scenario.members().get(15);
    Courier courier = new Courier(scenario);
    PeerId via = courier.process.id();

    Relay first = asks(writer, via, to, 100, 0);
    assertThat(courier.brings(scenario, to, first)).as("honest").isTrue();
    assertThat(to.ring.statistics().relaysRefused()).isZero();

    Relay forged = asks(writer, via, to, 101, 0).sealed(new byte[8]);
    Relay othersWay = asks(writer, other.id(), to, 102, 0);
    Relay othersMail = asks(writer, via, other, 103, 0);
    Relay old = asks(writer, via, to, 104, 1);
    Relay early = asks(writer, via, to, 105, to.process.now() + 60_000_000);
    Relay earlierProcess =
        Relay.of(
            writer.ref(),
            via,
            new PeerRef(to.id(), to.ref().endpoint(), to.ref().incarnation() - 1),
            105,
            0,
            first.type(),
            first.body());
    earlierProcess =
        earlierProcess.sealed(new SimulatedSeals(writer.id()).seal(earlierProcess.statement()));
    Relay probe = written(writer, via, to, 106, 0, new Probe(1));
    Relay joining = written(writer, via, to, 107, 0, new JoinRequest());
    Relay nested = written(writer, via, to, 108, 0, first);
    Relay garbled =
        new Relay(
            writer.id(),
            writer.ref().incarnation(),
            via,
            to.id(),
            to.ref().incarnation(),
            109,
            0,
            0xA0,
            new byte[1],
            new byte[0]);
    garbled = garbled.sealed(new SimulatedSeals(writer.id()).seal(garbled.statement()));
    List<Relay> lies =
        List.of(
            first,
            forged,
            othersWay,
            othersMail,
            old,
            early,
            earlierProcess,
            probe,
            joining,
            nested,
            garbled);
    for (Relay lie : lies) {
      assertThat(courier.brings(scenario, to, lie)).as("taken: %s", lie).isFalse();
    }
    assertThat(to.ring.statistics().relaysRefused()).isEqualTo(lies.size());

    Relay next = asks(writer, via, to, 110, to.process.now());
    courier.brings(scenario, to, next);
    assertThat(to.ring.statistics().relaysRefused()).as("honest again").isEqualTo(lies.size());
  }

  /** A request that another brings, and that is taken. */
  private record Brought(
      RingScenario scenario, RingPeer to, RingPeer writer, Courier courier, Relay request) {
    static Brought in(RingScenario scenario, int writer) {
      RingPeer to = scenario.members().get(3);
      RingPeer from = scenario.members().get(writer);
      Courier courier = new Courier(scenario);
      Relay request = asks(from, courier.process.id(), to, 100, 0);
      assertThat(courier.brings(scenario, to, request)).isTrue();
      return new Brought(scenario, to, from, courier, request);
    }

    boolean isTakenFrom(RingPeer other, long number) {
      return courier.brings(scenario, to, asks(other, courier.process.id(), to, number, 0));
    }

    boolean isTakenAgain() {
      return courier.brings(scenario, to, request);
    }
  }

  @Test
  void whatWasTakenOfANeighbourIsNotTakenAgainHoweverManyOthersHaveWritten() {
    Brought brought = Brought.in(RingScenario.formed(53, 80, 20), 5);
    for (int other = 6; other < 76; other++) {
      RingPeer writer = brought.scenario().members().get(other);
      assertThat(brought.isTakenFrom(writer, 100)).isTrue();
    }
    assertThat(brought.isTakenAgain()).isFalse();
  }

  @Test
  void whatWasTakenOfOneThatIsFoundDeadByMistakeIsNotTakenAgain() {
    Brought brought = Brought.in(RingScenario.formed(54, 60, 20), 33);
    RingPeer to = brought.to();
    RingPeer writer = brought.writer();
    MemberNews dead = new MemberNews(MemberNews.Kind.FAILED, writer.ref(), 0);
    to.process.run(now -> to.ring.unite(now, List.of(dead)));
    assertThat(brought.isTakenAgain()).isFalse();
    to.process.run(now -> to.ring.unite(now, List.of(MemberNews.alive(writer.ref(), 1))));
    assertThat(brought.isTakenAgain()).isFalse();
    assertThat(brought.isTakenFrom(writer, 101)).as("it lives").isTrue();
  }

  @Test
  void whoHasKeptManyFirstMessagesBackMakesTheDeadSeemAliveForAMomentOnly() {
    RingScenario scenario = RingScenario.formed(55, 20, 20);
    RingPeer to = scenario.members().get(3);
    RingPeer writer = scenario.members().get(9);
    Courier courier = new Courier(scenario);
    int taken = 0;
    for (int second = 0; second < 60; second++) {
      Relay kept = asks(writer, courier.process.id(), to, 100 + second, 0);
      taken += courier.brings(scenario, to, kept) ? 1 : 0;
      scenario.run(0.8);
    }
    assertThat(taken).isBetween(3, 7);
    Relay heard = asks(writer, courier.process.id(), to, 200, to.process.now());
    assertThat(courier.brings(scenario, to, heard)).as("it has heard something").isTrue();
    Relay again = asks(writer, courier.process.id(), to, 201, 0);
    assertThat(courier.brings(scenario, to, again)).as("another detour").isTrue();
  }

  @Test
  void longMessagesCountForAsManyAsTheyWouldFill() {
    Allowance<String> allowance = new Allowance<>(32);
    assertThat(allowance.take("a", 0, 17)).isTrue();
    assertThat(allowance.take("a", 0, 17)).isFalse();
    assertThat(allowance.take("a", 0, 15)).isTrue();
    assertThat(allowance.take("a", 0)).isFalse();
  }

  @Test
  void aPeerPassesOnOnlyWhatItsNeighbourHasWrittenAndOnlySoMuch() {
    RingScenario scenario = RingScenario.formed(52, 20, 20);
    RingPeer between = scenario.members().get(6);
    RingPeer to = scenario.members().get(3);
    RingPeer writer = scenario.members().get(9);
    Courier courier = new Courier(scenario);
    Relay notItsOwn = asks(writer, between.id(), to, 100, 0);
    assertThat(courier.brings(scenario, between, notItsOwn)).isFalse();
    assertThat(between.ring.statistics().relaysRefused()).isEqualTo(1);
    assertThat(between.ring.statistics().relaysPassedOn()).isZero();

    for (int i = 0; i < 200; i++) {
      Relay relay = asks(writer, between.id(), to, 200 + i, 0);
      between.process.run(now -> between.ring.onMessage(now, writer.ref(), relay));
    }
    assertThat(between.ring.statistics().relaysPassedOn()).isEqualTo(32);
    assertThat(between.ring.statistics().relaysRefused()).isEqualTo(169);
    long spent = between.ring.traffic().bytes(Purpose.RELAY);
    assertThat(spent).isBetween(32L * 100, 32L * 400);
  }
}
