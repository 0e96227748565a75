// A version on probation and the end of the process: what the next process knows of it, and does.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent.ServiceReverted;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbationTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final RuntimeConfig QUICK =
      RuntimeConfig.DEFAULT.backOff(
          Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMinutes(5));
  private static final String HELD = "what the tests of probations hold";

  /** Holds the process in a turn, so that it can die there. */
  private record Held(CountDownLatch begun, CountDownLatch over) {}

  private static final String HOLD =
      "((Runnable) System.getProperties().get(\"" + HELD + "\")).run();";

  private static final Archive FIRST =
      Counters.first("").durable("1", "svc.Totals", 1, "JOURNAL", "").build();
  private static final Archive FIRST_IN_MEMORY = Counters.first("").build();
  private static final Archive SAME_SCHEMA = second(1, "", "JOURNAL", false);
  private static final Archive SAME_SCHEMA_IN_MEMORY = second(1, "", "NONE", false);
  private static final Archive NO_WAY_BACK = second(2, "", "JOURNAL", false);
  private static final Archive WAY_BACK =
      second(
          2,
          ".downgradeState(1, t -> dev.p2pkit.sdk.Tree.of(Map.of(\"count\", t.count())))",
          "JOURNAL",
          false);
  private static final Archive HOLDS_AT_LOADING = second(2, "", "JOURNAL", true);

  @TempDir Path directory;
  private Path archives;
  private Path place;
  private Rig rig;
  private Held held;

  private static Archive second(int schema, String more, String durability, boolean loading) {
    return new ServiceJar()
        .source(
            "Totals",
            "public record Totals(long count) { Totals plus() { return new Totals(count + 1); } }")
        .maker(
            (loading ? HOLD : "")
                + "return ServiceDescriptor.stateful(Totals.class)"
                + ".initialState(() -> new Totals(0))"
                + more
                + Counters.HANDLER.replace(
                    "if (message.equals(\"crash\")) {",
                    "if (message.equals(\"hold\")) {" + HOLD + "} if (message.equals(\"crash\")) {")
                + ".build();")
        .durable(loading ? "bad" : "2", "svc.Totals", schema, durability, "")
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    archives = Files.createDirectory(directory.resolve("archives"));
    place = Files.createDirectory(directory.resolve("first"));
    rig = new Rig(place, QUICK);
    held = new Held(new CountDownLatch(1), new CountDownLatch(1));
    System.getProperties().put(HELD, (Runnable) this::hold);
  }

  @AfterEach
  void stop() {
    held.over().countDown();
    rig.close();
    System.getProperties().remove(HELD);
  }

  private void hold() {
    Held present = held;
    present.begun().countDown();
    for (boolean open = false; !open; ) {
      try {
        present.over().await();
        open = true;
      } catch (InterruptedException e) {
        // As deaf as a process that is about to die.
      }
    }
  }

  private Release release(long epoch, Archive archive) {
    return ServiceJar.release(Rig.KEY, epoch, archive, archives);
  }

  private void run(long epoch, Archive archive) {
    run(release(epoch, archive));
  }

  private void run(Release release) {
    Prepared prepared = rig.runtime.prepare(release).orTimeout(30, TimeUnit.SECONDS).join();
    rig.runtime.activate(prepared).orTimeout(30, TimeUnit.SECONDS).join();
  }

  private void restart(RuntimeConfig config) {
    rig.close();
    rig = new Rig(place, config);
  }

  /** Goes on with the files as they are at this moment, as after a SIGKILL. */
  private void die() throws IOException {
    Path next = Files.createDirectory(directory.resolve("after-" + System.nanoTime()));
    try (Stream<Path> files = Files.walk(place)) {
      for (Path from : files.toList()) {
        Path to = next.resolve(place.relativize(from));
        if (!Files.isDirectory(from)) {
          Files.createDirectories(to.getParent());
          Files.copy(from, to);
        }
      }
    }
    held.over().countDown();
    rig.close();
    held = new Held(new CountDownLatch(1), new CountDownLatch(1));
    place = next;
    rig = new Rig(place, QUICK);
  }

  private void dieInATurn() throws Exception {
    rig.send("hold");
    assertThat(held.begun().await(20, TimeUnit.SECONDS)).isTrue();
    die();
  }

  private void crash(int times) {
    for (int i = 0; i < times; i++) {
      assertThat(rig.rpc("crash").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    }
  }

  private void awaitPhase(Phase phase) {
    await().atMost(MOMENT).until(() -> rig.status().phase() == phase);
  }

  private long add() {
    return rig.rpc("add").answer(Long.class);
  }

  private Path probation() {
    return place.resolve("probation");
  }

  private List<String> files() throws IOException {
    if (!Files.isDirectory(probation())) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(probation())) {
      return all.filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private void awaitFiles(String... names) {
    await().atMost(MOMENT).untilAsserted(() -> assertThat(files()).containsExactly(names));
  }

  @Test
  void aCrashLoopAfterARestartBringsTheVersionBeforeBackWithThePresentState() {
    run(1, FIRST);
    add();
    run(2, WAY_BACK);
    assertThat(add()).isEqualTo(2);
    restart(QUICK);
    run(2, WAY_BACK);
    assertThat(add()).isEqualTo(3);
    crash(5);
    awaitPhase(Phase.REVERTED);
    assertThat(rig.status().version()).isEqualTo("1");
    assertThat(add()).as("nothing is lost, as there is a downgradeState").isEqualTo(4);
    awaitFiles("2.life", "entry");
    restart(QUICK);
    run(2, WAY_BACK);
    assertThat(rig.status().phase()).as("asked for once more").isEqualTo(Phase.REVERTED);
    assertThat(add()).isEqualTo(5);
    restart(QUICK);
    run(release(2, FIRST));
    assertThat(add()).as("the registry knows it by now").isEqualTo(6);
    awaitFiles();
  }

  @Test
  void withoutAWayBackTheStateBeforeTheUpgradeIsTakenAfterARestartTooAndTheTurnsAreCounted()
      throws IOException {
    run(1, FIRST);
    add();
    run(2, NO_WAY_BACK);
    awaitFiles("2.before", "2.life", "entry");
    add();
    add();
    die();
    run(2, NO_WAY_BACK);
    assertThat(add()).isEqualTo(4);
    crash(5);
    awaitPhase(Phase.REVERTED);
    assertThat(rig.status().detail()).contains("3 turns since the upgrade are lost");
    assertThat(rig.runtime.statistics().turnsLost()).isEqualTo(3);
    assertThat(add()).isEqualTo(2);
  }

  @Test
  void crashesBeforeARestartAreNotForgotten() {
    run(1, FIRST_IN_MEMORY);
    run(2, SAME_SCHEMA_IN_MEMORY);
    crash(3);
    restart(QUICK);
    run(2, SAME_SCHEMA_IN_MEMORY);
    crash(1);
    assertThat(rig.status().phase()).isEqualTo(Phase.ACTIVE);
    crash(1);
    awaitPhase(Phase.REVERTED);
    assertThat(rig.status().version()).isEqualTo("1");
  }

  @Test
  void aVersionInWhoseTurnsTheProcessDiesFiveTimesInARowIsNotLoadedAnyMore() throws Exception {
    run(1, FIRST);
    add();
    run(2, NO_WAY_BACK);
    add();
    for (int death = 1; death <= 5; death++) {
      assertThat(rig.status().version()).as("before death %s", death).isEqualTo("2");
      dieInATurn();
      run(2, NO_WAY_BACK);
    }
    assertThat(rig.status().version()).isEqualTo("1");
    assertThat(rig.status().phase()).isEqualTo(Phase.REVERTED);
    assertThat(rig.status().detail()).contains("died 5 times in a row", "1 turns");
    assertThat(add()).isEqualTo(2);
    await().atMost(MOMENT).until(() -> rig.events.contains(new ServiceReverted("svc", "1", 1, 1)));
  }

  @Test
  void deathsOfAnIdleProcessAndOrderlyEndsAreNotTheVersionsDoing() throws Exception {
    run(1, FIRST);
    run(2, SAME_SCHEMA);
    for (int i = 0; i < 3; i++) {
      dieInATurn();
      run(2, SAME_SCHEMA);
    }
    add();
    die();
    run(2, SAME_SCHEMA);
    for (int i = 0; i < 3; i++) {
      dieInATurn();
      run(2, SAME_SCHEMA);
      rig.send("hold");
      assertThat(held.begun().await(20, TimeUnit.SECONDS)).isTrue();
      CountDownLatch over = held.over();
      held = new Held(new CountDownLatch(1), new CountDownLatch(1));
      restart(QUICK);
      over.countDown();
      run(2, SAME_SCHEMA);
    }
    assertThat(rig.status().version()).isEqualTo("2");
    dieInATurn();
    run(2, SAME_SCHEMA);
    dieInATurn();
    run(2, SAME_SCHEMA);
    assertThat(rig.status().version()).as("the fifth in a row").isEqualTo("1");
  }

  @Test
  void aVersionThatTakesTheProcessAlongWhileItIsLoadedIsGivenUpWithoutBeingLoadedOnceMore()
      throws Exception {
    run(1, FIRST);
    add();
    restart(QUICK);
    for (int death = 1; death <= 5; death++) {
      var unused = rig.runtime.prepare(release(2, HOLDS_AT_LOADING));
      assertThat(held.begun().await(20, TimeUnit.SECONDS)).as("death %s", death).isTrue();
      die();
    }
    run(2, HOLDS_AT_LOADING);
    assertThat(rig.status().version()).isEqualTo("1");
    assertThat(rig.status().phase()).isEqualTo(Phase.REVERTED);
    assertThat(add()).isEqualTo(2);
  }

  @Test
  void anUpgradeThatCameWhileThePeerWasAwayIsOnProbationToo() {
    run(1, FIRST);
    add();
    restart(QUICK);
    run(2, SAME_SCHEMA);
    assertThat(add()).isEqualTo(2);
    crash(5);
    awaitPhase(Phase.REVERTED);
    assertThat(add()).isEqualTo(3);
  }

  @Test
  void aDamagedEntryCostsItsServiceTheWayBackAndNoOtherOne() throws IOException {
    ServiceKey other = new ServiceKey("other", "1");
    run(1, FIRST);
    rig.install(other, FIRST);
    run(2, SAME_SCHEMA);
    rig.install(other, SAME_SCHEMA);
    add();
    rig.close();
    Path entry = probation().resolve("svc/1/entry");
    try (RandomAccessFile cut = new RandomAccessFile(entry.toFile(), "rw")) {
      cut.setLength(cut.length() / 2);
    }
    rig = new Rig(place, QUICK);
    assertThat(rig.runtime.statistics().damaged()).isEqualTo(1);
    run(2, SAME_SCHEMA);
    assertThat(rig.status().detail()).contains("does not go back by itself", "entry.damaged");
    assertThat(add()).as("the service goes on").isEqualTo(2);
    crash(5);
    awaitPhase(Phase.STOPPED);
    assertThat(rig.status().version()).isEqualTo("2");
    rig.release(Rig.KEY, SAME_SCHEMA);
    rig.install(other, SAME_SCHEMA);
    for (int i = 0; i < 5; i++) {
      rig.deliver(Call.rpc("other", "crash")).failure();
    }
    await().atMost(MOMENT).until(() -> rig.runtime.status().get(other).phase() == Phase.REVERTED);
  }

  @Test
  void whatIsOnTheDiskGoesWithTheProbationAndWithTheService() {
    restart(QUICK.probation(Duration.ofMillis(1)));
    run(1, FIRST);
    run(2, SAME_SCHEMA);
    awaitFiles();
    crash(5);
    awaitPhase(Phase.STOPPED);
    rig.runtime.remove(Rig.KEY);
    await().atMost(MOMENT).until(() -> rig.runtime.status().isEmpty());
    restart(QUICK);
    run(1, FIRST);
    run(2, SAME_SCHEMA);
    awaitFiles("2.before", "2.life", "entry");
    rig.runtime.rename(Rig.KEY, new ServiceKey("moved", "1")).join();
    await().atMost(MOMENT).until(() -> Files.exists(probation().resolve("moved/1/entry")));
    rig.runtime.remove(new ServiceKey("moved", "1"));
    awaitFiles();
  }

  /** A rollback at any price to the first version, after the probation. */
  private CompletableFuture<Prepared> rollBack(long epoch) {
    return rig.runtime.prepare(release(epoch, FIRST).discardingSince());
  }

  @Test
  void theStateBeforeAChangeOfSchemaIsKeptOnTheDiskAloneAndGoesWithTheNextUpgrade()
      throws IOException {
    restart(QUICK.probation(Duration.ZERO));
    run(1, FIRST);
    add();
    run(2, NO_WAY_BACK);
    add();
    Path kept = probation().resolve("svc/1/2.before");
    Path aside = directory.resolve("aside");
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () -> {
              // While it is in memory, too, a rollback does without the file.
              Files.move(kept, aside);
              try {
                assertThat(Failures.of(rollBack(3)).code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
              } finally {
                Files.move(aside, kept);
              }
            });
    Prepared back = rollBack(3).orTimeout(30, TimeUnit.SECONDS).join();
    rig.runtime.activate(back).orTimeout(30, TimeUnit.SECONDS).join();
    assertThat(add()).as("the state before the upgrade").isEqualTo(2);
    await().atMost(MOMENT).until(() -> !files().contains("2.before"));
  }

  @Test
  void anUpgradeThatCannotBeStoredLeavesTheVersionInUseOnItsOwnProbation() throws IOException {
    run(1, FIRST);
    run(2, SAME_SCHEMA);
    add();
    rig.close();
    Path state = new StateFiles(place.resolve("state"), Long.MAX_VALUE).file(Rig.KEY);
    // One more commit has room, that of the start.
    rig = new Rig(place, QUICK, new StateFiles(place.resolve("state"), Files.size(state)));
    run(2, SAME_SCHEMA);
    awaitFiles("2.before", "2.life", "entry");
    Prepared prepared =
        rig.runtime.prepare(release(3, NO_WAY_BACK)).orTimeout(30, TimeUnit.SECONDS).join();
    CompletableFuture<Activation> refused = rig.runtime.activate(prepared);
    await().atMost(MOMENT).until(refused::isDone);
    assertThat(Failures.of(refused).code()).isEqualTo(ErrorCode.QUOTA);
    awaitFiles("2.before", "2.life", "entry");
    restart(QUICK);
    run(2, SAME_SCHEMA);
    assertThat(add()).isEqualTo(2);
    crash(5);
    awaitPhase(Phase.REVERTED);
    assertThat(rig.status().version()).isEqualTo("1");
  }

  @Test
  void aRollOutThatHasNotReachedAllProlongsTheProbationButNotForTheStateBefore() {
    restart(QUICK.probation(Duration.ZERO));
    run(1, FIRST);
    run(2, SAME_SCHEMA);
    rig.runtime.awaited(Rig.KEY, SAME_SCHEMA.hash(), true);
    add();
    restart(QUICK.probation(Duration.ZERO));
    run(2, SAME_SCHEMA);
    crash(5);
    awaitPhase(Phase.REVERTED);
    assertThat(add()).isEqualTo(2);
    run(3, NO_WAY_BACK);
    rig.runtime.awaited(Rig.KEY, NO_WAY_BACK.hash(), true);
    add();
    crash(5);
    awaitPhase(Phase.STOPPED);
    assertThat(rig.status().detail()).contains("too old to be taken", "--discard-since");
  }

  @Test
  void aRollOutProlongsItNoLongerThanTheLongestProbation() {
    restart(QUICK.probation(Duration.ZERO).longestProbation(Duration.ZERO));
    run(1, FIRST);
    run(2, SAME_SCHEMA);
    rig.runtime.awaited(Rig.KEY, SAME_SCHEMA.hash(), true);
    crash(5);
    awaitPhase(Phase.STOPPED);
  }
}
