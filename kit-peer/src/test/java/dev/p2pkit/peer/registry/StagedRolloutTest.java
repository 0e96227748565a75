// Roll-outs in waves: who runs what, and when.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.SECOND;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.Stages.V2;
import static dev.p2pkit.peer.registry.Stages.canary;
import static dev.p2pkit.peer.registry.Stages.inFirstWave;
import static dev.p2pkit.peer.registry.Stages.next;
import static dev.p2pkit.peer.registry.Stages.publish;
import static dev.p2pkit.peer.registry.Stages.running;
import static dev.p2pkit.peer.registry.Stages.staged;
import static dev.p2pkit.peer.registry.Stages.value;
import static dev.p2pkit.peer.registry.World.OWNER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.Schedule;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StagedRolloutTest {
  @Test
  void onlyTheFirstWaveRunsTheNewVersionAndTheOthersSayThatTheyWait() {
    World world = running(1, 30);
    Node installer = world.nodes.get(0);
    long first = inFirstWave(world, 20);
    assertThat(first).isBetween(1L, 29L);

    UpdateReport report =
        value(world.installed(installer, staged(world, installer, canary(20)), V2));
    world.run(Duration.ofMinutes(30));

    assertThat(report.count(Phase.ACTIVE)).isEqualTo(first);
    assertThat(report.count(Phase.PENDING)).isEqualTo(30 - first);
    assertThat(report.missing()).isEmpty();
    assertThat(running(world, V2)).isEqualTo(first);
    assertThat(running(world, V1)).isEqualTo(30 - first);
    // The epoch is in force everywhere: no message that names it waits anywhere.
    assertThat(world.nodes)
        .allMatch(node -> node.registry.directory().activeEpochOf("counter") == 2);
    // Those who wait were relabelled, not loaded again.
    assertThat(world.nodes.stream().filter(node -> node.deployment.history.size() == 1).count())
        .isEqualTo(30 - first);
    assertThat(world.nodes).allMatch(node -> node.deployment.prepared.isEmpty());
  }

  @Test
  void thePromotionOpensTheNextWaveAndWhoIsInStaysInThroughAPause() {
    World world = running(2, 20);
    Node installer = world.nodes.get(0);
    long first = inFirstWave(world, 30);
    value(world.installed(installer, staged(world, installer, canary(30)), V2));

    publish(installer, staged(world, installer, canary(30).paused(true)));
    world.run(Duration.ofSeconds(20));
    assertThat(running(world, V2)).isEqualTo(first);
    Node newcomer = world.add("newcomer");
    newcomer.joined = true;
    world.views();
    world.run(Duration.ofSeconds(20));
    assertThat(newcomer.deployment.running.get("counter/1").edition()).isEqualTo(FIRST);

    publish(installer, staged(world, installer, canary(30).opened(2)));
    world.run(Duration.ofSeconds(20));
    assertThat(running(world, V2)).isEqualTo(21);
    assertThat(world.nodes)
        .allMatch(node -> node.deployment.history.stream().distinct().count() <= 2);
  }

  @Test
  void whoHasItIsToldThatOthersHaveStillToGetItAsLongAsALaterWaveIsClosed() {
    World world = running(2, 20);
    Node installer = world.nodes.get(0);
    long later = world.wall() + Duration.ofMinutes(30).toMillis();
    value(world.installed(installer, staged(world, installer, canary(30, later)), V2));
    String second = "counter/1 " + V2.hash();
    world.run(Duration.ofMinutes(25));
    assertThat(world.nodes)
        .allSatisfy(
            node ->
                assertThat(node.deployment.awaited.get(second))
                    .isEqualTo(inFirstWave(node, 30) ? Boolean.TRUE : null));

    world.run(Duration.ofMinutes(10));
    assertThat(running(world, V2)).isEqualTo(20);
    assertThat(world.nodes).noneMatch(node -> node.deployment.awaited.get(second));
  }

  @Test
  void aWaveThatIsOpenStaysOpenOverARestart() {
    World world = running(3, 12);
    Node installer = world.nodes.get(0);
    value(world.installed(installer, staged(world, installer, canary(40)), V2));
    Node canary =
        world.nodes.stream().filter(node -> node.runs("counter/1") == 2).findFirst().orElseThrow();
    Node control = canary == installer ? world.nodes.get(1) : installer;
    // From now on its schedule would keep everybody out.
    publish(control, staged(world, control, canary(40).paused(true)));
    world.run(Duration.ofSeconds(10));

    canary.peer.kill();
    world.views();
    world.run(Duration.ofSeconds(2));
    canary.restart();
    world.views();
    world.run(Duration.ofSeconds(10));

    assertThat(canary.deployment.running.get("counter/1").edition()).isEqualTo(SECOND);
  }

  @Test
  void theAuditNamesAWaveThatHasOpenedWhileItsPeerWasAwayOnce() {
    World world = running(3, 12);
    Node installer = world.nodes.get(0);
    long at = world.wall() + Duration.ofMinutes(10).toMillis();
    Schedule later =
        new Schedule(
            List.of(
                new Wave(4_000, Optional.empty(), at),
                new Wave(Wave.ALL, Optional.empty(), Wave.WHEN_PROMOTED)),
            HealthLimits.DEFAULT,
            false,
            0);
    value(world.installed(installer, staged(world, installer, later), V2));
    Node canary =
        world.nodes.stream()
            .filter(node -> node != installer && inFirstWave(node, 40))
            .findFirst()
            .orElseThrow();
    assertThat(canary.audit).extracting(AuditEntry::what).endsWith(AuditEntry.What.SCHEDULED);

    canary.peer.kill();
    world.views();
    world.run(Duration.ofMinutes(15));
    for (int start = 0; start < 2; start++) {
      canary.restart();
      world.views();
      world.run(Duration.ofSeconds(10));
      assertThat(canary.deployment.running.get("counter/1").edition()).isEqualTo(SECOND);
      assertThat(canary.audit.stream().filter(it -> it.what() == AuditEntry.What.UPGRADE))
          .singleElement()
          .satisfies(line -> assertThat(line.toString()).contains("while this peer was away"));
      canary.peer.kill();
      world.views();
      world.run(Duration.ofSeconds(2));
    }
  }

  /** A ring of 10 with one peer that bears the label {@code site=lab}. */
  private static World oneInTheLab(long seed) {
    World world = running(seed, 10);
    Node chosen = world.nodes.get(7);
    chosen.labels = Map.of("site", "lab");
    chosen.peer.kill();
    world.views();
    chosen.restart();
    world.views();
    world.run(Duration.ofSeconds(5));
    return world;
  }

  private static Schedule labFirst(long othersNotBefore) {
    return new Schedule(
        List.of(
            new Wave(0, Optional.of("site=lab"), 0),
            new Wave(Wave.ALL, Optional.empty(), othersNotBefore)),
        HealthLimits.DEFAULT,
        false,
        0);
  }

  @Test
  void labelsChooseTheFirstWave() {
    World world = oneInTheLab(4);
    Node installer = world.nodes.get(0);

    value(world.installed(installer, staged(world, installer, labFirst(Wave.WHEN_PROMOTED)), V2));

    assertThat(running(world, V2)).isEqualTo(1);
    assertThat(world.nodes.get(7).deployment.running.get("counter/1").edition()).isEqualTo(SECOND);
  }

  @Test
  void oneReportOfALabelledPeerOpensNothingSinceNobodyKnowsHowManyThereAre() {
    World world = oneInTheLab(10);
    Node installer = world.nodes.get(0);
    Node other = world.nodes.get(3);
    Schedule schedule = labFirst(world.wall() + 60_000);
    value(world.installed(installer, staged(world, installer, schedule), V2));
    world.run(Duration.ofMinutes(10));
    assertThat(running(world, V2)).isEqualTo(1);
    assertThat(other.audit)
        .extracting(AuditEntry::what)
        .containsExactly(AuditEntry.What.INSTALL, AuditEntry.What.SCHEDULED);

    publish(installer, staged(world, installer, schedule.promoted(world.wall())));
    world.run(Duration.ofSeconds(20));
    assertThat(running(world, V2)).isEqualTo(10);
    assertThat(other.audit)
        .extracting(AuditEntry::what)
        .endsWith(AuditEntry.What.CONTROL, AuditEntry.What.UPGRADE);
    assertThat(other.audit).hasSize(4);
  }

  @Test
  void aTimeThatHasNotComeKeepsEvenTheFirstWaveClosed() {
    World world = running(5, 8);
    Node installer = world.nodes.get(0);
    Schedule tonight =
        new Schedule(
            List.of(new Wave(Wave.ALL, Optional.empty(), world.wall() + 3_600_000)),
            HealthLimits.DEFAULT,
            false,
            0);
    value(world.installed(installer, staged(world, installer, tonight), V2));
    world.run(Duration.ofMinutes(59));
    assertThat(running(world, V1)).isEqualTo(8);

    world.run(Duration.ofMinutes(2));
    assertThat(running(world, V2)).isEqualTo(8);
  }

  @Test
  void atAFirstInstallInWavesTheOthersRunNothingAndSayWhy() {
    World world = new World(6).ring(10);
    Node installer = world.nodes.get(0);
    ServiceRecord record =
        ServiceRecord.first(
            OWNER, "counter", "1", SECOND, Plan.staged(canary(30), Optional.empty()), world.wall());
    UpdateReport report = value(world.installed(installer, record, V2));

    long first = Math.max(1, inFirstWave(world, 30));
    assertThat(report.count(Phase.ACTIVE)).isEqualTo(first);
    Node outside =
        world.nodes.stream()
            .filter(node -> node.deployment.running.isEmpty())
            .findFirst()
            .orElseThrow();
    AtomicReference<Result<Long>> answer = new AtomicReference<>();
    outside.peer.run(
        now ->
            outside.registry.mention(
                now, "counter", 1, installer.peer.ref(), (then, result) -> answer.set(result)));
    assertThat(answer.get()).isInstanceOf(Result.Failure.class);
    assertThat(((Result.Failure<Long>) answer.get()).detail())
        .contains("wave 2 of 2 opens when the owner promotes");
  }

  @Test
  void whereNobodyFallsIntoTheFirstWaveTheLowestPlaceGoesFirst() {
    World world = running(7, 5);
    Node installer = world.nodes.get(0);
    Schedule thin =
        new Schedule(
            List.of(
                new Wave(1, Optional.empty(), 0),
                new Wave(Wave.ALL, Optional.empty(), Wave.WHEN_PROMOTED)),
            HealthLimits.DEFAULT,
            false,
            0);
    value(world.installed(installer, staged(world, installer, thin), V2));
    world.run(Duration.ofMinutes(1));
    assertThat(running(world, V2)).isEqualTo(1);
  }

  @Test
  void aRollbackLeavesThoseAloneWhoNeverLeft() {
    World world = running(8, 20);
    Node installer = world.nodes.get(0);
    long first = inFirstWave(world, 30);
    value(world.installed(installer, staged(world, installer, canary(30)), V2));

    UpdateReport report =
        value(world.installed(installer, next(world, installer, FIRST, Plan.AT_ONCE), V1));

    assertThat(report.count(Phase.ACTIVE)).isEqualTo(20);
    assertThat(running(world, V1)).isEqualTo(20);
    assertThat(world.nodes.stream().filter(node -> node.deployment.history.size() == 1).count())
        .isEqualTo(20 - first);
  }

  @Test
  void aVersionThatCrashesIsNotTriedAgainThereNotEvenAfterARestart() {
    World world = running(9, 20);
    world.nodes.forEach(node -> node.deployment.crashing.add(V2.hash()));
    Node installer = world.nodes.get(0);
    long first = inFirstWave(world, 30);
    value(world.installed(installer, staged(world, installer, canary(30)), V2));
    world.run(Duration.ofSeconds(10));
    assertThat(running(world, V1)).isEqualTo(20);
    List<Node> crashed =
        world.nodes.stream().filter(node -> node.deployment.loaded.contains(V2.hash())).toList();
    assertThat(crashed).hasSize((int) first);

    Node one = crashed.get(0);
    one.peer.kill();
    world.views();
    one.restart();
    world.views();
    world.run(Duration.ofSeconds(10));
    assertThat(one.deployment.loaded).containsExactly(V1.hash());
  }
}
