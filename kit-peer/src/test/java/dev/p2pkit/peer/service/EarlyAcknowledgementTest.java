// Messages whose sender was told that they wait: what becomes of them when their turns fail.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyAcknowledgementTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void start() {
    rig =
        new Rig(
            directory,
            RuntimeConfig.DEFAULT.backOff(
                Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMinutes(1)));
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void aMessageThatFailsThreeTimesBecomesOneDeadLetter() {
    rig.install(Counters.first(""));
    assertThat(rig.deliver(Call.early("svc", "crash")).answer()).isEqualTo(Call.PROCESSED);
    awaitDeadLetters(1);
    assertThat(rig.runtime.statistics().crashes()).isEqualTo(3);
    assertThat(rig.rpc("add").answer(Long.class)).as("it still runs").isEqualTo(1);
    DeadLetter letter = rig.runtime.deadLetters().get(0);
    assertThat(letter.message().body()).isEqualTo(Payload.of("crash"));
    assertThat(letter.reason()).contains("as asked");
  }

  @Test
  void eachInstanceTriesForItself() {
    rig.install(Rig.KEY, Counters.first("").build());
    rig.install(new ServiceKey("svc", "2"), Counters.first("").build());
    assertThat(rig.deliver(Call.early("svc", "crash")).answer()).isEqualTo(Call.PROCESSED);
    awaitDeadLetters(2);
    assertThat(rig.runtime.statistics().crashes()).isEqualTo(6);
    assertThat(rig.runtime.deadLetters())
        .extracting(letter -> letter.service().instance())
        .containsExactlyInAnyOrderElementsOf(List.of("1", "2"));
  }

  @Test
  void itsSendersDeadlineDoesNotDropIt() {
    rig.install(Counters.first(""));
    // The deadline of an early call has passed when it is delivered.
    assertThat(rig.deliver(Call.early("svc", "add")).answer()).isEqualTo(Call.PROCESSED);
    assertThat(rig.rpc("read").answer(Long.class)).isEqualTo(1);
  }

  private void awaitDeadLetters(int count) {
    await()
        .atMost(MOMENT)
        .untilAsserted(() -> assertThat(rig.runtime.deadLetters()).hasSize(count));
  }
}
