// Upgrades of a service with its state: nothing lost, nothing twice, and back if it goes wrong.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent.ServiceInstalled;
import dev.p2pkit.sdk.NetworkEvent.ServiceReverted;
import dev.p2pkit.sdk.NetworkEvent.ServiceUpgraded;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpgradeTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final RuntimeConfig QUICK =
      RuntimeConfig.DEFAULT.backOff(
          Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(200));

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

  private long add() {
    return rig.rpc("add").answer(Long.class);
  }

  @Test
  void tenThousandConcurrentCallsAcrossAnUpgradeGiveExactlyTenThousand() throws Exception {
    rig.install(Counters.first(",\"mailbox\":{\"messages\":20000}"));
    Archive next =
        Counters.second(
                ".upgradeFrom(1, old -> new Totals(old.getLong(\"count\"), Instant.EPOCH))",
                ",\"mailbox\":{\"messages\":20000}")
            .build();
    Prepared prepared = rig.runtime.prepare(rig.release(Rig.KEY, next)).get(30, TimeUnit.SECONDS);
    List<Call> calls = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread caller =
          new Thread(
              () -> {
                for (int n = 0; n < 2_500; n++) {
                  calls.add(rig.rpc("add"));
                }
              });
      callers.add(caller);
      caller.start();
    }
    await().atMost(MOMENT).until(() -> calls.size() > 1_000);
    CompletableFuture<Activation> activation = rig.runtime.activate(prepared);
    for (Thread caller : callers) {
      caller.join();
    }
    List<Long> counts = calls.stream().map(call -> call.answer(Long.class)).sorted().toList();
    assertThat(activation.get(30, TimeUnit.SECONDS).version()).isEqualTo("2");
    assertThat(counts).hasSize(10_000).doesNotHaveDuplicates().startsWith(1L).endsWith(10_000L);
    assertThat(rig.rpc("read").answer(Long.class)).isEqualTo(10_000);
    assertThat(rig.runtime.epochOf(Rig.KEY)).isEqualTo(2);
  }

  @Test
  void theUpgradeThatIsDeclaredIsApplied() {
    rig.install(Counters.first(""));
    add();
    add();
    rig.install(
        Counters.second(
            ".upgradeFrom(1, old -> new Totals(old.getLong(\"count\"),"
                + " Instant.ofEpochSecond(99)))",
            ""));
    assertThat(add()).isEqualTo(3);
    assertThat(rig.rpc(1L).answer(Instant.class)).isEqualTo(Instant.ofEpochSecond(99));
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () ->
                assertThat(rig.events)
                    .containsExactly(
                        new ServiceInstalled("svc", "1", 1), new ServiceUpgraded("svc", "1", 2)));
  }

  @Test
  void withoutADeclaredUpgradeTheStateIsReadByName() {
    rig.install(Counters.first(""));
    add();
    rig.install(Counters.second("", ""));
    assertThat(add()).isEqualTo(2);
  }

  @Test
  void upgradeStateServesAnySchema() {
    rig.install(Counters.first(""));
    add();
    rig.install(
        Counters.second(
            ".upgradeState(old -> new Totals(10 * old.getLong(\"count\"), Instant.EPOCH))", ""));
    assertThat(add()).isEqualTo(11);
  }

  @Test
  void aStateWithMutablePartsIsCarriedOver() {
    rig.install(
        new ServiceJar()
            .source("Bag", "public final class Bag { Map<String, Long> counts = new HashMap<>(); }")
            .maker(
                "return ServiceDescriptor.stateful(Bag.class).initialState(Bag::new)"
                    + ".on(String.class, (m, bag, c) -> { bag.counts.merge(m, 1L, Long::sum);"
                    + " if (m.equals(\"bad\")) { throw new RuntimeException(\"half-way\"); }"
                    + " c.reply(bag.counts.size()); return bag; }).build();")
            .stateful("1", "svc.Bag", 1, ""));
    assertThat(rig.rpc("a").answer(Integer.class)).isEqualTo(1);
    assertThat(rig.rpc("bad").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(rig.rpc("b").answer(Integer.class)).as("the crash left no trace").isEqualTo(2);
    rig.install(
        new ServiceJar()
            .source("Bag", "public final class Bag { Map<String, Long> counts = new HashMap<>(); }")
            .maker(
                "return ServiceDescriptor.stateful(Bag.class).initialState(Bag::new)"
                    + ".on(String.class, (m, bag, c) -> { c.reply(bag.counts); return bag; })"
                    + ".build();")
            .stateful("2", "svc.Bag", 1, ""));
    assertThat((Object) rig.rpc("x").answer(java.util.Map.class))
        .isEqualTo(java.util.Map.of("a", 1L, "b", 1L));
  }

  @Test
  void anUpgradeThatThrowsIsRefusedAndTheOldVersionGoesOn() {
    rig.install(Counters.first(""));
    add();
    KitException refusal =
        rig.refusal(
            Counters.second(
                    ".upgradeFrom(1, old -> new Totals(old.getLong(\"amount\"), Instant.EPOCH))",
                    "")
                .build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(refusal.detail()).contains("'amount'").contains("svc/1 1 goes on");
    assertThat(add()).isEqualTo(2);
    assertThat(rig.runtime.epochOf(Rig.KEY)).isEqualTo(1);
  }

  @Test
  void anUpgradeThatFailsOnlyOnTheLiveStateIsRefusedAtTheActivation() throws Exception {
    rig.install(Counters.first(""));
    Archive next =
        Counters.second(
                ".upgradeFrom(1, old -> { if (old.getLong(\"count\") > 0) {"
                    + " throw new IllegalStateException(\"not with a count\"); }"
                    + " return new Totals(0, Instant.EPOCH); })",
                "")
            .build();
    Prepared prepared = rig.runtime.prepare(rig.release(Rig.KEY, next)).get(30, TimeUnit.SECONDS);
    add();
    CompletableFuture<Activation> activation = rig.runtime.activate(prepared);
    await().atMost(MOMENT).until(activation::isDone);
    KitException failure = Failures.of(activation);
    assertThat(failure.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(failure.detail()).contains("not with a count");
    assertThat(add()).isEqualTo(2);
    assertThat(rig.status().version()).isEqualTo("1");
  }

  @Test
  void anUpgradeThatNeverEndsIsGivenUp() {
    rig.close();
    rig = new Rig(directory, QUICK.makeLimit(Duration.ofMillis(800)));
    rig.install(Counters.first(""));
    KitException refusal =
        rig.refusal(
            Counters.second(
                    ".upgradeFrom(1, old -> { try { new CountDownLatch(1).await(); }"
                        + " catch (InterruptedException e) { } return new Totals(7, Instant.EPOCH); })",
                    "")
                .build());
    assertThat(refusal.detail()).contains("did not finish in 800 ms");
    assertThat(add()).isEqualTo(1);
  }

  @Test
  void aStateIsNotDroppedSilently() {
    rig.install(Counters.first(""));
    KitException refusal =
        rig.refusal(
            new ServiceJar()
                .maker(
                    "return ServiceDescriptor.stateless().on(String.class, (m, c) -> {}).build();")
                .stateless("2", "")
                .build());
    assertThat(refusal.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
    assertThat(refusal.detail()).contains("would be lost");
  }

  @Test
  void aStatelessServiceMayBecomeStateful() {
    rig.install(
        new ServiceJar()
            .maker("return ServiceDescriptor.stateless().on(String.class, (m, c) -> {}).build();")
            .stateless("1", ""));
    rig.install(Counters.first(""));
    assertThat(add()).isEqualTo(1);
  }

  @Test
  void aPreparedReleaseIsActivatedOnceOrDiscarded() throws Exception {
    Prepared prepared =
        rig.runtime
            .prepare(rig.release(Rig.KEY, Counters.first("").build()))
            .get(30, TimeUnit.SECONDS);
    assertThat(rig.runtime.has("svc")).isFalse();
    rig.runtime.discard(prepared);
    assertThat(Failures.of(rig.runtime.activate(prepared)).code()).isEqualTo(ErrorCode.CANCELLED);
  }

  @Test
  void aCrashLoopInTheProbationBringsTheOldVersionAndStateBack() {
    rig.install(Counters.first(""));
    add();
    add();
    rig.install(
        new ServiceJar()
            .source("Totals", "public record Totals(long count) {}")
            .maker(
                "return ServiceDescriptor.stateful(Totals.class).initialState(() -> new Totals(0))"
                    + ".on(String.class, (m, s, c) -> { throw new RuntimeException(\"bad build\"); })"
                    + ".build();")
            .stateful("bad", "svc.Totals", 1, ""));
    for (int i = 0; i < 5; i++) {
      assertThat(rig.rpc("add").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    }
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.REVERTED);
    assertThat(rig.status().epoch()).isEqualTo(1);
    assertThat(rig.status().detail()).contains("bad build");
    assertThat(rig.runtime.revertedEpoch(Rig.KEY)).contains(2L);
    assertThat(add()).isEqualTo(3);
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () -> assertThat(rig.events).contains(new ServiceReverted("svc", "1", 1, 0)));
  }

  @Test
  void aRevertWhoseArchiveIsGoneStopsTheServiceAndSaysWhy() throws Exception {
    Release first = rig.release(Rig.KEY, Counters.first("").build());
    rig.runtime.activate(rig.runtime.prepare(first).join()).get(30, TimeUnit.SECONDS);
    rig.install(Counters.second("", ""));
    Files.delete(first.archiveFile());
    for (int i = 0; i < 5; i++) {
      assertThat(rig.rpc("crash").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    }
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.STOPPED);
    assertThat(rig.status().detail()).contains("the version before cannot be brought back");
  }

  @Test
  void afterTheProbationACrashLoopStopsTheNewVersion() {
    rig.close();
    rig = new Rig(directory, QUICK.probation(Duration.ZERO));
    rig.install(Counters.first(""));
    rig.install(Counters.second("", ""));
    for (int i = 0; i < 5; i++) {
      rig.rpc("crash").failure();
    }
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.STOPPED);
    assertThat(rig.status().epoch()).isEqualTo(2);
  }

  @Test
  void nothingIsPreparedByAPeerThatIsClosed() {
    Release release = rig.release(Rig.KEY, Counters.first("").build());
    rig.close();
    assertThat(Failures.of(rig.runtime.prepare(release)).code()).isEqualTo(ErrorCode.CLOSED);
  }

  @Test
  void messagesThatWaitDuringARevertAreProcessedByTheOldVersion() {
    rig.install(Counters.first(""));
    rig.install(
        new ServiceJar()
            .source("Totals", "public record Totals(long count) {}")
            .maker(
                "return ServiceDescriptor.stateful(Totals.class).initialState(() -> new Totals(0))"
                    + ".on(String.class, (m, s, c) -> { throw new RuntimeException(\"bad build\"); })"
                    + ".build();")
            .stateful("bad", "svc.Totals", 1, ""));
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(rig.rpc("add"));
    }
    assertThat(calls.subList(5, 20).stream().map(call -> call.answer(Long.class)))
        .containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(1, 15).boxed().toList());
  }
}
