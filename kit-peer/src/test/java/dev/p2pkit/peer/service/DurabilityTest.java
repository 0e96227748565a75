// Durable state: what comes back after the end of a process.
package dev.p2pkit.peer.service;

import static dev.p2pkit.peer.service.DurableServices.counter;
import static dev.p2pkit.peer.service.DurableServices.counter2;
import static dev.p2pkit.peer.service.DurableServices.notes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final PeerId SENDER = new PeerId(Key.of(21));

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
    assertThat(all).isEqualTo("later much later a due open resume defer 1 defer 2 defer 3");
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
  void whatAServiceHasLeftThatEndedWhileThePeerWasAwayGoes() {
    rig.install(Rig.KEY, counter("JOURNAL"));
    rig.install(Rig.KEY, counter2("JOURNAL"));
    add();
    restart();
    Path probation = place.resolve("probation").resolve("svc").resolve("1");
    assertThat(probation).isDirectory();
    rig.runtime.forget(Rig.KEY, "another");
    ServiceKey other = new ServiceKey("other", "1");
    rig.install(other, counter("JOURNAL"));
    rig.runtime.forget(other, "");
    assertThat(file(Rig.KEY)).as("of another lineage").exists();
    assertThat(probation).isDirectory();

    rig.runtime.forget(Rig.KEY, "");
    await().atMost(MOMENT).until(() -> rig.runtime.statistics().leftOver() == 1);
    assertThat(file(Rig.KEY)).doesNotExist();
    assertThat(probation).doesNotExist();
    assertThat(file(other)).as("of a service that runs").exists();
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
