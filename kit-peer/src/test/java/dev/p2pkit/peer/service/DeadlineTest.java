// What a handler is told of the time that is left, and how much what it sends may take.
package dev.p2pkit.peer.service;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.SendOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadlineTest {
  @TempDir Path directory;

  @Test
  void whatRemainsIsTheShorterOfTheCallersDeadlineAndTheTurns() {
    try (Rig rig = new Rig(directory, RuntimeConfig.DEFAULT)) {
      rig.install(
          new ServiceJar()
              .maker(
                  "return ServiceDescriptor.stateless().on(String.class, (m, context) ->"
                      + " context.reply(context.remaining().toMillis())).build();")
              .stateless("1", ",\"execution\":{\"turnMillis\":20000}"));
      Call patient = new Call(Call.rpc("svc", "x").message(), in(60));
      assertThat(rig.deliver(patient).answer(Long.class)).isBetween(1L, 20_000L);
      Call hasty = new Call(Call.rpc("svc", "x").message(), in(10));
      assertThat(rig.deliver(hasty).answer(Long.class)).isBetween(1L, 10_000L);
    }
  }

  private static final Duration DEFAULT = SendOptions.DEFAULT.deadline();

  /** Sends to itself what it gets: at once, after a while, and when its sender has given up. */
  private static ServiceJar relay() {
    return new ServiceJar()
        .maker(
            "return ServiceDescriptor.stateless().on(String.class, (m, context) -> {"
                + "  if (m.equals(\"later\")) {"
                + "    context.schedule(Duration.ZERO, \"relay\");"
                + "    return;"
                + "  }"
                + "  while (m.equals(\"late\") && !context.remaining().isZero()) {"
                + "    Thread.onSpinWait();"
                + "  }"
                + "  if (!m.equals(\"end\")) {"
                + "    context.network().sendPeer(context.peer().peerId(), \"svc\", \"end\");"
                + "  }"
                + "  context.reply(m);"
                + "}).build();")
        .stateless("1", "");
  }

  private static Call in(int seconds, String body) {
    return new Call(Call.rpc("svc", body).message(), in(seconds));
  }

  @Test
  void whatATurnSendsHasNoMoreTimeThanWhoWaitsForTheTurn() {
    try (Rig rig = new Rig(directory, RuntimeConfig.DEFAULT)) {
      rig.install(relay());
      rig.deliver(in(9, "relay")).answer();
      await(rig, 1);
      assertThat(rig.network.deadlines.poll()).isBetween(Duration.ofMillis(1), ofSeconds(9));
      rig.deliver(in(60, "relay")).answer();
      await(rig, 1);
      assertThat(rig.network.deadlines.poll()).isEqualTo(DEFAULT);
    }
  }

  @Test
  void timersAndWhatWasAcknowledgedBeforeItsTurnHaveNobodyWhoWaits() {
    try (Rig rig = new Rig(directory, RuntimeConfig.DEFAULT)) {
      rig.install(relay());
      rig.deliver(Call.early("svc", "relay")).answer();
      await(rig, 1);
      rig.deliver(in(5, "later")).answer();
      await(rig, 2);
      assertThat(rig.network.deadlines).containsExactly(DEFAULT, DEFAULT);
    }
  }

  @Test
  void nothingIsSentOnWhenTheSenderHasGivenUp() {
    try (Rig rig = new Rig(directory, RuntimeConfig.DEFAULT)) {
      rig.install(relay());
      Call late =
          new Call(
              Call.rpc("svc", "late").message(),
              System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300));
      rig.deliver(late);
      Awaitility.await().until(late::isAnswered);
      // Its turn comes after all that the one before has sent.
      rig.deliver(in(60, "relay")).answer();
      await(rig, 1);
      assertThat(rig.network.deadlines).containsExactly(DEFAULT);
    }
  }

  @Test
  void patienceShortensADeadlineAndNothingElse() {
    SendOptions options = SendOptions.within(ofSeconds(2)).mayRepeat().version("3");
    Patience patience = new Patience(OptionalLong.of(Long.MIN_VALUE + 10));
    long before = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1) + 11;
    assertThat(patience.limit(options, before))
        .contains(SendOptions.within(ofSeconds(1)).mayRepeat().version("3"));
    assertThat(patience.limit(options, before - TimeUnit.SECONDS.toNanos(2))).contains(options);
    assertThat(patience.limit(options, Long.MAX_VALUE)).isEmpty();
    assertThat(patience.limit(options, Long.MIN_VALUE + 11)).isEmpty();
    assertThat(new Patience(OptionalLong.empty()).limit(options, before)).contains(options);
  }

  private static void await(Rig rig, int sent) {
    Awaitility.await().until(() -> rig.network.deadlines.size() == sent);
  }

  private static long in(int seconds) {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }
}
