// Turns that end well, throw, refuse, or take their time.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TurnTest extends StickyTurns {
  @Test
  void anEventLoopServiceRunsOnTheThreadThatBringsTheMessage() {
    rig.install(
        new ServiceJar()
            .maker(
                "return ServiceDescriptor.stateless().on(String.class, (m, c) ->"
                    + " c.reply(Thread.currentThread().getName())).build();")
            .stateless("1", mode("EVENT_LOOP", 1_000)));
    assertThat(rig.rpc("x").answer(String.class)).isEqualTo(Thread.currentThread().getName());
  }

  @Test
  void aProcessorThatThrowsKeepsItsStateAndTellsTheCaller() {
    rig.install(Counters.first(""));
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(1);
    Call crash = rig.rpc("crash");
    assertThat(crash.failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(crash.failure().detail()).contains("java.lang.IllegalStateException: as asked");
    assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(2);
    assertThat(rig.runtime.statistics().crashes()).isEqualTo(1);
  }

  @Test
  void fiveCrashesStopItAndOneGoodMessageLaterStartsItAgain() {
    rig.install(Counters.first(""));
    for (int i = 0; i < 5; i++) {
      assertThat(rig.rpc("crash").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    }
    await().atMost(MOMENT).until(() -> rig.status().phase() == Phase.STOPPED);
    assertThat(rig.rpc("add").failure().detail()).contains("stopped after 5 crashes");
    await().atMost(MOMENT).ignoreExceptions().until(() -> rig.rpc("add").answer(Long.class) == 1);
    assertThat(rig.status().phase()).isEqualTo(Phase.ACTIVE);
  }

  @Test
  void whatATurnDidBeforeItThrewIsDiscarded() {
    rig.install(
        new ServiceJar()
            .maker(
                """
                return ServiceDescriptor.stateless().on(String.class, (m, c) -> {
                  if (m.equals("do")) {
                    c.reply("done");
                    c.network().sendTo(c.message().replyTo().get(), "side effect");
                    c.schedule(Duration.ZERO, "later");
                    c.pushMessages(List.of(c.message()));
                    throw new RuntimeException("after all");
                  }
                  c.reply(m);
                }).build();
                """)
            .stateless("1", ",\"mailbox\":{\"messages\":3}"));
    assertThat(rig.rpc("do").failure().detail()).contains("after all");
    assertThat(rig.rpc("x").answer(String.class)).isEqualTo("x");
    assertThat(rig.network.sentElsewhere).isEmpty();
    assertThat(rig.runtime.statistics().turns()).isEqualTo(1);
  }

  @Test
  void callsLeaveWhenTheTurnHasEndedWell() {
    rig.install(
        new ServiceJar()
            .maker(
                """
                return ServiceDescriptor.stateless().on(String.class, (m, c) -> {
                  var sent = c.network().sendTo(c.message().replyTo().get(), "hello");
                  c.reply(sent.isDone());
                }).build();
                """)
            .stateless("1", ""));
    assertThat(rig.rpc("go").answer(Boolean.class)).isFalse();
    assertThat(rig.network.sentElsewhere).containsExactly(Payload.of("hello"));
  }

  @Test
  void aServiceMayNotInstallCloseOrSubscribe() {
    rig.install(
        new ServiceJar()
            .maker(
                """
                return ServiceDescriptor.stateless().on(String.class, (m, c) -> {
                  var seen = new ArrayList<String>();
                  try { c.network().install(Archive.of(new byte[0]), InstallOptions.DEFAULT).join(); }
                  catch (CompletionException e) { seen.add(KitException.from(e).code().name()); }
                  try { c.network().close(); }
                  catch (KitException e) { seen.add(e.code().name()); }
                  c.reply(seen);
                }).build();
                """)
            .stateless("1", ""));
    assertThat((Object) rig.rpc("go").answer(List.class))
        .isEqualTo(List.of("UNAUTHORISED", "UNAUTHORISED"));
  }

  @Test
  void anAsynchronousHandlerHoldsTheNextMessageUntilItsStageCompletes() {
    rig.install(
        new ServiceKey("echo", "1"),
        new ServiceJar()
            .maker(
                "return ServiceDescriptor.stateless().on(String.class, (m, c) ->"
                    + " c.reply(m + \"!\")).build();")
            .stateless("1", "")
            .build());
    rig.install(
        new ServiceJar()
            .source("Log", "public record Log(List<String> seen) {}")
            .maker(
                """
                return ServiceDescriptor.stateful(Log.class).initialState(() -> new Log(List.of()))
                    .onAsync(String.class, (m, log, c) ->
                        c.network().rpcPeer(peer.peerId(), "echo", m, String.class).thenApply(echo -> {
                          var next = new ArrayList<>(log.seen());
                          next.add(echo);
                          c.reply(next);
                          return new Log(List.copyOf(next));
                        }))
                    .build();
                """)
            .stateful("1", "svc.Log", 1, mode("ASYNC", 5_000)));
    List<Call> calls = List.of(rig.rpc("a"), rig.rpc("b"), rig.rpc("c"));
    assertThat((Object) calls.get(0).answer(List.class)).isEqualTo(List.of("a!"));
    assertThat((Object) calls.get(2).answer(List.class)).isEqualTo(List.of("a!", "b!", "c!"));
  }

  @Test
  void aHandlerThatRefusesWithACodeDoesNotCountAsCrashed() {
    rig.install(
        new ServiceJar()
            .maker(
                """
                return ServiceDescriptor.stateless().on(String.class, (m, c) -> {
                  if (m.equals("fail")) { c.fail(ErrorCode.QUOTA, "enough"); return; }
                  throw new KitException(ErrorCode.UNAUTHORISED, "not you");
                }).build();
                """)
            .stateless("1", ""));
    assertThat(rig.send("fail").failure().detail()).isEqualTo("enough");
    assertThat(rig.send("throw").failure().code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(rig.runtime.statistics().crashes()).isZero();
  }

  @Test
  void aMessageThatNoHandlerTakesIsRefusedWithWhatIsTaken() {
    rig.install(Counters.first(""));
    Call call = rig.rpc(Map.of("amount", 1L));
    assertThat(call.failure().code()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    assertThat(call.failure().detail()).contains("svc takes String");
    assertThat(rig.deliver(Call.rpc("svc", Payload.bytes(new byte[9]))).failure().code())
        .isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void eachOfTwoInstancesGetsEachMessageAndTheFirstReplyWins() {
    rig.install(Rig.KEY, Counters.first("").build());
    rig.install(new ServiceKey("svc", "2"), Counters.first("").build());
    for (int i = 1; i <= 20; i++) {
      assertThat(rig.rpc("add").answer(Long.class)).isEqualTo(i);
    }
    await().atMost(MOMENT).until(() -> rig.runtime.statistics().turns() == 40);
    rig.runtime.remove(Rig.KEY);
    assertThat(rig.rpc("read").answer(Long.class)).as("the second counted, too").isEqualTo(20);
  }

  @Test
  void aMessageToTwoInstancesIsAcknowledgedWhenBothAreDoneAndFailsIfOneFails() {
    String silent =
        "return ServiceDescriptor.stateless().on(String.class, (m, c) -> { if (m.equals(\"%s\"))"
            + " throw new RuntimeException(m); }).build();";
    rig.install(
        Rig.KEY, new ServiceJar().maker(silent.formatted("one")).stateless("1", "").build());
    rig.install(
        new ServiceKey("svc", "2"),
        new ServiceJar().maker(silent.formatted("two")).stateless("1", "").build());
    assertThat(rig.send("x").answer()).isEqualTo(Call.PROCESSED);
    assertThat(rig.send("two").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
  }

  @Test
  void nobodyAtTheAccessPointIsAnError() {
    assertThat(rig.send("x").failure().code()).isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
  }

  @Test
  void aMessageWhoseSenderHasGivenUpIsNotProcessed() {
    rig.install(Counters.first(""));
    Call late =
        new Call(
            Call.send("svc", "add").message(), System.nanoTime() - Duration.ofSeconds(1).toNanos());
    assertThat(rig.deliver(late).failure().code()).isEqualTo(ErrorCode.BUSY);
    assertThat(rig.rpc("read").answer(Long.class)).isZero();
  }

  @Test
  void theContextClassLoaderIsTheServicesOwnDuringATurnAndRestoredAfterwards() {
    rig.install(
        new ServiceJar()
            .maker(
                "return ServiceDescriptor.stateless().on(String.class, (m, c) -> c.reply("
                    + "Thread.currentThread().getContextClassLoader()"
                    + " == Maker.class.getClassLoader())).build();")
            .stateless("1", mode("EVENT_LOOP", 1_000)));
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    assertThat(rig.rpc("x").answer(Boolean.class)).isTrue();
    assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
  }

  @Test
  void aServiceSeesTheSdkAndTheLogButNothingElseOfThePeer() {
    rig.install(
        new ServiceJar()
            .maker(
                """
                var seen = new ArrayList<String>();
                for (String name : List.of(
                    "io.vertx.core.Vertx", "com.esotericsoftware.kryo.Kryo",
                    "com.google.common.collect.ImmutableList", "io.netty.buffer.ByteBuf",
                    "com.fasterxml.jackson.databind.ObjectMapper", "ch.qos.logback.classic.Logger",
                    "dev.p2pkit.peer.service.ServiceRuntime", "dev.p2pkit.sdk.Network",
                    "org.slf4j.Logger", "org.jspecify.annotations.Nullable", "java.sql.Driver")) {
                  try { Class.forName(name); seen.add(name); } catch (ClassNotFoundException e) { }
                }
                return ServiceDescriptor.stateless()
                    .on(String.class, (m, c) -> c.reply(seen)).build();
                """)
            .stateless("1", ""));
    assertThat((Object) rig.rpc("x").answer(List.class))
        .isEqualTo(
            List.of(
                "dev.p2pkit.sdk.Network",
                "org.slf4j.Logger",
                "org.jspecify.annotations.Nullable",
                "java.sql.Driver"));
  }

  @Test
  void aReplyWithoutAnybodyWaitingIsWithoutEffect() {
    rig.install(Counters.first(""));
    assertThat(rig.deliver(Call.of("svc", "add", Optional.empty())).answer())
        .isEqualTo(Call.PROCESSED);
  }
}
