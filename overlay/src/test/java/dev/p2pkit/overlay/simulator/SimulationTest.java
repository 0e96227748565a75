// The simulated network: order, loss, deaths, cuts, pauses, and that a run repeats itself.
package dev.p2pkit.overlay.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.simulator.EchoMachine.Numbered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class SimulationTest {
  private static final Logger LOG = LoggerFactory.getLogger(SimulationTest.class);

  private final Simulation simulation = Simulation.seeded(42);
  private final SimulatedPeer first = simulation.peer("first");
  private final SimulatedPeer second = simulation.peer("second");
  private final EchoMachine one = first.host(new EchoMachine.Codec(0xF0), EchoMachine::new);
  private final EchoMachine two = second.host(new EchoMachine.Codec(0xF0), EchoMachine::new);

  private void send(long from, long to) {
    for (long value = from; value < to; value++) {
      one.effects.send(second.ref(), new Numbered(value, false));
    }
  }

  private static List<Long> numbers(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  @Test
  void aLinkOpensOnTheFirstMessageAndKeepsTheOrder() {
    send(0, 100);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(two.heard).isEqualTo(numbers(0, 100));
    assertThat(one.answers).isEqualTo(numbers(0, 100));
    assertThat(one.links).containsExactly(LinkEvent.UP);
    assertThat(two.links).containsExactly(LinkEvent.UP);
    assertThat(simulation.statistics().dials()).isEqualTo(1);
  }

  @Test
  void aLinkToAProcessThatEndedBehindACutIsResetWhenItIsUsedAgain() {
    send(0, 1);
    simulation.runFor(Duration.ofSeconds(1));
    simulation.partition(List.of(List.of(first)));
    second.restart();
    EchoMachine next = second.host(new EchoMachine.Codec(0xF0), EchoMachine::new);
    simulation.runFor(Duration.ofSeconds(5));
    simulation.unite();
    assertThat(one.links).containsExactly(LinkEvent.UP);
    send(1, 2);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(one.links).containsExactly(LinkEvent.UP, LinkEvent.DOWN);
    send(2, 3);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(next.heard).containsExactly(2L);
  }

  @Test
  void lossDuplicationAndReorderingDoWhatTheySay() {
    simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.2));
    send(0, 1_000);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(two.heard).hasSizeBetween(700, 900).isSorted();

    two.heard.clear();
    simulation.conditions(NetworkConditions.DEFAULT.withDuplication(0.2).withReordering(0.2));
    send(1_000, 2_000);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(two.heard).hasSizeBetween(1_100, 1_300).containsAll(numbers(1_000, 2_000));
    assertThat(two.heard).isNotEqualTo(two.heard.stream().sorted().toList());
  }

  @Test
  void someMessagesVanishWhileTheOthersAreSentAgain() {
    send(0, 1);
    simulation.runFor(Duration.ofSeconds(1));
    two.heard.clear();
    simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.2).withRetransmission(1));
    send(1, 1_000);
    simulation.runFor(Duration.ofSeconds(10));
    assertThat(two.heard).isEmpty();
    simulation.runFor(Duration.ofSeconds(20));
    assertThat(two.heard).hasSizeBetween(700, 900).isSorted();
  }

  @Test
  void aBrokenLinkIsNoticedAtBothEndsAndOpensAgain() {
    send(0, 1);
    simulation.runFor(Duration.ofSeconds(1));
    simulation.breakLink(first, second);
    simulation.runFor(Duration.ofSeconds(1));
    send(1, 2);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(one.links).containsExactly(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.UP);
    assertThat(two.links).containsExactly(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.UP);
    assertThat(two.heard).containsExactly(0L, 1L);
  }

  @Test
  void aDeadProcessRefusesAndADeadHostIsSilent() {
    send(0, 1);
    simulation.runFor(Duration.ofSeconds(1));
    second.kill();
    simulation.runFor(Duration.ofSeconds(1));
    send(1, 2);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(one.links).containsExactly(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.REFUSED);

    one.links.clear();
    second.restart();
    EchoMachine third = second.host(new EchoMachine.Codec(0xF0), EchoMachine::new);
    send(2, 3);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(third.heard).containsExactly(2L);
    second.killHost();
    simulation.runFor(Duration.ofSeconds(10));
    assertThat(one.links).containsExactly(LinkEvent.UP);
    simulation.runFor(Duration.ofSeconds(10));
    send(3, 4);
    simulation.runFor(Duration.ofSeconds(10));
    assertThat(one.links).containsExactly(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.UNREACHABLE);
  }

  @Test
  void aCutPathSwallowsMessagesUntilItIsMended() {
    send(0, 1);
    simulation.runFor(Duration.ofSeconds(1));
    simulation.cut(first, second);
    send(1, 2);
    simulation.runFor(Duration.ofSeconds(1));
    simulation.mend(first, second);
    send(2, 3);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(two.heard).containsExactly(0L, 2L);

    simulation.partition(List.of(List.of(first)));
    simulation.runFor(Duration.ofSeconds(20));
    assertThat(one.links).endsWith(LinkEvent.DOWN);
    simulation.unite();
    send(3, 4);
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(two.heard).endsWith(3L);
  }

  @Test
  void aPausedPeerGetsEverythingWhenItWakes() {
    send(0, 1);
    simulation.runFor(Duration.ofSeconds(1));
    second.pause();
    two.effects.timer(7, simulation.now() + 1_000_000);
    send(1, 5);
    simulation.runFor(Duration.ofSeconds(3));
    assertThat(two.heard).containsExactly(0L);
    long wake = simulation.now();
    second.resume();
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(two.heard).isEqualTo(numbers(0, 5));
    assertThat(two.timers).containsExactly(wake);
  }

  @Test
  void timersMoveAndStop() {
    one.effects.timer(1, 1_000);
    one.effects.timer(1, 2_000);
    one.effects.timer(2, 1_500);
    one.effects.cancel(2);
    simulation.runFor(Duration.ofMillis(10));
    assertThat(one.timers).containsExactly(2_000L);
  }

  @Test
  void aRunRepeatsItselfFromItsSeed() {
    assertThat(trace(1)).isEqualTo(trace(1)).isNotEqualTo(trace(2));
  }

  private static long trace(long seed) {
    Simulation run = busyNetwork(seed, 20);
    run.runFor(Duration.ofSeconds(5));
    return run.traceHash();
  }

  @Test
  void anErrorInAMachineNamesSeedTimeAndPeer() {
    assertThatThrownBy(
            () ->
                first.run(
                    now -> {
                      throw new IllegalStateException("broken");
                    }))
        .hasMessageContaining("seed 42")
        .hasMessageContaining(first.id().shortText())
        .hasMessageContaining("broken");
  }

  @Test
  void aThousandPeersMakeAMillionStepsQuickly() {
    Simulation run = busyNetwork(3, 1_000);
    long start = System.nanoTime();
    run.runFor(Duration.ofSeconds(20));
    double seconds = (System.nanoTime() - start) / 1e9;
    LOG.info("{} steps/s", Math.round(run.statistics().occurrences() / seconds));
    assertThat(run.statistics().occurrences()).isGreaterThan(1_000_000);
  }

  private static Simulation busyNetwork(long seed, int peers) {
    Simulation run = Simulation.seeded(seed);
    run.conditions(NetworkConditions.DEFAULT.withLoss(0.0001));
    List<SimulatedPeer> all = new ArrayList<>();
    List<EchoMachine> machines = new ArrayList<>();
    for (int index = 0; index < peers; index++) {
      SimulatedPeer peer = run.peer("peer-" + index);
      all.add(peer);
      EchoMachine machine = peer.host(new EchoMachine.Codec(0xF0), EchoMachine::new);
      machine.echo = true;
      machines.add(machine);
    }
    for (int index = 0; index < peers; index++) {
      for (int copy = 0; copy < 3; copy++) {
        // Never itself: such messages take no time.
        int to = (index + 1 + run.random().nextInt(peers - 1)) % peers;
        machines.get(index).effects.send(all.get(to).ref(), new Numbered(0, false));
      }
    }
    return run;
  }
}
