// States on their way between schemas: chains, typed steps, the way back, and what it costs.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent.ServiceReverted;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaPathTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final RuntimeConfig QUICK =
      RuntimeConfig.DEFAULT.backOff(
          Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(200));

  /** Of schema 1: {@code n}; of schema 2: {@code count}; of schema 3: {@code total} and a name. */
  private static final String ONE = "public record First(long n) {}";

  private static final String TWO = "public record Second(long count) {}";
  private static final String THREE = "public record Third(long total, String by) {}";
  private static final String FROM_ONE_TO_TWO =
      ".upgradeFrom(1, 2, old -> old.rename(\"n\", \"count\"))";
  private static final String FROM_TWO =
      ".upgradeFrom(2, old -> new Third(old.getLong(\"count\"), \"two\"))";
  private static final String BACK_TO_ONE =
      ".downgradeState(1, s -> Tree.of(Map.of(\"n\", s.count())))";

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(directory, QUICK);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private static ServiceJar version(
      int schema, String type, String record, String initial, String next, String steps) {
    return new ServiceJar()
        .source(type, record)
        .maker(
            "return ServiceDescriptor.stateful(%s.class).initialState(() -> new %s(%s))"
                    .formatted(type, type, initial)
                + steps
                + ".on(String.class, (m, s, c) -> {"
                + " if (m.equals(\"crash\")) { throw new IllegalStateException(\"as asked\"); }"
                + " var next = m.equals(\"add\") ? new %s(%s) : s;".formatted(type, next)
                + " c.reply(String.valueOf(next)); return next; }).build();")
        .stateful(String.valueOf(schema), "svc." + type, schema, "");
  }

  private static ServiceJar one() {
    return version(1, "First", ONE, "0", "s.n() + 1", "");
  }

  private static ServiceJar two(String steps) {
    return version(2, "Second", TWO, "0", "s.count() + 1", steps);
  }

  private static ServiceJar three(String steps) {
    return version(3, "Third", THREE, "0, \"new\"", "s.total() + 1, s.by()", steps);
  }

  private String say(String message) {
    return rig.rpc(message).answer(String.class);
  }

  private void crashLoop() {
    for (int i = 0; i < 5; i++) {
      assertThat(rig.rpc("crash").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    }
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.REVERTED);
  }

  @Test
  void stepsOfAChainAreAppliedOneAfterTheOther() {
    rig.install(one());
    say("add");
    rig.install(three(FROM_ONE_TO_TWO + FROM_TWO));
    assertThat(say("read")).isEqualTo("Third[total=1, by=two]");
  }

  @Test
  void aChainThatEndsBeforeThisSchemaGoesOnByName() {
    rig.install(one());
    say("add");
    rig.install(three(".upgradeFrom(1, 2, old -> old.rename(\"n\", \"total\"))"));
    assertThat(say("read")).isEqualTo("Third[total=1, by=null]");
  }

  @Test
  void aDirectStepIsTakenInsteadOfTheChain() {
    rig.install(one());
    say("add");
    rig.install(three(".upgradeFrom(1, old -> new Third(old.getLong(\"n\"), \"one\"))" + FROM_TWO));
    assertThat(say("read")).isEqualTo("Third[total=1, by=one]");
  }

  @Test
  void anOldClassThatIsCarriedAlongGivesATypedStep() {
    rig.install(one());
    say("add");
    rig.install(
        three(
                FROM_ONE_TO_TWO
                    + ".upgradeState(2, Old.class, old -> new Third(old.count(), \"typed\"))")
            .source("Old", "public record Old(long count) {}"));
    assertThat(say("read")).isEqualTo("Third[total=1, by=typed]");
  }

  @Test
  void theLinkThatFailsIsNamed() {
    rig.install(one());
    KitException refusal =
        rig.refusal(
            three(FROM_ONE_TO_TWO + ".upgradeFrom(2, old -> new Third(old.getLong(\"x\"), \"\"))")
                .build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(refusal.detail()).contains("the upgrade from schema 2 failed").contains("'x'");
  }

  @Test
  void aStepThatTheSchemaForbidsIsABadArchive() {
    for (String steps :
        new String[] {
          ".upgradeFrom(2, old -> new Second(0))",
          ".upgradeFrom(1, 3, old -> old)",
          ".downgradeState(2, s -> Tree.of(s))"
        }) {
      KitException refusal = rig.refusal(two(steps).build());
      assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
      assertThat(refusal.detail()).contains("raise schema");
    }
  }

  @Test
  void aRollbackUsesTheDowngradeAndLosesNothing() {
    rig.install(one());
    say("add");
    rig.install(two(FROM_ONE_TO_TWO + BACK_TO_ONE));
    say("add");
    rig.install(one());
    assertThat(say("read")).isEqualTo("First[n=2]");
    assertThat(rig.runtime.statistics().turnsLost()).isZero();
  }

  @Test
  void aDowngradeMayReturnARecordOfItsOwn() {
    rig.install(one());
    say("add");
    rig.install(
        two(FROM_ONE_TO_TWO + ".downgradeState(1, s -> Tree.of(new Old(s.count())))")
            .source("Old", "public record Old(long n) {}"));
    rig.install(one());
    assertThat(say("read")).isEqualTo("First[n=1]");
  }

  @Test
  void aDowngradeThatDoesNotWorkIsFoundBeforeTheUpgrade() {
    rig.install(one());
    KitException refusal =
        rig.refusal(
            two(FROM_ONE_TO_TWO + ".downgradeState(1, s -> Tree.of(Map.of(\"n\", \"x\")))")
                .build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(refusal.detail()).contains("the way back does not work").contains("'n'");
  }

  @Test
  void aRollbackWithoutDowngradeTakesTheSnapshotOnProbationAndSaysWhatIsLost() {
    rig.install(one());
    say("add");
    rig.install(two(FROM_ONE_TO_TWO));
    say("add");
    say("add");
    rig.install(one());
    assertThat(say("read")).isEqualTo("First[n=1]");
    assertThat(rig.status().detail()).contains("2 turns since the upgrade are lost");
    assertThat(rig.runtime.statistics().turnsLost()).isEqualTo(2);
  }

  @Test
  void afterTheProbationItIsRefusedUnlessTheTurnsSinceMayGo() throws Exception {
    rig.close();
    rig = new Rig(directory, QUICK.probation(Duration.ZERO));
    rig.install(one());
    say("add");
    rig.install(two(FROM_ONE_TO_TWO));
    say("add");
    KitException refusal = rig.refusal(one().build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(refusal.detail())
        .contains("declares no downgradeState(1, ...)")
        .contains("--discard-since")
        .contains("the 1 turns since");
    Release back = rig.release(Rig.KEY, one().build()).discardingSince();
    Prepared prepared = rig.runtime.prepare(back).get(30, TimeUnit.SECONDS);
    rig.runtime.activate(prepared).get(30, TimeUnit.SECONDS);
    assertThat(say("read")).isEqualTo("First[n=1]");
  }

  @Test
  void anotherArchiveOfAnOlderSchemaHasNoSnapshot() {
    rig.install(one());
    rig.install(two(FROM_ONE_TO_TWO));
    say("add");
    KitException refusal = rig.refusal(one().entry("other", new byte[1]).build());
    assertThat(refusal.detail())
        .contains("install a version that declares it first")
        .doesNotContain("--discard-since");
  }

  @Test
  void aRevertKeepsTheTurnsOfTheBadVersion() {
    rig.install(one());
    say("add");
    rig.install(two(FROM_ONE_TO_TWO + BACK_TO_ONE));
    say("add");
    crashLoop();
    assertThat(say("read")).isEqualTo("First[n=2]");
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () -> assertThat(rig.events).contains(new ServiceReverted("svc", "1", 1, 0)));
  }

  @Test
  void aRevertOfTheSameSchemaKeepsTheTurnsOfTheBadVersion() {
    rig.install(one());
    say("add");
    rig.install(one().entry("other", new byte[1]));
    say("add");
    crashLoop();
    assertThat(say("read")).isEqualTo("First[n=2]");
  }

  @Test
  void aRevertWithoutAWayBackCountsWhatIsLost() {
    rig.install(one());
    say("add");
    rig.install(two(FROM_ONE_TO_TWO));
    say("add");
    say("add");
    say("add");
    crashLoop();
    assertThat(say("read")).isEqualTo("First[n=1]");
    assertThat(rig.status().detail())
        .contains("3 turns since the upgrade are lost")
        .contains("declares no downgradeState(1, ...)");
    assertThat(rig.runtime.statistics().turnsLost()).isEqualTo(3);
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () -> assertThat(rig.events).contains(new ServiceReverted("svc", "1", 1, 3)));
  }

  @Test
  void aPeerThatWasAwayDuringARollbackGoesBackWithItsFile() {
    ServiceJar first = durable(one(), "First", 1);
    rig.install(first);
    say("add");
    rig.install(durable(two(FROM_ONE_TO_TWO + BACK_TO_ONE), "Second", 2));
    say("add");
    rig.close();
    Release back =
        new Release(
            Rig.KEY,
            7,
            first.build().hash(),
            ServiceJar.release(Rig.KEY, 7, first.build(), directory).archiveFile());
    rig = new Rig(directory, QUICK);
    rig.runtime
        .activate(rig.runtime.prepare(back).orTimeout(30, TimeUnit.SECONDS).join())
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
    assertThat(say("read")).isEqualTo("First[n=2]");
  }

  private static ServiceJar durable(ServiceJar jar, String type, int schema) {
    return jar.descriptor(
        ("{\"format\":1,\"name\":\"svc\",\"version\":\"%d\",\"maker\":\"svc.Maker\",\"state\":"
                + "{\"type\":\"svc.%s\",\"schema\":%d,\"durability\":\"JOURNAL\"}}")
            .formatted(schema, type, schema));
  }

  @Test
  void kindsOfASealedTypeStayApartInATree() {
    ServiceJar old =
        new ServiceJar()
            .source(
                "Shapes",
                "public record Shapes(Map<String, Shape> all) {"
                    + " public sealed interface Shape {}"
                    + " public record Disc(long size) implements Shape {}"
                    + " public record Box(long size) implements Shape {} }")
            .maker(
                "return ServiceDescriptor.stateful(Shapes.class).initialState(() -> new Shapes("
                    + "Map.of(\"a\", new Shapes.Disc(1), \"b\", new Shapes.Box(2))))"
                    + ".on(String.class, (m, s, c) -> s).build();")
            .stateful("1", "svc.Shapes", 1, "");
    ServiceJar next =
        new ServiceJar()
            .source(
                "Figures",
                "public record Figures(Map<String, Figure> figures) {"
                    + " public sealed interface Figure {}"
                    + " public record Disc(long size) implements Figure {}"
                    + " public record Box(long size) implements Figure {} }")
            .maker(
                "return ServiceDescriptor.stateful(Figures.class)"
                    + ".initialState(() -> new Figures(Map.of()))"
                    + ".upgradeFrom(1, 2, old -> old.rename(\"all\", \"figures\"))"
                    + ".on(String.class, (m, s, c) -> { c.reply(s.figures().get(\"b\").toString());"
                    + " return s; }).build();")
            .stateful("2", "svc.Figures", 2, "");
    rig.install(old);
    rig.install(next);
    assertThat(say("read")).isEqualTo("Box[size=2]");
  }
}
