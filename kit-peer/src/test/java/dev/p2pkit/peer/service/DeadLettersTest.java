// What services give up with nobody left to tell: kept over restarts, bounded, tried again,
// dropped.
package dev.p2pkit.peer.service;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final RuntimeConfig QUICK =
      RuntimeConfig.DEFAULT.backOff(Duration.ofMillis(1), Duration.ofMillis(5), MOMENT);

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

  /** Does what the first word of a message says; keeps the messages it knows nothing about. */
  private static ServiceJar fragile(String version, String crash, String more) {
    return new ServiceJar()
        .source("Log", "public record Log(List<String> seen) {}")
        .maker(
            """
            return ServiceDescriptor.stateful(Log.class).initialState(() -> new Log(List.of()))
                .on(String.class, (m, log, c) -> {
                  if (m.equals("read")) { c.reply(log.seen()); return log; }
                  if (m.startsWith("stick")) { new CountDownLatch(1).await(); }
                  if (m.startsWith("defer")) { c.defer(); return log; }
                  if (m.startsWith("plan")) { c.schedule(Duration.ofDays(30), "of " + m); }
                  if (m.startsWith("CRASH")) { throw new IllegalStateException("as asked"); }
                  if (m.startsWith("refuse")) {
                    throw new KitException(ErrorCode.UNAUTHORISED, "not you");
                  }
                  var done = (Queue<String>) System.getProperties().get("done by dead letters");
                  if (done != null) { done.add(m); }
                  var next = new ArrayList<>(log.seen());
                  next.add(m);
                  return new Log(List.copyOf(next));
                })
                .build();
            """
                .replace("CRASH", crash))
        .stateful(version, "svc.Log", 1, more);
  }

  private Object seen() {
    return rig.rpc("read").answer(List.class);
  }

  private Call early(Object body) {
    return rig.deliver(Call.early("svc", body));
  }

  private DeadLetter theOnly() {
    await().atMost(MOMENT).until(() -> rig.runtime.deadLetters().size() == 1);
    return rig.runtime.deadLetters().get(0);
  }

  private static KitException failure(CompletableFuture<Void> stage) {
    return stage
        .orTimeout(30, TimeUnit.SECONDS)
        .handle((value, thrown) -> KitException.from(requireNonNull(thrown)))
        .join();
  }

  @Test
  void aDeadLetterSaysWhatItWasAndSurvivesARestart() {
    rig.install(fragile("7", "crash", ""));
    early("crash");
    DeadLetter dead = theOnly();
    assertThat(dead.service()).isEqualTo(Rig.KEY);
    assertThat(dead.epoch()).isEqualTo(1);
    assertThat(dead.version()).isEqualTo("7");
    assertThat(dead.code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(dead.reason()).contains("as asked");
    rig.close();
    rig = new Rig(directory, QUICK);
    DeadLetter after = theOnly();
    assertThat(after).usingRecursiveComparison().ignoringFields("at", "message").isEqualTo(dead);
    assertThat(after.at()).isEqualTo(Instant.ofEpochMilli(dead.at().toEpochMilli()));
    assertThat(after.message()).isEqualTo(dead.message());
    rig.install(fragile("7", "crash", ""));
    early("crash");
    await().atMost(MOMENT).until(() -> rig.runtime.deadLetters().size() == 2);
    assertThat(rig.runtime.deadLetters().get(1).number()).isGreaterThan(after.number());
  }

  @Test
  void onceTheServiceIsRepairedADeadLetterIsTriedAgainWithSuccess() throws Exception {
    rig.install(fragile("1", "crash", ""));
    early("crash");
    long number = theOnly().number();
    assertThat(failure(rig.runtime.retryDeadLetter(number, MOMENT)).code())
        .isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(theOnly().number()).as("it stays under its number").isEqualTo(number);
    rig.install(fragile("2", "never", ""));
    rig.runtime.retryDeadLetter(number, MOMENT).get(30, TimeUnit.SECONDS);
    assertThat(seen()).isEqualTo(List.of("crash"));
    assertThat(rig.runtime.deadLetters()).isEmpty();
    assertThat(failure(rig.runtime.retryDeadLetter(number, MOMENT)).detail())
        .contains("there is no dead letter");
  }

  @Test
  void whatIsDroppedIsGoneAfterARestartToo() {
    rig.install(fragile("1", "crash", ""));
    early("crash");
    assertThat(rig.runtime.dropDeadLetter(theOnly().number())).isTrue();
    assertThat(rig.runtime.dropDeadLetter(1)).isFalse();
    rig.close();
    rig = new Rig(directory, QUICK);
    assertThat(rig.runtime.deadLetters()).isEmpty();
  }

  @Test
  void theOldestAreForgottenButCounted() {
    List<Runnable> disk = new ArrayList<>();
    DeadLetters letters = new DeadLetters(directory.resolve("few"), 3, disk::add);
    Call call = Call.send("svc", "x");
    for (int i = 0; i < 5; i++) {
      long unused =
          letters.add(Rig.KEY, 1, "1", ErrorCode.MAILBOX_FULL, call.message(), "reason " + i);
    }
    assertThat(letters.all().stream().map(DeadLetter::reason))
        .containsExactly("reason 2", "reason 3", "reason 4");
    assertThat(letters.setAside()).isEqualTo(5);
    assertThat(letters.forgotten()).isEqualTo(2);
    byte[] large = new byte[(int) DeadLetters.MOST_BYTES - 1_000];
    long unused =
        letters.add(
            Rig.KEY,
            1,
            "1",
            ErrorCode.MAILBOX_FULL,
            Call.send("svc", Payload.bytes(large)).message(),
            "large");
    assertThat(letters.all().stream().map(DeadLetter::reason))
        .containsExactly("reason 3", "reason 4", "large");
    disk.forEach(Runnable::run);
    letters.close();
    DeadLetters again = new DeadLetters(directory.resolve("few"), 3, disk::add);
    assertThat(again.all()).hasSize(3);
    assertThat(again.forgotten()).isEqualTo(3);
    again.close();
  }

  @Test
  void aDamagedFileIsMovedAsideAndANewOneBegun() throws Exception {
    rig.install(fragile("1", "crash", ""));
    early("crash");
    theOnly();
    rig.close();
    Path file = directory.resolve("dead-letters");
    Files.write(file, "not at all".getBytes(StandardCharsets.UTF_8));
    rig = new Rig(directory, QUICK);
    assertThat(rig.runtime.deadLetters()).isEmpty();
    assertThat(rig.runtime.statistics().damaged()).isEqualTo(1);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(path -> String.valueOf(path.getFileName())))
          .anyMatch(name -> name.startsWith("dead-letters.damaged-"));
    }
    rig.install(fragile("1", "crash", ""));
    early("crash");
    theOnly();
  }

  /**
   * Acceptance: what became of each of some hundred messages is accounted for, whatever their turns
   * did, however full the mailbox was, and though the service was stopped and removed.
   */
  @Test
  void acceptance13EveryDroppedMessageAppearsInTheDeadLettersWithAReasonOrItsSenderWasTold() {
    rig.close();
    RuntimeConfig patient =
        new RuntimeConfig(
            4,
            64,
            MOMENT,
            MOMENT,
            MOMENT,
            new RestartPolicy(Duration.ofMillis(1), Duration.ofMillis(5), 60, MOMENT, MOMENT),
            1_024,
            MOMENT,
            Map.of());
    rig = new Rig(directory, patient);
    Queue<String> done = new ConcurrentLinkedQueue<>();
    System.getProperties().put("done by dead letters", done);
    rig.install(
        fragile("1", "crash", ",\"mailbox\":{\"messages\":40},\"execution\":{\"turnMillis\":150}"));
    Map<String, Call> all = new LinkedHashMap<>();
    // Turns that fail in all ways, with and without somebody who waits.
    for (String what : List.of("ok", "crash", "refuse", "stick", "defer", "plan")) {
      all.put(what + " early", early(what + " early"));
      all.put(what + " sent", rig.send(what + " sent"));
    }
    // While the one that is stuck is tried, the mailbox overflows.
    for (int i = 0; i < 60; i++) {
      all.put("ok sent " + i, rig.send("ok sent " + i));
      all.put("ok early " + i, early("ok early " + i));
    }
    await().atMost(MOMENT).until(() -> done.contains("plan sent"));
    // Crashes until it is stopped, and what waits then.
    for (int i = 0; rig.status().phase() != Phase.STOPPED; i++) {
      all.put("crash early " + i, early("crash early " + i));
      all.put("ok late " + i, early("ok late " + i));
    }
    rig.runtime.remove(Rig.KEY);
    await().atMost(MOMENT).until(() -> all.values().stream().allMatch(Call::isAnswered));
    rig.close();
    System.getProperties().remove("done by dead letters");
    rig = new Rig(directory, QUICK);
    List<DeadLetter> dead = rig.runtime.deadLetters();
    assertThat(dead).allSatisfy(letter -> assertThat(letter.reason()).isNotBlank());
    Set<String> given =
        dead.stream().map(letter -> letter.message().body(String.class)).collect(toSet());
    assertThat(given).hasSameSizeAs(dead).contains("of plan early", "of plan sent", "defer early");
    assertThat(all)
        .allSatisfy(
            (body, call) ->
                assertThat(List.of(done.contains(body), call.hasFailed(), given.contains(body)))
                    .as("processed, told or dead: exactly one")
                    .containsOnlyOnce(true));
  }
}
