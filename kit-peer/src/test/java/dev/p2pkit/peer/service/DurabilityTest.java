// Durable state: what comes back after the end of a process, what cannot be stored, what is
// damaged.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent.ServiceStateDamaged;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final PeerId SENDER = new PeerId(Key.of(21));

  /** Adds, defers, pushes, schedules; the state is all that was said. */
  private static final String NOTES =
      """
      return ServiceDescriptor.stateful(Notes.class).initialState(() -> new Notes(List.of()))
          .on(String.class, (message, notes, context) -> {
            switch (message) {
              case "crash" -> throw new IllegalStateException("as asked");
              case "read" -> { context.reply(String.join(" ", notes.said())); return notes; }
              case "later" -> context.schedule(Duration.ofMillis(300), "due");
              case "much later" -> context.schedule(Duration.ofHours(1), "due");
              case "resume" -> context.resumeDeferred();
              case "large" -> { return new Notes(List.of(new Random(1).ints(40_000, 'a', 'z')
                  .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                  .toString())); }
              default -> { }
            }
            if (message.startsWith("defer") && !notes.said().contains("open")) {
              context.defer();
              return notes;
            }
            Notes next = notes.and(message);
            context.reply((long) next.said().size());
            return next;
          })
          .build();
      """;

  @TempDir Path directory;
  private Path place;
  private Rig rig;

  @BeforeEach
  void start() {
    place = directory;
    rig = new Rig(place, RuntimeConfig.DEFAULT);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private static Archive notes(String durability, String more) {
    return new ServiceJar()
        .source(
            "Notes",
            "public record Notes(List<String> said) { Notes and(String more) {"
                + " var all = new ArrayList<>(said); all.add(more); return new Notes(all); } }")
        .maker(NOTES)
        .durable("1", "svc.Notes", 1, durability, more)
        .build();
  }

  private static Archive counter(String durability) {
    return Counters.first("").durable("1", "svc.Totals", 1, durability, "").build();
  }

  private static Archive counter2(String durability) {
    return Counters.second(
            ".upgradeFrom(1, old -> new Totals(old.getLong(\"count\") + 1000, Instant.EPOCH))", "")
        .durable("2", "svc.Totals", 2, durability, "")
        .build();
  }

  private long add() {
    return rig.rpc("add").answer(Long.class);
  }

  private long read() {
    return rig.rpc("read").answer(Long.class);
  }

  /** Goes on with the files as they are at this moment, as after a SIGKILL. */
  private void crash() throws IOException {
    Path next = copy();
    rig.close();
    place = next;
    rig = new Rig(place, RuntimeConfig.DEFAULT);
  }

  private Path copy() throws IOException {
    Path next = Files.createDirectory(directory.resolve("after-" + System.nanoTime()));
    try (var files = Files.walk(place.resolve("state"))) {
      for (Path from : files.toList()) {
        Path to = next.resolve("state").resolve(place.resolve("state").relativize(from));
        if (Files.isDirectory(from)) {
          Files.createDirectories(to);
        } else {
          Files.copy(from, to);
        }
      }
    }
    return next;
  }

  private void restart() {
    rig.close();
    rig = new Rig(place, RuntimeConfig.DEFAULT);
  }

  private Path file(ServiceKey key) {
    return new StateFiles(place.resolve("state"), Long.MAX_VALUE).file(key);
  }

  @Test
  void whatAJournalHasAcknowledgedIsThereAfterACrash() throws IOException {
    rig.install(Rig.KEY, counter("JOURNAL"));
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      calls.add(rig.rpc("add"));
    }
    assertThat(calls.get(250).answer(Long.class)).isEqualTo(251);
    calls.forEach(Call::answer);
    crash();
    rig.install(Rig.KEY, counter("JOURNAL"));
    assertThat(read()).isEqualTo(500);
    assertThat(add()).isEqualTo(501);
  }

  @Test
  void aSnapshotIsWrittenAtTheEndOfThePeerAndNowAndThen() throws IOException {
    rig.install(Rig.KEY, counter("SNAPSHOT"));
    add();
    add();
    restart();
    rig.install(Rig.KEY, counter("SNAPSHOT"));
    assertThat(add()).isEqualTo(3);
    await()
        .atMost(MOMENT)
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(
            () -> {
              try (Rig copy = new Rig(copy(), RuntimeConfig.DEFAULT)) {
                copy.install(Rig.KEY, counter("SNAPSHOT"));
                assertThat(copy.rpc("read").answer(Long.class)).isEqualTo(3);
              }
            });
  }

  @Test
  void withoutDurabilityTheStateEndsWithTheProcess() {
    rig.install(Rig.KEY, counter("NONE"));
    add();
    restart();
    rig.install(Rig.KEY, counter("NONE"));
    assertThat(read()).isZero();
    assertThat(place.resolve("state")).doesNotExist();
  }

  @Test
  void deferredMessagesAndTimersComeBackInTheirOrder() throws IOException {
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    rig.send("later").answer();
    rig.send("much later").answer();
    rig.send("defer 1");
    rig.send("defer 2");
    rig.send("defer 3");
    rig.rpc("a").answer();
    crash();
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () ->
                assertThat(rig.rpc("read").answer(String.class))
                    .isEqualTo("later much later a due"));
    rig.rpc("open").answer();
    rig.rpc("resume").answer();
    String all = rig.rpc("read").answer(String.class);
    // When the timer was due depends on how fast the rest went.
    assertThat(all.replace(" due", ""))
        .isEqualTo("later much later a open resume defer 1 defer 2 defer 3");
    crash();
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    assertThat(rig.rpc("read").answer(String.class)).as("none of them twice").isEqualTo(all);
  }

  @Test
  void aCopyOfAMessageGetsTheStoredReplyAlsoAfterACrashAndAnUpgrade() throws IOException {
    rig.install(Rig.KEY, counter("JOURNAL"));
    Once first = new Once(SENDER, 1, 1, 1, 0);
    assertThat(rig.deliver(Call.once(first, "add")).answer(Long.class)).isEqualTo(1);
    assertThat(rig.deliver(Call.once(first, "add")).answer(Long.class)).isEqualTo(1);
    crash();
    rig.install(Rig.KEY, counter("JOURNAL"));
    assertThat(rig.deliver(Call.once(first, "add")).answer(Long.class)).isEqualTo(1);
    rig.install(Rig.KEY, counter2("JOURNAL"));
    assertThat(rig.deliver(Call.once(first, "add")).answer(Long.class)).isEqualTo(1);
    assertThat(read()).isEqualTo(1001);
    Once second = new Once(SENDER, 1, 2, 2, 0);
    assertThat(rig.deliver(Call.once(second, "add")).answer(Long.class)).isEqualTo(1002);
    assertThat(rig.deliver(Call.once(first, "add")).failure().code())
        .as("its sender has closed it")
        .isEqualTo(ErrorCode.PROTOCOL_ERROR);
    assertThat(rig.deliver(Call.once(new Once(SENDER, 2, 1, 1, 0), "add")).answer(Long.class))
        .as("another process of the sender")
        .isEqualTo(1003);
  }

  @Test
  void aCopyOfAMessageThatWaitsGetsItsAnswerAndAnEarlierOneIsNotOvertaken() throws IOException {
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    Once waiting = new Once(SENDER, 1, 1, 1, 0);
    Call call = rig.deliver(Call.once(waiting, "defer"));
    rig.rpc("a").answer();
    Call copy = rig.deliver(Call.once(waiting, "defer"));
    assertThat(rig.deliver(Call.once(new Once(SENDER, 1, 3, 1, 2), "b")).failure().code())
        .isEqualTo(ErrorCode.BUSY);
    crash();
    assertThat(call.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(copy.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    Call again = rig.deliver(Call.once(waiting, "defer"));
    rig.rpc("open").answer();
    rig.rpc("resume").answer();
    assertThat(again.answer(Long.class)).isEqualTo(4);
    assertThat(rig.rpc("read").answer(String.class)).isEqualTo("a open resume defer");
  }

  @Test
  void aMessageThatFailedMayComeAgainAndAServiceWithoutDurableStateTakesNone() {
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    Once once = new Once(SENDER, 1, 1, 1, 0);
    assertThat(rig.deliver(Call.once(once, "crash")).failure().code())
        .isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(rig.deliver(Call.once(once, "a")).answer(Long.class)).isEqualTo(1);
    ServiceKey other = new ServiceKey("other", "1");
    rig.install(other, counter("NONE"));
    Call refused = Call.once(new Once(SENDER, 1, 2, 1, 0), "add");
    rig.runtime.remove(Rig.KEY);
    rig.install(Rig.KEY, counter("NONE"));
    KitException why = rig.deliver(refused).failure();
    assertThat(why.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    assertThat(why.detail()).contains("durability");
  }

  @Test
  void aFullFileFailsTheTurnWithQuotaAndTakesItBackWhileOthersGoOn() {
    rig.close();
    rig = new Rig(place, RuntimeConfig.DEFAULT, new StateFiles(place.resolve("state"), 60_000));
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    rig.install(new ServiceKey("other", "1"), counter("JOURNAL"));
    rig.send("defer");
    assertThat(rig.rpc("a").answer(Long.class)).isEqualTo(1);
    List<ErrorCode> codes = new ArrayList<>();
    await()
        .atMost(MOMENT)
        .until(
            () -> {
              Call large = rig.send("large");
              try {
                large.answer();
              } catch (RuntimeException e) {
                codes.add(KitException.from(e).code());
              }
              return !codes.isEmpty();
            });
    assertThat(codes).containsExactly(ErrorCode.QUOTA);
    assertThat(rig.status().phase()).isEqualTo(Phase.FAILED);
    assertThat(rig.status().detail()).contains("limit");
    assertThat(rig.runtime.statistics().unstored()).isPositive();
    assertThat(rig.deliver(Call.rpc("other", "add")).answer(Long.class)).isEqualTo(1);
  }

  @Test
  void aFullDiskFailsTheTurnsAndWhenThereIsRoomTheServiceGoesOnWhereItWas() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=256k", "none", disk.toString()),
        "this user may not mount a small disk");
    try {
      rig.close();
      rig = new Rig(place, RuntimeConfig.DEFAULT, new StateFiles(disk, Long.MAX_VALUE));
      rig.install(Rig.KEY, notes("JOURNAL", ""));
      Call deferred = rig.send("defer");
      rig.send("much later").answer();
      assertThat(rig.rpc("a").answer(Long.class)).isEqualTo(2);
      Path filler = fill(disk);
      Once once = new Once(SENDER, 1, 1, 1, 0);
      assertThat(rig.deliver(Call.once(once, "b")).failure().code())
          .isIn(ErrorCode.QUOTA, ErrorCode.SERVICE_CRASHED);
      Files.delete(filler);
      await()
          .atMost(MOMENT)
          .untilAsserted(
              () -> assertThat(rig.deliver(Call.once(once, "b")).answer(Long.class)).isEqualTo(3));
      assertThat(rig.status().phase()).isEqualTo(Phase.ACTIVE);
      rig.rpc("open").answer();
      rig.rpc("resume").answer();
      deferred.answer();
      assertThat(rig.rpc("read").answer(String.class))
          .isEqualTo("much later a b open resume defer");
    } finally {
      rig.close();
      assertThat(run("umount", "-l", disk.toString())).isTrue();
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Path fill(Path disk) throws IOException {
    Path filler = disk.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[512];
      for (int i = 0; i < 1_024; i++) {
        out.write(page);
      }
      throw new AssertionError("the disk is larger than it should be");
    } catch (IOException full) {
      return filler;
    }
  }

  private void truncate() throws IOException {
    try (RandomAccessFile cut = new RandomAccessFile(file(Rig.KEY).toFile(), "rw")) {
      cut.setLength(cut.length() / 2);
    }
  }

  @Test
  void aTruncatedFileCostsThatOneServiceUntilSomebodySeesToIt() throws IOException {
    ServiceKey other = new ServiceKey("other", "1");
    rig.install(Rig.KEY, counter("JOURNAL"));
    rig.install(other, counter("JOURNAL"));
    for (int i = 0; i < 20; i++) {
      add();
      rig.deliver(Call.rpc("other", "add")).answer();
    }
    rig.close();
    Path whole = Files.copy(file(Rig.KEY), directory.resolve("whole"));
    truncate();
    for (int start = 0; start < 2; start++) {
      rig = new Rig(place, RuntimeConfig.DEFAULT);
      KitException why = rig.refusal(counter("JOURNAL"));
      assertThat(why.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
      assertThat(why.detail()).contains(file(Rig.KEY).toString(), "delete");
      rig.install(other, counter("JOURNAL"));
      assertThat(rig.deliver(Call.rpc("other", "read")).answer(Long.class)).isEqualTo(20);
      if (start == 0) {
        assertThat(rig.runtime.statistics().damaged()).isEqualTo(1);
        await()
            .atMost(MOMENT)
            .until(() -> rig.events.stream().anyMatch(e -> e instanceof ServiceStateDamaged));
      }
      rig.close();
    }
    Files.copy(whole, file(Rig.KEY));
    rig = new Rig(place, RuntimeConfig.DEFAULT);
    rig.install(Rig.KEY, counter("JOURNAL"));
    assertThat(read()).as("the copy that was put in its place").isEqualTo(20);
  }

  @Test
  void aTruncatedFileLetsTheServiceBeginAnewWhereItsDescriptorAllowsIt() throws IOException {
    Archive archive = notes("JOURNAL", ",\"startAnewIfDamaged\":true");
    rig.install(Rig.KEY, archive);
    rig.rpc("a").answer();
    rig.close();
    truncate();
    rig = new Rig(place, RuntimeConfig.DEFAULT);
    rig.install(Rig.KEY, archive);
    assertThat(rig.rpc("b").answer(Long.class)).isEqualTo(1);
    await()
        .atMost(MOMENT)
        .until(
            () ->
                rig.events.stream()
                    .anyMatch(e -> e instanceof ServiceStateDamaged lost && lost.startedAnew()));
  }

  @Test
  void anUpgradeMakesAServiceDurableAndNotAnyMore() throws IOException {
    rig.install(Rig.KEY, counter("NONE"));
    add();
    rig.install(Rig.KEY, counter2("JOURNAL"));
    assertThat(add()).isEqualTo(1002);
    crash();
    rig.release(Rig.KEY, counter("NONE"));
    rig.install(Rig.KEY, counter2("JOURNAL"));
    assertThat(read()).as("carried over once").isEqualTo(1002);
    Archive memory = Counters.second("", "").durable("3", "svc.Totals", 2, "NONE", "").build();
    rig.install(Rig.KEY, memory);
    assertThat(add()).isEqualTo(1003);
    await().atMost(MOMENT).until(() -> !Files.exists(file(Rig.KEY)));
  }

  @Test
  void anOlderReleaseIsNotRunOnTheStateOfALaterOneAndAnotherLineageBeginsAnew() {
    rig.install(Rig.KEY, counter("JOURNAL"));
    rig.install(Rig.KEY, counter2("JOURNAL"));
    assertThat(add()).isEqualTo(1001);
    restart();
    assertThat(rig.refusal(counter("JOURNAL")).code()).isEqualTo(ErrorCode.VERSION_SKEW);
    Release stranger = rig.release(Rig.KEY, counter("JOURNAL"));
    Release other =
        new Release(
            Rig.KEY,
            stranger.epoch(),
            stranger.archiveHash(),
            stranger.archiveFile(),
            "another",
            false);
    rig.runtime.activate(rig.runtime.prepare(other).join()).join();
    assertThat(read()).isZero();
  }

  @Test
  void aRemovedServiceTakesItsStateWithIt() {
    rig.install(Rig.KEY, counter("JOURNAL"));
    add();
    rig.runtime.remove(Rig.KEY);
    await().atMost(MOMENT).until(() -> !Files.exists(file(Rig.KEY)));
    rig.install(Rig.KEY, counter("JOURNAL"));
    assertThat(read()).isZero();
  }

  @Test
  void aTurnIsVisibleOnlyWhenItIsOnTheDisk() throws IOException {
    rig.install(Rig.KEY, counter("JOURNAL"));
    Payload answer = rig.rpc("add").answer();
    assertThat(answer.as(Long.class)).isEqualTo(1);
    byte[] before = Files.readAllBytes(file(Rig.KEY));
    assertThat(read()).isEqualTo(1);
    assertThat(Files.readAllBytes(file(Rig.KEY))).as("reading writes nothing").isEqualTo(before);
  }
}
