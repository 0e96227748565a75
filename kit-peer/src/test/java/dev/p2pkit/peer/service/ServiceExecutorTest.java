// Threads that a service gets for work beside its turns: its own, bounded, and gone with its
// version.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceExecutorTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);

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

  private static ServiceJar working() {
    return new ServiceJar()
        .maker(
            """
            return ServiceDescriptor.stateless()
                .onAsync(String.class, (m, c) -> {
                  var done = new CompletableFuture<Object>();
                  peer.executor().execute(() -> {
                    c.reply(Thread.currentThread().getContextClassLoader()
                        == Maker.class.getClassLoader());
                    done.complete(null);
                  });
                  return done;
                })
                .on(Long.class, (m, c) -> {
                  int fit = 0;
                  try {
                    for (; fit < m; fit++) {
                      peer.executor().execute(() -> {
                        try { new CountDownLatch(1).await(); } catch (InterruptedException e) { }
                      });
                    }
                  } catch (RejectedExecutionException e) {
                    // Counted.
                  }
                  c.reply(fit);
                })
                .build();
            """)
        .stateless("1", "");
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("p2pkit-service-svc/1"))
        .count();
  }

  @Test
  void aTaskRunsWithTheClassesOfTheServiceAndMayEndATurn() {
    rig.install(working());
    assertThat(rig.rpc("x").answer(Boolean.class)).isTrue();
  }

  @Test
  void tasksAreBounded() {
    rig.install(working());
    assertThat(rig.rpc(5_000L).answer(Integer.class))
        .isEqualTo(ServiceExecutor.MOST_THREADS + ServiceExecutor.MOST_WAITING);
    assertThat(threads()).isEqualTo(ServiceExecutor.MOST_THREADS);
  }

  @Test
  void anUpgradeEndsTheThreadsOfTheVersionBeforeAndItsClassesAreCollected() {
    RuntimeConfig brief = RuntimeConfig.DEFAULT.probation(Duration.ofMillis(1));
    rig.close();
    rig = new Rig(directory, brief);
    for (int i = 0; i < 5; i++) {
      rig.install(working());
      rig.rpc(10L).answer();
      assertThat(rig.rpc(0L).answer(Integer.class)).isZero();
    }
    rig.runtime.remove(Rig.KEY);
    await().atMost(MOMENT).until(() -> threads() == 0);
    await()
        .atMost(MOMENT)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              System.gc();
              return rig.runtime.statistics().loadersAlive() == 0;
            });
  }
}
