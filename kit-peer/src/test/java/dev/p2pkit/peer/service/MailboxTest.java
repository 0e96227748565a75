// What waits: its order, its bounds, and what is put back, set aside or comes later.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailboxTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Rig rig;
  private Gate gate;

  @BeforeEach
  void start() {
    gate = new Gate(directory.resolve("services").resolve("svc").resolve("1"));
    rig =
        new Rig(
            directory,
            RuntimeConfig.DEFAULT.backOff(
                Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMinutes(1)));
  }

  @AfterEach
  void stop() {
    gate.close();
    rig.close();
  }

  /** Writes down what it processes; "wait" lasts until the gate is opened. */
  private static ServiceJar scribe(String special, String more) {
    return new ServiceJar()
        .source("Log", "public record Log(List<String> seen) {}")
        .source(
            "Kept", "final class Kept { static final List<Message> MESSAGES = new ArrayList<>(); }")
        .maker(
            """
            return ServiceDescriptor.stateful(Log.class).initialState(() -> new Log(List.of()))
                .on(String.class, (m, log, c) -> {
                  if (m.equals("read")) { c.reply(log.seen()); return log; }
                  if (m.equals("wait")) {
                    AWAIT
                    return log;
                  }
                  SPECIAL
                  var next = new ArrayList<>(log.seen());
                  next.add(m);
                  c.reply("did " + m);
                  return new Log(List.copyOf(next));
                })
                .build();
            """
                .replace("SPECIAL", special)
                .replace("AWAIT", Gate.AWAIT))
        .stateful("1", "svc.Log", 1, ",\"execution\":{\"turnMillis\":60000}" + more);
  }

  private Object seen() {
    return rig.rpc("read").answer(List.class);
  }

  @Test
  void pushedMessagesComeBeforeAllOthersInTheirOrder() {
    // a and b are set aside; c puts them back in front of d.
    rig.install(
        scribe(
            """
            if (log.seen().isEmpty() && (m.equals("a") || m.equals("b"))) {
              Kept.MESSAGES.add(c.message());
              return log;
            }
            if (m.equals("c")) { c.pushMessages(Kept.MESSAGES); }
            """,
            ""));
    Call wait = rig.send("wait");
    List<Call> calls = List.of(rig.rpc("a"), rig.rpc("b"), rig.rpc("c"), rig.rpc("d"));
    gate.open();
    wait.answer();
    assertThat(calls.get(3).answer(String.class)).isEqualTo("did d");
    assertThat(seen()).isEqualTo(List.of("c", "a", "b", "d"));
    // a's and b's first turns had acknowledged them, so their replies went to their address.
    assertThat(calls.get(0).answer()).isEqualTo(Call.PROCESSED);
    assertThat(rig.network.sentElsewhere)
        .containsExactly(Payload.tree("did a"), Payload.tree("did b"));
  }

  @Test
  void aLateReplyWhoseCallHasEndedIsCountedWithTheReason() {
    rig.install(
        scribe(
            """
            if (log.seen().isEmpty() && (m.equals("a") || m.equals("b"))) {
              Kept.MESSAGES.add(c.message());
              return log;
            }
            if (m.equals("c")) { c.pushMessages(Kept.MESSAGES); }
            """,
            ""));
    rig.network.ended.add(Call.CALLER);
    Call wait = rig.send("wait");
    List<Call> calls = List.of(rig.rpc("a"), rig.rpc("b"), rig.rpc("c"), rig.rpc("d"));
    gate.open();
    wait.answer();
    assertThat(calls.get(3).answer(String.class)).isEqualTo("did d");
    assertThat(calls.get(2).answer(String.class)).as("c's caller waited here").isEqualTo("did c");
    assertThat(rig.runtime.statistics().strandedReplies())
        .isEqualTo(Map.of(ErrorCode.NO_SUCH_ACCESS_POINT, 2L));
    assertThat(rig.network.sentElsewhere).isEmpty();
  }

  @Test
  void aMessageThatIsPushedInItsOwnTurnIsAcknowledgedAfterItsNext() {
    rig.install(
        scribe(
            """
            if (m.equals("twice") && !Kept.MESSAGES.contains(c.message())) {
              Kept.MESSAGES.add(c.message());
              c.pushMessages(List.of(c.message()));
              return log;
            }
            """,
            ",\"mailbox\":{\"messages\":2}"));
    assertThat(rig.rpc("twice").answer(String.class)).isEqualTo("did twice");
    assertThat(seen()).isEqualTo(List.of("twice"));
  }

  @Test
  void deferredMessagesWaitForTheResumeAndSurviveAnUpgrade() {
    rig.install(
        scribe("if (!m.equals(\"open\") && log.seen().isEmpty()) { c.defer(); return log; }", ""));
    Call a = rig.rpc("a");
    Call b = rig.rpc("b");
    assertThat(seen()).isEqualTo(List.of());
    rig.install(scribe("if (m.equals(\"open\")) { c.resumeDeferred(); }", ""));
    assertThat(a.isAnswered()).isFalse();
    assertThat(rig.rpc("open").answer(String.class)).isEqualTo("did open");
    assertThat(a.answer(String.class)).isEqualTo("did a");
    assertThat(b.answer(String.class)).isEqualTo("did b");
    assertThat(seen()).isEqualTo(List.of("open", "a", "b"));
  }

  @Test
  void aDeferredMessageThatIsPushedIsNotResumedOnceMore() {
    rig.install(
        scribe(
            """
            if (m.equals("a") && log.seen().isEmpty()) {
              Kept.MESSAGES.add(c.message());
              c.defer();
              return log;
            }
            if (m.equals("open")) { c.pushMessages(Kept.MESSAGES); c.resumeDeferred(); }
            """,
            ""));
    Call a = rig.rpc("a");
    rig.rpc("open").answer();
    assertThat(a.answer(String.class)).isEqualTo("did a");
    assertThat(seen()).isEqualTo(List.of("open", "a"));
  }

  @Test
  void scheduledMessagesArriveLaterAlsoAfterAnUpgrade() {
    ServiceJar jar =
        scribe("if (m.equals(\"plan\")) { c.schedule(Duration.ofMillis(300), \"planned\"); }", "");
    rig.install(jar);
    rig.rpc("plan").answer();
    rig.install(jar);
    await().atMost(MOMENT).until(() -> seen().equals(List.of("plan", "planned")));
  }

  @Test
  void theMailboxIsBoundedInMessages() {
    rig.install(scribe("", ",\"mailbox\":{\"messages\":5}"));
    Call wait = rig.send("wait");
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(rig.rpc("m" + i));
    }
    Call tooMany = rig.rpc("m4");
    assertThat(tooMany.failure().code()).isEqualTo(ErrorCode.MAILBOX_FULL);
    gate.open();
    wait.answer();
    calls.forEach(Call::answer);
    assertThat(seen()).isEqualTo(List.of("m0", "m1", "m2", "m3"));
  }

  /** Acceptance: whoever sends into a full mailbox is told, and the peer's memory does not grow. */
  @Test
  void acceptance12SendersIntoAFullMailboxGetMailboxFullAndMemoryStaysFlat() {
    rig.install(scribe("", ",\"mailbox\":{\"messages\":64}"));
    Call wait = rig.send("wait");
    String body = "x".repeat(1_000);
    for (int i = 0; i < 63; i++) {
      rig.rpc(body);
    }
    long before = usedAfterCollection();
    long refused = 0;
    for (int i = 0; i < 100_000; i++) {
      refused += rig.rpc(body).failure().code() == ErrorCode.MAILBOX_FULL ? 1 : 0;
    }
    assertThat(refused).isEqualTo(100_000);
    assertThat(usedAfterCollection() - before).as("100 MB were refused").isLessThan(8 << 20);
    assertThat(rig.runtime.statistics().refused()).isEqualTo(100_000);
    assertThat(rig.runtime.deadLetters()).as("everybody was told").isEmpty();
    gate.open();
    wait.answer();
  }

  private static long usedAfterCollection() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  @Test
  void theMailboxIsBoundedInBytes() {
    rig.install(scribe("", ",\"mailbox\":{\"bytes\":4096}"));
    Call wait = rig.send("wait");
    Call fits = rig.rpc("x".repeat(3_000));
    assertThat(rig.rpc("y".repeat(1_000)).failure().code()).isEqualTo(ErrorCode.MAILBOX_FULL);
    Call small = rig.rpc("z");
    gate.open();
    wait.answer();
    fits.answer();
    assertThat(small.answer(String.class)).isEqualTo("did z");
    assertThat(rig.rpc("y".repeat(3_500)).answer(String.class)).startsWith("did y");
  }

  @Test
  void whatIsPutBackCountsAgainstTheBounds() {
    rig.install(
        scribe(
            """
            if (m.equals("flood")) {
              try {
                c.pushMessages(Collections.nCopies(10, c.message()));
              } catch (KitException e) {
                c.reply(e.code().name());
              }
              return log;
            }
            """,
            ",\"mailbox\":{\"messages\":5}"));
    assertThat(rig.rpc("flood").answer(String.class)).isEqualTo("MAILBOX_FULL");
    assertThat(seen()).as("nothing of it stayed").isEqualTo(List.of());
  }

  @Test
  void aMessageThatNobodyWaitsForIsTriedThreeTimesAndSetAside() {
    rig.install(
        scribe(
            """
            if (m.equals("plan")) { c.schedule(Duration.ZERO, "broken"); }
            if (m.equals("broken")) { throw new RuntimeException("cannot"); }
            """,
            ""));
    rig.rpc("plan").answer();
    await().atMost(MOMENT).until(() -> rig.runtime.deadLetters().size() == 1);
    DeadLetter dead = rig.runtime.deadLetters().get(0);
    assertThat(dead.message().body(String.class)).isEqualTo("broken");
    assertThat(dead.reason()).contains("cannot");
    assertThat(rig.runtime.statistics().crashes()).isEqualTo(3);
    assertThat(rig.status().phase()).isEqualTo(Phase.ACTIVE);
    assertThat(seen()).isEqualTo(List.of("plan"));
  }

  @Test
  void aMessageThatCannotEverFitIsTooLarge() {
    rig.install(scribe("", ",\"mailbox\":{\"bytes\":4096}"));
    assertThat(rig.rpc("x".repeat(5_000)).failure().code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
  }

  @Test
  void aDeferredMessageIsGivenUpWithItsSender() {
    rig.install(scribe("c.defer(); if (true) { return log; }", ",\"mailbox\":{\"messages\":2}"));
    Call impatient =
        new Call(
            Call.rpc("svc", "a").message(), System.nanoTime() + Duration.ofMillis(300).toNanos());
    rig.deliver(impatient);
    assertThat(impatient.failure().code()).isEqualTo(ErrorCode.BUSY);
    assertThat(impatient.failure().detail()).contains("deferred");
    assertThat(seen()).isEqualTo(List.of());
  }

  @Test
  void aTimerOfAServiceThatIsRemovedIsSetAside() {
    rig.install(
        scribe("if (m.equals(\"plan\")) { c.schedule(Duration.ofDays(30), \"planned\"); }", ""));
    rig.rpc("plan").answer();
    rig.runtime.remove(Rig.KEY);
    await().atMost(MOMENT).until(() -> rig.runtime.deadLetters().size() == 1);
    assertThat(rig.runtime.deadLetters().get(0).reason()).contains("was removed");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return rig.runtime.statistics().loadersAlive() == 0;
            });
  }

  @Test
  void aContextIsOfNoUseAfterItsTurn() {
    rig.install(
        new ServiceJar()
            .source("Kept", "final class Kept { static MessageContext last; }")
            .maker(
                """
                return ServiceDescriptor.stateless().on(String.class, (m, c) -> {
                  String seen = "none";
                  if (Kept.last != null) {
                    try { Kept.last.reply("again"); seen = "replied"; }
                    catch (KitException e) { seen = e.code().name(); }
                    try { Kept.last.network().sendTo(null, "x").join(); seen += "+sent"; }
                    catch (KitException e) { seen += "+" + e.code(); }
                  }
                  Kept.last = c;
                  c.reply(seen);
                }).build();
                """)
            .stateless("1", ""));
    assertThat(rig.rpc("x").answer(String.class)).isEqualTo("none");
    assertThat(rig.rpc("x").answer(String.class)).isEqualTo("CANCELLED+CANCELLED");
  }
}
