// What a service may use up: it is slowed, told or refused, and the others keep their time.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceFigures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private void limit(Quota quota) {
    rig.close();
    rig = new Rig(directory, RuntimeConfig.DEFAULT.quotas(Map.of("svc", quota)));
  }

  private ServiceFigures figures() {
    return rig.runtime.figures().get(0);
  }

  @Test
  void whoeverHasDrawnTooMuchWaitsUntilItIsThereAgain() {
    Meter meter = new Meter(Quota.parse("cpu=20%,alloc=1K/s,messages=10/s"), 0);
    assertThat(meter.draw(2 * SECOND, 1_024, 10, 0)).as("all that there is").isZero();
    assertThat(meter.draw(SECOND, 0, 0, 0)).as("a second at a fifth").isEqualTo(5 * SECOND);
    assertThat(meter.isThrottled()).isTrue();
    assertThat(meter.draw(0, 0, 0, 5 * SECOND)).isZero();
    assertThat(meter.isThrottled()).isFalse();
    assertThat(meter.draw(0, 3 * 1_024, 0, 5 * SECOND)).isEqualTo(2 * SECOND);
    assertThat(meter.draw(0, 0, 25, 7 * SECOND)).isEqualTo(3 * SECOND / 2);
    assertThat(meter.draw(0, 0, 1_000_000, 9 * SECOND)).as("the most").isEqualTo(30 * SECOND);
    assertThat(meter.pauses()).isEqualTo(2);
  }

  @Test
  void theSmallerOfTwoLimitsCounts() {
    assertThat(
            Quota.parse("cpu=50%,alloc=2M/s,state=1G")
                .and(Quota.parse("cpu=20%,alloc=3M/s,messages=7/s")))
        .isEqualTo(new Quota(0.2, 2 << 20, 7, 1 << 30));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "cpu", "cpu=20", "cpu=0%", "alloc=5", "state=-1", "disk=5", "cpu=9%,"})
  void whatIsNoQuotaIsRefusedWithWhatIsOne(String text) {
    assertThatThrownBy(() -> Quota.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cpu=20%");
  }

  /** Allocates a megabyte for each "eat". */
  private static ServiceJar eater() {
    return new ServiceJar()
        .maker(
            """
            return ServiceDescriptor.stateless().on(String.class, (m, c) -> {
              if (m.equals("eat")) { c.reply(new byte[1 << 20].length); }
              if (m.equals("burn")) {
                long end = System.nanoTime() + 50_000_000;
                while (System.nanoTime() < end) { Thread.onSpinWait(); }
                c.reply(1);
              }
              if (m.equals("talk")) {
                for (int i = 0; i < 10; i++) {
                  c.network().sendTo(c.message().replyTo().get(), "x");
                }
                c.reply(1);
              }
            }).build();
            """)
        .stateless("1", ",\"mailbox\":{\"messages\":5}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"eat", "talk"})
  void aServiceOverItsQuotaIsSlowedItsSendersAreToldAndOthersGoOn(String what) {
    limit(Quota.parse("alloc=1M/s,messages=5/s"));
    rig.install(eater());
    ServiceKey other = new ServiceKey("other", "1");
    rig.install(other, Counters.first("").build());
    // The first draws more than there is; then the mailbox fills behind it.
    rig.rpc(what).answer();
    rig.rpc(what);
    await().atMost(MOMENT).until(() -> figures("svc").slowed() >= 1);
    Call refused = rig.rpc(what);
    long until = System.nanoTime() + MOMENT.toNanos();
    while (!refused.hasFailed() && System.nanoTime() - until < 0) {
      refused = rig.rpc(what);
    }
    assertThat(refused.failure().code()).isEqualTo(ErrorCode.QUOTA);
    assertThat(refused.failure().detail()).contains("quota");
    for (int i = 1; i <= 100; i++) {
      assertThat(rig.deliver(Call.rpc("other", "add")).answer(Long.class)).isEqualTo(i);
    }
    assertThat(figures("other").slowed()).isZero();
  }

  private ServiceFigures figures(String name) {
    return rig.runtime.figures().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatTurnsUseUpIsCounted() {
    rig.install(eater());
    rig.rpc("eat").answer();
    rig.rpc("burn").answer();
    rig.rpc("talk").answer();
    await().atMost(MOMENT).until(() -> figures().cpuMicros() > 1_000);
    assertThat(figures().allocatedBytes()).isGreaterThan(1 << 20);
    assertThat(figures().sent()).isEqualTo(10);
    assertThat(figures().turns()).isEqualTo(3);
    assertThat(figures().p99Micros()).isGreaterThanOrEqualTo(50_000);
    assertThat(figures().slowed()).isZero();
  }

  @Test
  void aServiceThatIsSlowedCanBeUpgradedAndRemoved() {
    limit(Quota.parse("messages=1/s"));
    rig.install(eater());
    rig.rpc("talk").answer();
    await().atMost(MOMENT).until(() -> rig.rpc("x").isAnswered() || figures().slowed() > 0);
    rig.install(eater());
    assertThat(rig.status().epoch()).isEqualTo(2);
    rig.runtime.remove(Rig.KEY);
    assertThat(rig.runtime.status()).isEmpty();
  }

  /** A list that cannot change, or an array that can. */
  private static ServiceJar growing(String type) {
    return new ServiceJar()
        .source("Listed", "public record Listed(List<String> parts) {}")
        .source("Arrayed", "public final class Arrayed { String all = \"\"; }")
        .maker(
            type.equals("Listed")
                ? """
                return ServiceDescriptor.stateful(Listed.class)
                    .initialState(() -> new Listed(List.of()))
                    .on(String.class, (m, s, c) -> {
                      var next = new ArrayList<>(s.parts());
                      next.add(m);
                      c.reply(next.size());
                      return new Listed(List.copyOf(next));
                    })
                    .on(Long.class, (m, s, c) -> { c.reply(s.parts().size()); return s; })
                    .build();
                """
                : """
                return ServiceDescriptor.stateful(Arrayed.class)
                    .initialState(Arrayed::new)
                    .on(String.class, (m, s, c) -> {
                      s.all += m;
                      c.reply(s.all.length() / 1000);
                      return s;
                    })
                    .on(Long.class, (m, s, c) -> { c.reply(s.all.length() / 1000); return s; })
                    .build();
                """)
        .stateful("1", "svc." + type, 1, ",\"quota\":{\"stateBytes\":100000}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Listed", "Arrayed"})
  void aTurnThatMakesTheStateTooLargeFailsAndLeavesItAsItWas(String type) {
    rig.install(growing(type));
    int fit = 0;
    Call last = rig.rpc("x".repeat(1_000));
    while (fit < 200 && !last.hasFailedWith(ErrorCode.QUOTA)) {
      fit = last.answer(Integer.class);
      last = rig.rpc("x".repeat(1_000));
    }
    assertThat(fit).isBetween(80, 102);
    assertThat(last.failure().detail()).contains("maxStateBytes");
    assertThat(rig.rpc(1L).answer(Integer.class)).isEqualTo(fit);
    assertThat(figures().stateBytes()).isBetween(50_000L, 100_000L);
    assertThat(rig.runtime.statistics().crashes()).as("it is no crash").isZero();
  }
}
