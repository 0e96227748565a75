// Turns that never end are fenced off, and what comes of them late is discarded.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FencingTest extends StickyTurns {
  /** A counter that gets stuck on request until the gate is opened. */
  private static ServiceJar sticky(String more) {
    return new ServiceJar()
        .source(
            "Totals",
            "public record Totals(long count) { Totals plus() { return new Totals(count + 1); } }")
        .maker(
            """
            return ServiceDescriptor.stateful(Totals.class).initialState(() -> new Totals(0))
                .on(String.class, (message, totals, context) -> {
                  if (message.equals("stick")) {
                    context.network().sendPeer(peer.peerId(), "svc", "add");
                    context.schedule(Duration.ZERO, "add");
                    AWAIT
                    String seen;
                    try {
                      context.reply("late");
                      seen = "replied";
                    } catch (KitException e) {
                      seen = e.code().name();
                    }
                    java.nio.file.Files.writeString(peer.directory().resolve("seen"), seen);
                    return new Totals(1_000_000);
                  }
                  Totals next = totals.plus();
                  context.reply(next.count());
                  return next;
                })
                .build();
            """
                .replace("AWAIT", Gate.AWAIT))
        .stateful("1", "svc.Totals", 1, more);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WORKER", "VIRTUAL", "ASYNC"})
  void aTurnThatNeverEndsIsFencedAndItsLateResultDiscarded(String mode) throws Exception {
    rig.install(sticky(mode(mode, 400)));
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(1);
    Call stuck = rig.rpc("stick");
    Call behind = rig.rpc("add");
    assertThat(stuck.failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(stuck.failure().detail()).contains("did not finish its turn in 400 ms");
    assertThat(behind.answer(Long.class)).isEqualTo(2);
    gate.open();
    await().atMost(MOMENT).until(() -> Files.exists(serviceFile("seen")));
    await()
        .atMost(MOMENT)
        .untilAsserted(
            () -> assertThat(serviceFile("seen")).hasContent(ErrorCode.CANCELLED.name()));
    assertThat(rig.rpc("add").answer(Long.class)).as("no late state, send or timer").isEqualTo(3);
    assertThat(rig.runtime.statistics().fenced()).isEqualTo(1);
  }

  @Test
  void stuckTurnsDoNotStarveOthers() {
    ServiceKey other = new ServiceKey("other", "1");
    rig.install(sticky(mode("WORKER", 150)));
    rig.install(other, Counters.first("").build());
    for (int i = 0; i < 4; i++) {
      assertThat(rig.rpc("stick").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    }
    // Twice as many threads are stuck for ever as the pool has.
    assertThat(rig.deliver(Call.rpc("other", "add")).answer(Long.class)).isEqualTo(1);
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(1);
  }

  @Test
  void anEventLoopServiceThatBlocksIsStoppedUntilItIsUpgraded() throws Exception {
    rig.install(sticky(mode("EVENT_LOOP", 300)));
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(1);
    Call stuck = Call.rpc("svc", "stick");
    Thread network = new Thread(() -> rig.runtime.deliver(stuck));
    network.start();
    assertThat(stuck.failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.STOPPED);
    assertThat(rig.rpc("add").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(rig.status().detail()).contains("until it is upgraded");
    assertThat(rig.stuck).containsExactly(network);
    rig.install(sticky(mode("WORKER", 300)));
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(2);
    gate.open();
    network.join();
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(3);
  }

  @Test
  void anEventLoopServiceLeavesThreadsAloneThatAreNoEventLoops() {
    rig.eventLoops = thread -> false;
    rig.install(sticky(mode("EVENT_LOOP", 300)));
    // Returns at once though the turn never ends.
    assertThat(rig.rpc("stick").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(rig.stuck).as("a thread of the pool is replaced").isEmpty();
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.STOPPED);
  }

  @Test
  void anAsynchronousHandlerWhoseStageNeverCompletesIsFenced() {
    rig.install(
        new ServiceJar()
            .maker(
                """
                return ServiceDescriptor.stateless().onAsync(String.class, (m, c) -> {
                  if (m.equals("never")) { return new CompletableFuture<Object>(); }
                  c.reply(m);
                  return CompletableFuture.completedFuture(null);
                }).build();
                """)
            .stateless("1", mode("ASYNC", 200)));
    Call never = rig.rpc("never");
    Call next = rig.rpc("next");
    assertThat(never.failure().detail()).contains("did not finish its turn in 200 ms");
    assertThat(next.answer(String.class)).isEqualTo("next");
  }

  @Test
  void whatWaitsIsAnsweredWhenThePeerCloses() {
    rig.install(sticky(mode("WORKER", 60_000)));
    Call stuck = rig.rpc("stick");
    await().atMost(MOMENT).until(() -> Files.exists(serviceFile("x").getParent()));
    List<Call> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(rig.rpc("add"));
    }
    rig.close();
    assertThat(stuck.failure().code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    for (Call call : waiting) {
      assertThat(call.failure().code()).isEqualTo(ErrorCode.CLOSED);
    }
  }
}
