// Installs and upgrades on a ring: all, or nothing.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final Archive V1 = archive(1, 150_000);
  private static final Archive V2 = archive(2, 150_000);
  private static final Archive V3 = archive(3, 1_000);

  private static UpdateReport report(Result<UpdateReport> outcome) {
    assertThat(outcome).isInstanceOf(Result.Value.class);
    return ((Result.Value<UpdateReport>) outcome).value();
  }

  private static Result.Failure<UpdateReport> failure(Result<UpdateReport> outcome) {
    assertThat(outcome).isInstanceOf(Result.Failure.class);
    return (Result.Failure<UpdateReport>) outcome;
  }

  @Test
  void fiftyPeersAllRunWhatWasInstalled() {
    World world = new World(1).ring(50);
    Node installer = world.nodes.get(7);
    ServiceRecord record = world.sign(installer, OWNER, "counter", edition(V1, "1.0"));

    UpdateReport report = report(world.installed(installer, record, V1));

    assertThat(report.missing()).isEmpty();
    assertThat(report.epoch()).isEqualTo(1);
    assertThat(report.peers()).hasSize(50);
    assertThat(report.peers())
        .allMatch(
            peer -> peer.phase() == ServiceStatus.Phase.ACTIVE && peer.version().equals("1.0"));
    assertThat(world.running("counter/1", 1)).isEqualTo(50);
    assertThat(world.nodes).allMatch(node -> node.archives.has(V1.hash()));
    assertThat(world.nodes).allMatch(node -> node.registry.directory().epochOf("counter") == 1);
  }

  @Test
  void theArchiveIsNotServedByTheInstallerAlone() {
    World world = new World(2).ring(50);
    Node installer = world.nodes.get(0);
    Archive large = archive(4, 3_000_000);
    report(
        world.installed(
            installer, world.sign(installer, OWNER, "big", edition(large, "1")), large));
    long total =
        world.nodes.stream().mapToLong(node -> node.transfer.statistics().chunksServed()).sum();
    assertThat(total).isEqualTo(49L * 49);
    assertThat(installer.transfer.statistics().chunksServed()).isLessThan(total / 2);
  }

  @Test
  void aFailingPreparationAnywhereLeavesEverybodyOnTheOldVersion() {
    World world = new World(3).ring(20);
    Node installer = world.nodes.get(3);
    report(
        world.installed(
            installer, world.sign(installer, OWNER, "counter", edition(V1, "1.0")), V1));
    Node stubborn = world.nodes.get(11);
    stubborn.deployment.failing.put(V2.hash(), ErrorCode.MIGRATION_FAILED);

    Result<UpdateReport> outcome =
        world.installed(installer, world.sign(installer, OWNER, "counter", edition(V2, "2.0")), V2);

    assertThat(failure(outcome).code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(failure(outcome).detail()).contains(stubborn.peer.ref().toString());
    world.run(Duration.ofSeconds(10));
    assertThat(world.running("counter/1", 1)).isEqualTo(20);
    assertThat(world.nodes).allMatch(node -> node.deployment.prepared.isEmpty());
    assertThat(world.nodes).allMatch(node -> node.registry.directory().epochOf("counter") == 1);

    // Nothing stays locked: the next version goes through.
    report(
        world.installed(
            installer, world.sign(installer, OWNER, "counter", edition(V3, "2.1")), V3));
    assertThat(world.running("counter/1", 2)).isEqualTo(20);
  }

  @Test
  void aSealedServiceIsNotUpgradedAndAnotherKeyIsNotAuthorised() {
    World world = new World(4).ring(5);
    Node installer = world.nodes.get(0);
    ServiceRecord sealed = world.sign(installer, OWNER, "sealed", Edition.of(V1, "1", false, true));
    report(world.installed(installer, sealed, V1));
    // The record's own rules stop an honest signer; here is one who signs without the old record.
    ServiceRecord forked =
        ServiceRecord.first(OWNER, "sealed", "1", edition(V2, "2"), world.wall() - 60_000)
            .next(OWNER, edition(V3, "3"), world.wall());

    assertThat(failure(world.installed(world.nodes.get(1), forked, V3)).code())
        .isEqualTo(ErrorCode.NOT_UPGRADEABLE);

    ServiceRecord stolen =
        ServiceRecord.first(OTHER, "sealed", "1", edition(V2, "2"), world.wall());
    assertThat(failure(world.installed(world.nodes.get(2), stolen, V2)).code())
        .isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(world.running("sealed/1", 1)).isEqualTo(5);
  }

  @Test
  void anUntrustedOwnerLearnsHowToBecomeTrusted() {
    World world = new World(5);
    world.trust = TrustPolicy.trusting(Set.of(OWNER.publicHex()));
    world.ring(4);
    Node installer = world.nodes.get(0);
    ServiceRecord record = world.sign(installer, OTHER, "counter", edition(V1, "1"));

    Result.Failure<UpdateReport> failure = failure(world.installed(installer, record, V1));

    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail()).contains("--trust " + OTHER.publicHex());
    report(
        world.installed(installer, world.sign(installer, OWNER, "counter", edition(V1, "1")), V1));
  }

  @Test
  void aForgedRecordIsRefusedByEverybody() {
    World world = new World(6).ring(4);
    byte[] forged = world.sign(world.nodes.get(0), OWNER, "counter", edition(V1, "1")).encoded();
    forged[forged.length - 1] ^= 1;

    Result.Failure<UpdateReport> failure =
        failure(world.installed(world.nodes.get(0), ServiceRecord.decode(forged), V1));

    assertThat(failure.code()).isEqualTo(ErrorCode.BAD_SIGNATURE);
    assertThat(world.running("counter/1", 1)).isZero();
  }

  @Test
  void anEpochThatWasUsedIsRefused() {
    World world = new World(7).ring(4);
    Node installer = world.nodes.get(0);
    ServiceRecord first = world.sign(installer, OWNER, "counter", edition(V1, "1"));
    report(world.installed(installer, first, V1));
    report(world.installed(installer, first.next(OWNER, edition(V2, "2"), world.wall()), V2));

    Result.Failure<UpdateReport> failure = failure(world.installed(world.nodes.get(1), first, V1));

    assertThat(failure.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(failure.detail()).contains("epoch 2").contains("in force already");
    assertThat(world.running("counter/1", 2)).isEqualTo(4);
  }

  @Test
  void ofTwoRolloutsAtOnceOneFindsTheServiceTaken() {
    World world = new World(8).ring(16);
    Node one = world.nodes.get(2);
    Node other = world.nodes.get(9);
    ServiceRecord mine = world.sign(one, OWNER, "counter", edition(V1, "1"));
    ServiceRecord theirs = world.sign(other, OWNER, "counter", edition(V2, "2"));

    AtomicReference<Result<UpdateReport>> first =
        world.install(one, mine, V1, Duration.ofSeconds(20));
    AtomicReference<Result<UpdateReport>> second =
        world.install(other, theirs, V2, Duration.ofSeconds(20));
    world.simulation.runUntil(
        () -> first.get() != null && second.get() != null, Duration.ofSeconds(21));

    List<Result<UpdateReport>> outcomes = List.of(first.get(), second.get());
    assertThat(outcomes).filteredOn(Result.Value.class::isInstance).hasSize(1);
    Result<UpdateReport> loser =
        outcomes.stream().filter(Result.Failure.class::isInstance).findFirst().orElseThrow();
    assertThat(failure(loser).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(world.running("counter/1", 1)).isEqualTo(16);
    assertThat(world.nodes.stream().map(it -> it.deployment.running.get("counter/1")).distinct())
        .hasSize(1);
  }

  @Test
  void aPeerThatDiesOrJoinsInTheMiddleDoesNotHoldItUp() {
    World world = new World(9).ring(12);
    Node installer = world.nodes.get(0);
    Node dying = world.nodes.get(5);
    Node frozen = world.nodes.get(6);
    ServiceRecord record = world.sign(installer, OWNER, "counter", edition(V1, "1"));
    world.nodes.forEach(node -> node.deployment.prepareTime = Duration.ofSeconds(2));

    AtomicReference<Result<UpdateReport>> outcome =
        world.install(installer, record, V1, Duration.ofSeconds(30));
    world.run(Duration.ofMillis(700));
    dying.peer.kill();
    frozen.peer.pause();
    Node joiner = world.add("joiner");
    joiner.joined = true;
    world.views();

    boolean ended = world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(31));
    assertThat(ended).isTrue();
    UpdateReport report = report(outcome.get());
    assertThat(report.missing()).contains(dying.peer.id(), frozen.peer.id());
    assertThat(report.peers()).hasSize(10);

    frozen.peer.resume();
    world.run(Duration.ofSeconds(20));
    assertThat(frozen.runs("counter/1")).isEqualTo(1);
    assertThat(joiner.runs("counter/1")).isEqualTo(1);
    assertThat(joiner.registry.caughtUp()).isTrue();
  }

  @Test
  void anInstallerThatDiesLeavesNothingLocked() {
    World world = new World(10).ring(8);
    Node installer = world.nodes.get(0);
    world.nodes.forEach(node -> node.deployment.prepareTime = Duration.ofSeconds(1));
    world.install(
        installer,
        world.sign(installer, OWNER, "counter", edition(V1, "1")),
        V1,
        Duration.ofSeconds(30));
    world.run(Duration.ofMillis(500));
    installer.peer.kill();
    world.views();
    world.run(Duration.ofSeconds(2));

    Node next = world.nodes.get(1);
    report(world.installed(next, world.sign(next, OWNER, "counter", edition(V2, "1")), V2));
    assertThat(world.running("counter/1", 1)).isEqualTo(7);
  }

  @Test
  void whoAsksForTheStatusWithoutEndHasTheOthersAnswerNowAndThen() {
    World world = new World(12).ring(3);
    Node asking = world.nodes.get(1);
    report(world.installed(asking, world.sign(asking, OWNER, "counter", edition(V1, "1")), V1));
    AtomicInteger questions = new AtomicInteger();
    world.simulation.observe(
        new SimulationObserver() {
          @Override
          public void sent(
              SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
            if (message instanceof RegistryMessage.StatusRequest) {
              questions.incrementAndGet();
            }
          }
        });
    List<List<ServiceStatus>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      asking.peer.run(
          now ->
              asking.registry.statuses(
                  now, Optional.empty(), now + 2_000_000, (then, list) -> answers.add(list)));
    }
    world.run(Duration.ofSeconds(1));
    assertThat(answers).hasSize(1_000).allMatch(list -> list.get(0).peers().size() == 3);
    assertThat(questions).as("two of them, to two others").hasValue(4);

    // What was asked while another question was open is answered with what is so by then.
    asking.peer.run(
        now ->
            asking.registry.statuses(
                now, Optional.empty(), now + 2_000_000, (then, list) -> answers.add(list)));
    asking.publish(world.sign(asking, OWNER, "counter", edition(V2, "2")), V2);
    world.run(Duration.ofMillis(StatusQueries.SPACING / 2_000));
    asking.peer.run(
        now ->
            asking.registry.statuses(
                now, Optional.empty(), now + 2_000_000, (then, list) -> answers.add(list)));
    world.run(Duration.ofSeconds(1));
    assertThat(answers.get(1_001).get(0).epoch()).isEqualTo(2);
  }

  @Test
  void statusNamesWhatEveryPeerRuns() {
    World world = new World(11).ring(6);
    Node installer = world.nodes.get(0);
    report(
        world.installed(
            installer, world.sign(installer, OWNER, "counter", edition(V1, "1.0")), V1));
    world.nodes.get(2).unstored.put("counter", "the disk is full");
    AtomicReference<List<ServiceStatus>> answer = new AtomicReference<>();
    Node asking = world.nodes.get(4);
    asking.peer.run(
        now ->
            asking.registry.statuses(
                now, Optional.of("counter"), now + 2_000_000, (then, list) -> answer.set(list)));
    world.run(Duration.ofSeconds(1));

    assertThat(answer.get()).hasSize(1);
    ServiceStatus status = answer.get().get(0);
    assertThat(status.owner()).isEqualTo(OWNER.fingerprint());
    assertThat(status.peers()).hasSize(6);
    assertThat(status.peers()).allMatch(peer -> peer.phase() == ServiceStatus.Phase.ACTIVE);
    assertThat(status.peers())
        .as("the owner sees where a restart would forget the record")
        .allSatisfy(
            peer ->
                assertThat(peer.detail())
                    .isEqualTo(
                        peer.peer().equals(world.nodes.get(2).peer.id())
                            ? "the disk is full"
                            : ""));
  }
}
