// What services give up with nobody left to tell: kept over restarts, bounded, tried again,
// dropped.
package dev.p2pkit.peer.service;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final RuntimeConfig QUICK =
      RuntimeConfig.DEFAULT.backOff(Duration.ofMillis(1), Duration.ofMillis(5), MOMENT);

  private final AtomicLong clock = new AtomicLong();

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
    Queue<Runnable> disk = new ConcurrentLinkedQueue<>();
    DeadLetters letters = letters("few", 3, disk);
    for (int i = 0; i < 5; i++) {
      add(letters, Rig.KEY, from(1, "x"), "reason " + i);
    }
    assertThat(letters.all().stream().map(DeadLetter::reason))
        .containsExactly("reason 2", "reason 3", "reason 4");
    assertThat(letters.setAside()).isEqualTo(5);
    assertThat(letters.forgotten()).isEqualTo(2);
    byte[] large = new byte[(int) DeadLetters.MOST_BYTES - 1_000];
    add(letters, Rig.KEY, from(1, Payload.bytes(large)), "large");
    assertThat(letters.all().stream().map(DeadLetter::reason))
        .containsExactly("reason 3", "reason 4", "large");
    disk.forEach(Runnable::run);
    letters.close();
    DeadLetters again = letters("few", 3, disk);
    assertThat(again.all()).hasSize(3);
    assertThat(again.forgotten()).isEqualTo(3);
    again.close();
  }

  private static void add(DeadLetters letters, ServiceKey service, Message message, String why) {
    Release release = new Release(service, 1, "", Path.of("none"));
    long unused = letters.add(release, service, "1", ErrorCode.MAILBOX_FULL, message, why);
  }

  private static List<String> reasons(DeadLetters letters) {
    return letters.all().stream().map(DeadLetter::reason).toList();
  }

  private static Message from(int peer, Object body) {
    return new Message(
        new Source.OfPeer(new PeerId(Key.of(peer))),
        new Destination.OfPeer(Call.HERE),
        "svc",
        Payload.of(body),
        Optional.empty());
  }

  /** Letters in a file of the test directory, with the disk in the test's hands. */
  private DeadLetters letters(String file, int most, Queue<Runnable> disk) {
    return new DeadLetters(directory.resolve(file), most, disk::add, clock::get);
  }

  @Test
  void whoHasOneServiceGiveUpMessagesWithoutEndPushesOutNoneOfOthers() {
    DeadLetters letters = letters("few", 6, new ConcurrentLinkedQueue<>());
    ServiceKey other = new ServiceKey("other", "1");
    add(letters, other, from(1, "x"), "of another service");
    add(letters, Rig.KEY, from(2, "x"), "of another sender");
    for (int i = 0; i < 50; i++) {
      add(letters, Rig.KEY, from(3, "x"), "flood " + i);
    }
    assertThat(reasons(letters))
        .containsExactly(
            "of another service",
            "of another sender",
            "flood 46",
            "flood 47",
            "flood 48",
            "flood 49");
    assertThat(letters.forgotten()).isEqualTo(46);

    // The same where bytes are lacking.
    byte[] third = new byte[(int) DeadLetters.MOST_BYTES / 3];
    for (int i = 0; i < 5; i++) {
      add(letters, Rig.KEY, from(3, Payload.bytes(third)), "large " + i);
    }
    assertThat(reasons(letters))
        .containsExactly("of another service", "of another sender", "large 3", "large 4");
  }

  @Test
  void oneThatIsTooLongForTheRoomPushesOutNoneAtAll() {
    DeadLetters letters = letters("few", 6, new ConcurrentLinkedQueue<>());
    add(letters, Rig.KEY, from(1, "x"), "small");
    byte[] huge = new byte[(int) DeadLetters.MOST_BYTES];
    add(letters, Rig.KEY, from(1, Payload.bytes(huge)), "huge");
    assertThat(reasons(letters)).containsExactly("small");
    assertThat(letters.forgotten()).isEqualTo(1);
  }

  @Test
  void whereFewerAreToBeKeptThanTheFileHoldsTheOthersAreForgotten() {
    Queue<Runnable> disk = new ConcurrentLinkedQueue<>();
    DeadLetters letters = letters("few", 6, disk);
    for (int i = 0; i < 5; i++) {
      add(letters, Rig.KEY, from(1, "x"), "reason " + i);
    }
    disk.forEach(Runnable::run);
    letters.close();
    DeadLetters again = letters("few", 2, disk);
    assertThat(reasons(again)).containsExactly("reason 3", "reason 4");
    assertThat(again.forgotten()).isEqualTo(3);
    again.close();
  }

  @Test
  void aDiskThatTakesNothingIsLeftAloneForAWhile() throws Exception {
    Path inTheWay = Files.createFile(directory.resolve("blocked"));
    Queue<Runnable> disk = new ConcurrentLinkedQueue<>();
    DeadLetters letters = letters("blocked/file", 6, disk);
    add(letters, Rig.KEY, from(1, "x"), "first");
    disk.remove().run();
    Files.delete(inTheWay);
    add(letters, Rig.KEY, from(1, "x"), "second");
    disk.remove().run();
    assertThat(inTheWay).as("it is not the time yet").doesNotExist();
    letters.watch(clock.addAndGet(Duration.ofSeconds(3).toNanos()));
    disk.remove().run();
    letters.close();
    DeadLetters again = letters("blocked/file", 6, disk);
    assertThat(reasons(again)).containsExactly("first", "second");
    again.close();
  }

  @Test
  void onlyTheUserOfThePeerMayReadThem() throws Exception {
    rig.install(fragile("1", "crash", ""));
    early("crash");
    theOnly();
    rig.close();
    for (String name : List.of("dead-letters", "dead-letters.mark")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void anotherServiceThatHasTheNameNowGetsNoneOfTheFormerOnesLetters() throws Exception {
    activate(Rig.KEY, fragile("1", "crash", ""), "first");
    early("crash");
    long number = theOnly().number();
    rig.close();
    rig = new Rig(directory, QUICK);
    assertThat(theOnly().lineage()).isEqualTo("first");
    assertThat(failure(rig.runtime.retryDeadLetter(number, MOMENT)).detail())
        .isEqualTo("svc/1 does not run on this peer");
    activate(Rig.KEY, fragile("1", "never", ""), "another");
    assertThat(failure(rig.runtime.retryDeadLetter(number, MOMENT)).detail())
        .contains("of another service", "drop it");
    // Its own may have another name by now.
    activate(new ServiceKey("moved", "1"), fragile("1", "never", ""), "first");
    rig.runtime.retryDeadLetter(number, MOMENT).get(30, TimeUnit.SECONDS);
    assertThat(seen()).as("of the one that has the name now").isEqualTo(List.of());
  }

  private void activate(ServiceKey key, ServiceJar jar, String lineage) {
    Release any = rig.release(key, jar.build());
    Release release =
        new Release(key, any.epoch(), any.archiveHash(), any.archiveFile(), lineage, false);
    rig.runtime.activate(rig.runtime.prepare(release).join()).join();
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
