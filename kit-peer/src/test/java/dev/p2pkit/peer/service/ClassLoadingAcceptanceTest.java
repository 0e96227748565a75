// Acceptance of class loading: however a service lives, nothing of its old versions stays in
// memory.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceFigures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassLoadingAcceptanceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * No pause after a crash, and crashes never stop it: each upgrade comes from a version in use.
   */
  private static final RuntimeConfig RESTLESS =
      RuntimeConfig.DEFAULT.backOff(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));

  /**
   * A service that holds on to its classes in all ways that the runtime has to undo: tasks that
   * never end, timers that are never due, thread-locals on every thread it sees, loggers with its
   * own handler and level, exceptions of its own class in futures that it keeps and that the peer
   * keeps for it.
   */
  private static final String MAKER =
      """
      Maker.hold(peer, "make");
      return ServiceDescriptor.stateful(Totals.class)
          .initialState(() -> { Maker.hold(peer, "initial"); return ZERO; })
          .upgradeState(old -> { Maker.hold(peer, "upgrade"); return CARRIED; })
          .on(Add.class, (add, totals, c) -> {
            Maker.hold(peer, "turn");
            c.schedule(Duration.ofDays(1), new Add(1));
            var next = NEXT;
            c.reply(next);
            return next;
          })
          .onAsync(Long.class, (number, totals, c) -> {
            var outcome = new CompletableFuture<Totals>();
            peer.executor().execute(() -> {
              Maker.hold(peer, "task");
              c.reply(number);
              outcome.complete(totals);
            });
            return outcome;
          })
          .onAsync(String.class, (how, totals, c) -> {
            Maker.hold(peer, "crash");
            if (how.equals("throw")) {
              throw new Maker.Trouble(how);
            }
            return CompletableFuture.failedFuture(new Maker.Trouble(how));
          })
          .onAny((body, totals, c) -> { c.reply(body.as(List.class)); return totals; })
          .build();
      """;

  private static final String HELPERS =
      """
      public final class Maker implements ServiceMaker {
        static final ThreadLocal<Held> LOCAL = new ThreadLocal<>();
        static final ThreadLocal<Held> INHERITED = new InheritableThreadLocal<>();
        static final Queue<CompletableFuture<Object>> FUTURES = new ConcurrentLinkedQueue<>();

        record Held(String where) {}

        static final class Trouble extends RuntimeException {
          final Object held = new Held("trouble");
          Trouble(String what) { super(what, new IllegalStateException("the cause of " + what)); }
        }

        static final class Loud extends java.util.logging.Level {
          Loud() { super("LOUD", 10_000); }
        }

        static final class Ear extends java.util.logging.Handler {
          final Queue<java.util.logging.LogRecord> heard = new ConcurrentLinkedQueue<>();
          @Override public void publish(java.util.logging.LogRecord record) { heard.add(record); }
          @Override public void flush() {}
          @Override public void close() {}
        }

        static void hold(PeerContext peer, String where) {
          if (!ON_THREADS_OF_OTHERS || !List.of("turn", "crash").contains(where)) {
            LOCAL.set(new Held(where));
            INHERITED.set(new Held(where));
          }
          var trouble = new Trouble(where);
          var failed = new CompletableFuture<Object>();
          FUTURES.add(failed);
          FUTURES.add(failed.handle((value, why) -> new Held(String.valueOf(why))));
          failed.completeExceptionally(trouble);
          var log = java.util.logging.Logger.getLogger("svc.Maker");
          log.setUseParentHandlers(false);
          if (log.getHandlers().length == 0) {
            log.addHandler(new Ear());
          }
          log.log(new Loud(), where, trouble);
          peer.logger().debug("{} {}", new Held(where), where, trouble);
          org.slf4j.LoggerFactory.getLogger(Maker.class).debug("{}", new Held(where), trouble);
          if (where.equals("turn")) {
            peer.executor().execute(() -> {
              LOCAL.set(new Held("executor"));
              try { new CountDownLatch(1).await(); } catch (InterruptedException e) { }
            });
          }
        }

        public ServiceDescriptor make(PeerContext peer) throws Exception {
          BODY
        }
      }
      """;

  @TempDir Path directory;
  private Rig rig;

  @AfterEach
  void stop() {
    rig.close();
  }

  /**
   * Two versions whose states differ in shape. What they leave in thread-locals goes with the
   * threads, except for those of an event loop, which a service that runs there must not set.
   */
  private static Archive version(int version, String more) {
    boolean first = version == 1;
    String body =
        MAKER
            .replace("ZERO", first ? "new Totals(0)" : "new Totals(0, \"\")")
            .replace(
                "CARRIED",
                first
                    ? "new Totals(old.getLong(\"count\"))"
                    : "new Totals(old.getLong(\"count\"), \"\")")
            .replace(
                "NEXT",
                first
                    ? "new Totals(totals.count() + add.by())"
                    : "new Totals(totals.count() + add.by(), \"x\")");
    return new ServiceJar()
        .source("Add", "public record Add(long by) {}")
        .source(
            "Totals", "public record Totals(long count" + (first ? "" : ", String name") + ") {}")
        .source(
            "Maker",
            HELPERS
                .replace("ON_THREADS_OF_OTHERS", String.valueOf(more.contains("event_loop")))
                .replace("BODY", body))
        .stateful(String.valueOf(version), "svc.Totals", 1, more)
        .build();
  }

  /** Bodies in both formats, turns of all kinds, and both kinds of crash; no reply is missing. */
  private void use(Payload kryo) {
    rig.deliver(Call.rpc("svc", kryo)).answer();
    rig.rpc(Map.of("by", 1L)).answer();
    rig.rpc(List.of(1L)).answer();
    assertThat(rig.rpc(7L).answer(Long.class)).isEqualTo(7);
    assertThat(rig.rpc("throw").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(rig.rpc("fail").failure().code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
  }

  private ServiceFigures figures() {
    return rig.runtime.figures().get(0);
  }

  private void upgradeAndFindOneLoader(int upgrades, String more) throws Exception {
    rig = new Rig(directory, RESTLESS);
    Archive first = version(1, more);
    Archive second = version(2, more);
    Payload kryo = Bodies.add();
    for (int i = 0; i < upgrades; i += 2) {
      rig.install(Rig.KEY, first);
      use(kryo);
      rig.install(Rig.KEY, second);
      use(kryo);
    }
    assertThat(rig.rpc(Map.of("by", 1L)).answer(Map.class).get("count"))
        .as("the state has come through all of them")
        .isEqualTo(2L * upgrades + 1);
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(figures().liveLoaders()).as("the one in use").isEqualTo(1);
            });
    assertThat(figures().leakedLoaders()).isZero();
    assertThat(rig.runtime.statistics().loadersAlive()).isEqualTo(1);
    rig.runtime.remove(Rig.KEY);
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              System.gc();
              return rig.runtime.statistics().loadersAlive() == 0;
            });
  }

  @Test
  void acceptance8_twoHundredUpgradesLeaveNoClassLoaderBehind() throws Exception {
    upgradeAndFindOneLoader(200, "");
  }

  @Test
  void acceptance8_upgradesOnTheThreadThatDeliversLeaveNoClassLoaderBehind() throws Exception {
    upgradeAndFindOneLoader(20, mode("event_loop"));
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"worker", "async", "virtual", "event_loop"})
  void acceptance8_aThousandUpgradesLeaveNoClassLoaderBehindInAnyMode(String mode)
      throws Exception {
    upgradeAndFindOneLoader(1_000, mode(mode));
  }

  private static String mode(String mode) {
    return ",\"execution\":{\"mode\":\"" + mode + "\"}";
  }

  @Test
  void aVersionThatStaysCountsAsLeakedOnceClassesWereUnloaded() throws Exception {
    rig = new Rig(directory, RESTLESS.leakWarning(Duration.ZERO));
    ServiceJar leaking =
        new ServiceJar()
            .maker(
                "Thread kept = new Thread(() -> { try { new CountDownLatch(1).await(); }"
                    + " catch (InterruptedException e) { } }, \"kept-by-test\");"
                    + " kept.setDaemon(true); kept.start();"
                    + " return ServiceDescriptor.stateless()"
                    + ".on(String.class, (m, c) -> {}).build();")
            .stateless("1", "");
    try {
      rig.install(leaking);
      rig.install(version2());
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                System.gc();
                return figures().leakedLoaders() == 1;
              });
      assertThat(figures().liveLoaders()).isEqualTo(2);
    } finally {
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().equals("kept-by-test"))
          .forEach(Thread::interrupt);
    }
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              System.gc();
              return figures().liveLoaders() == 1 && figures().leakedLoaders() == 0;
            });
  }

  private static ServiceJar version2() {
    return new ServiceJar()
        .maker("return ServiceDescriptor.stateless().on(String.class, (m, c) -> {}).build();")
        .stateless("2", "");
  }
}
