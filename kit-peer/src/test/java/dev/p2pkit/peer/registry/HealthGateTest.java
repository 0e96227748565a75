// What opens a wave by itself, and what keeps it closed.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.canary;
import static dev.p2pkit.peer.registry.Stages.inFirstWave;
import static dev.p2pkit.peer.registry.Stages.publish;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.runs;
import static dev.p2pkit.peer.registry.Stages.staged;
import static dev.p2pkit.peer.registry.Stages.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.HybridTime;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.simulator.SimulatedSeals;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.Deployment.Tally;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthGateTest {
  private static final int MINUTE = 60_000;

  private static void roll(World world, int percent) {
    Node installer = world.nodes.get(0);
    value(
        world.installed(
            installer, staged(world, installer, canary(percent, world.wall() + 5 * MINUTE)), V2));
  }

  private static void turns(World world, Tally first, Tally second) {
    for (Node node : world.nodes) {
      node.deployment.tallies.put(V1.hash(), first);
      node.deployment.tallies.put(V2.hash(), second);
    }
  }

  private static List<String> details(World world, Node asking) {
    AtomicReference<List<ServiceStatus>> answer = new AtomicReference<>();
    asking.peer.run(
        now ->
            asking.registry.statuses(
                now, Optional.of("counter"), now + 2_000_000, (then, list) -> answer.set(list)));
    world.run(Duration.ofSeconds(3));
    return answer.get().get(0).peers().stream().map(ServiceStatus.OnPeer::detail).toList();
  }

  @Test
  void aHealthyWaveLetsTheNextOneOpenWhenItsTimeHasCome() {
    World world = running(1, 40);
    turns(world, new Tally(10_000, 10, 50), new Tally(1_000, 2, 80));
    roll(world, 10);
    world.run(Duration.ofMinutes(4));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, 10));

    world.run(Duration.ofSeconds(90));
    assertThat(running(world, V2)).isEqualTo(40);
  }

  @Test
  void acceptance7CanaryWithACrashingVersionRevertsAndTheOthersNeverRunIt() {
    World world = running(2, 50);
    world.nodes.forEach(node -> node.deployment.crashing.add(V2.hash()));
    long first = inFirstWave(world, 10);
    assertThat(first).isPositive();
    roll(world, 10);
    world.run(Duration.ofMinutes(1));
    assertThat(details(world, world.nodes.get(3)))
        .as("who watches sees it before the time of the next wave has come")
        .filteredOn(
            detail ->
                detail.startsWith("wave 2 of 2 opens at")
                    && detail.contains("; the roll-out is halted, " + first + " peer"))
        .hasSize(50 - (int) first);
    world.run(Duration.ofMinutes(29));

    assertThat(running(world, V1)).isEqualTo(50);
    assertThat(world.nodes)
        .filteredOn(node -> node.deployment.loaded.contains(V2.hash()))
        .hasSize((int) first)
        .allMatch(node -> inFirstWave(node, 10));
    assertThat(details(world, world.nodes.get(3)))
        .filteredOn(
            detail -> detail.contains("wave 2 of 2: the roll-out is halted, " + first + " peer"))
        .hasSize(50 - (int) first);
  }

  @Test
  void aRevertIsKnownToTheRegistryAtOnce() {
    World world = running(7, 10);
    Node node = world.nodes.get(3);
    node.deployment.crashing.add(V2.hash());
    node.deployment.whenReverted =
        () -> node.peer.run(now -> node.registry.ranOtherwise(now, "counter", "1"));
    Node installer = world.nodes.get(0);
    value(world.installed(installer, staged(world, installer, canary(100, world.wall())), V2));
    for (int i = 0; i < 1_000 && !node.deployment.loaded.contains(V2.hash()); i++) {
      world.run(Duration.ofMillis(10));
    }
    for (int i = 0; i < 1_000 && !runs(node, V1); i++) {
      world.run(Duration.ofMillis(10));
    }
    assertThat(node.audit)
        .as("not with the next look at what runs, which may be 3 s away")
        .anyMatch(entry -> entry.what() == AuditEntry.What.REVERT);
  }

  @Test
  void unknownHealthKeepsTheNextWaveClosed() {
    World world = running(3, 30);
    Node installer = world.nodes.get(0);
    value(
        world.installed(
            installer, staged(world, installer, canary(20, world.wall() + MINUTE)), V2));
    // Nobody of the first wave can be heard any more, though all of them are members.
    world.nodes.stream().filter(node -> inFirstWave(node, 20)).forEach(node -> node.peer.pause());
    world.run(Duration.ofMinutes(10));
    List<Node> rest = world.nodes.stream().filter(node -> !inFirstWave(node, 20)).toList();
    assertThat(rest).allMatch(node -> runs(node, V1) || node.peer.paused());

    world.nodes.stream().filter(node -> node.peer.paused()).forEach(node -> node.peer.resume());
    world.run(Duration.ofMinutes(2));
    assertThat(running(world, V2)).isEqualTo(30);
  }

  /** A network whose second wave does not open, as the new version does so badly. */
  private static World heldAfterTheFirstWave(long seed, Tally bad, String why) {
    World world = running(seed, 30);
    turns(world, new Tally(10_000, 0, 50), bad);
    roll(world, 20);
    world.run(Duration.ofMinutes(20));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, 20));
    assertThat(details(world, world.nodes.get(0))).anyMatch(it -> it.contains(why));
    return world;
  }

  @Test
  void moreErrorsThanTheOwnerAllowsKeepItClosedUntilTheyAreFew() {
    World world = heldAfterTheFirstWave(4, new Tally(1_000, 50, 50), "5.00 % of the turns");

    turns(world, new Tally(10_000, 0, 50), new Tally(100_000, 60, 50));
    world.run(Duration.ofMinutes(10));
    assertThat(running(world, V2)).isEqualTo(30);
  }

  @Test
  void aVersionThatIsTooSlowKeepsItClosed() {
    heldAfterTheFirstWave(5, new Tally(1_000, 0, 150), "turns take 150 µs");
  }

  @Test
  void theOwnerHastensWhatHealthHolds() {
    World world = running(6, 30);
    turns(world, new Tally(10_000, 0, 50), new Tally(1_000, 0, 150));
    roll(world, 20);
    world.run(Duration.ofMinutes(10));
    assertThat(running(world, V2)).isLessThan(30);

    Node any = world.nodes.get(5);
    publish(any, staged(world, any, canary(20, world.wall()).opened(2)));
    world.run(Duration.ofSeconds(20));
    assertThat(running(world, V2)).isEqualTo(30);
  }

  @Test
  void aPeerThatJoinsInTheMiddleObeysItsWaveAndLearnsTheHealth() {
    World world = running(7, 30);
    world.nodes.forEach(node -> node.deployment.crashing.add(V2.hash()));
    roll(world, 20);
    world.run(Duration.ofMinutes(10));
    for (int i = 0; i < 6; i++) {
      world.add("late-" + i).joined = true;
    }
    world.views();
    world.run(Duration.ofMinutes(1));

    for (Node late : world.nodes.subList(30, 36)) {
      if (!inFirstWave(late, 20)) {
        assertThat(late.deployment.running.get("counter/1").edition()).isEqualTo(FIRST);
      }
    }
    assertThat(details(world, world.nodes.get(35)).get(0)).isNotEmpty();
  }

  @Test
  void aCutInTheMiddleHealsToOneVersion() {
    World world = running(8, 40);
    roll(world, 20);
    for (int i = 0; i < 20; i++) {
      world.nodes.get(i).side = 1;
    }
    world.simulation.partition(
        List.of(
            world.nodes.subList(0, 20).stream().map(node -> node.peer).toList(),
            world.nodes.subList(20, 40).stream().map(node -> node.peer).toList()));
    world.views();
    world.run(Duration.ofMinutes(3));
    // On one side the owner takes it back, the other side goes on with its waves.
    Node left = world.nodes.get(0);
    publish(left, Stages.next(world, left, FIRST, Plan.AT_ONCE));
    world.run(Duration.ofMinutes(5));
    assertThat(world.nodes.subList(0, 20)).allMatch(node -> runs(node, V1));
    assertThat(world.nodes.subList(20, 40)).allMatch(node -> runs(node, V2));

    world.nodes.forEach(node -> node.side = 0);
    world.simulation.unite();
    world.views();
    world.run(Duration.ofMinutes(1));
    assertThat(running(world, V1)).isEqualTo(40);
  }

  @Test
  void whoSealsForAnotherIsNotBelieved() {
    World world = running(9, 20);
    roll(world, 20);
    world.run(Duration.ofSeconds(20));
    Node victim =
        world.nodes.stream().filter(node -> inFirstWave(node, 20)).findFirst().orElseThrow();
    Node liar =
        world.nodes.stream().filter(node -> !inFirstWave(node, 20)).findFirst().orElseThrow();
    Node judge =
        world.nodes.stream().filter(it -> it != liar && it != victim).findFirst().orElseThrow();
    ServiceRecord record = judge.registry.current("counter", "1").orElseThrow();
    HealthReport lie =
        HealthReport.sealed(
            new SimulatedSeals(liar.peer.id()),
            victim.peer.id(),
            record,
            HealthReport.State.REVERTED,
            0,
            1,
            Tally.NONE,
            Tally.NONE,
            HybridTime.at(world.wall()));
    judge.peer.run(
        now ->
            judge.registry.onMessage(
                now,
                liar.peer.ref(),
                new RegistryMessage.Health(false, List.of(), List.of(), List.of(lie))));

    assertThat(judge.registry.statistics().refused()).containsEntry("health", 1L);
    world.run(Duration.ofMinutes(10));
    assertThat(running(world, V2)).isEqualTo(20);
  }

  @Test
  void praiseInTheNamesOfPeersThatDoNotExistOpensNoWave() {
    World world = running(4, 30);
    turns(world, new Tally(10_000, 0, 50), new Tally(1_000, 50, 50));
    roll(world, 20);
    world.run(Duration.ofMinutes(1));
    ServiceRecord record = world.nodes.get(0).registry.current("counter", "1").orElseThrow();
    for (int i = 0; i < 3; i++) {
      PeerId made = new PeerId(Key.hash("made up " + i));
      Tally many = new Tally(1_000_000_000, 0, 50);
      HealthReport praise =
          HealthReport.sealed(
              new SimulatedSeals(made),
              made,
              record,
              HealthReport.State.ACTIVE,
              0,
              1,
              many,
              many,
              HybridTime.at(world.wall()));
      for (Node judge : world.nodes) {
        judge.peer.run(
            now ->
                judge.registry.onMessage(
                    now,
                    world.nodes.get(1).peer.ref(),
                    new RegistryMessage.Health(false, List.of(), List.of(), List.of(praise))));
      }
    }
    world.run(Duration.ofMinutes(20));
    assertThat(running(world, V2)).isEqualTo(inFirstWave(world, 20));
  }

  @Test
  void onePeerThatCountsForManyDoesNotHideHowTheOthersDo() {
    HealthLimits limits = HealthLimits.DEFAULT;
    Tally before = new Tally(1_000, 0, 50);
    HealthReport honest = report("honest", new Tally(1_000, 200, 50), before);
    HealthReport liar = report("liar", new Tally(1L << 60, 0, 1), before);
    HealthReport well = report("well", new Tally(900, 0, 50), before);
    assertThat(HealthSum.objection(List.of(honest), limits)).isPresent();
    assertThat(HealthSum.objection(List.of(honest, liar), limits)).isPresent();
    assertThat(HealthSum.objection(List.of(well, liar), limits)).isEmpty();
    assertThat(HealthSum.objection(List.of(well), limits)).isEmpty();
  }

  private static HealthReport report(String name, Tally now, Tally before) {
    return new HealthReport(
        new PeerId(Key.hash(name)),
        new Chain("counter", "1", "00".repeat(32)),
        V2.hash(),
        HealthReport.State.ACTIVE,
        0,
        1,
        now,
        before,
        1,
        new byte[0]);
  }
}
