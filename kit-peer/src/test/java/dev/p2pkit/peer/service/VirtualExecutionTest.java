// Turns on virtual threads where Java has them, and on the pool where it has none.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.Archive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualExecutionTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);

  /** The first Java whose threads may be virtual. */
  private static final boolean VIRTUAL = Runtime.version().feature() >= 21;

  private static final int WORKERS = 2;
  private static final int SERVICES = 20;
  private static final String BEGUN = "p2pkit.test.begun";
  private static final String GATE = "p2pkit.test.gate";

  @TempDir Path directory;
  private Rig rig;
  private final AtomicInteger begun = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);

  @BeforeEach
  void start() {
    rig = new Rig(directory, RuntimeConfig.DEFAULT.workers(WORKERS));
    // The one place that this class and a service's class loader share.
    System.getProperties().put(BEGUN, begun);
    System.getProperties().put(GATE, gate);
  }

  @AfterEach
  void stop() {
    gate.countDown();
    rig.close();
    System.getProperties().remove(BEGUN);
    System.getProperties().remove(GATE);
  }

  /** Says on what its turns run, waits at the gate, and counts turns that overlap. */
  private static Archive service() {
    return new ServiceJar()
        .source("Turns", "public record Turns(int count) {}")
        .maker(
            """
            AtomicInteger inside = new AtomicInteger();
            return ServiceDescriptor.stateful(Turns.class).initialState(() -> new Turns(0))
                .on(String.class, (m, turns, c) -> {
                  if (inside.incrementAndGet() > 1) {
                    throw new IllegalStateException("two turns at a time");
                  }
                  try {
                    if (m.equals("wait")) {
                      ((AtomicInteger) System.getProperties().get("BEGUN")).incrementAndGet();
                      ((CountDownLatch) System.getProperties().get("GATE")).await();
                    } else if (m.equals("thread")) {
                      c.reply(Thread.currentThread().getName());
                    } else if (m.equals("loader")) {
                      c.reply(Thread.currentThread().getContextClassLoader()
                          == Maker.class.getClassLoader());
                    } else {
                      Thread.yield();
                      c.reply(turns.count() + 1);
                    }
                    return new Turns(turns.count() + 1);
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  } finally {
                    inside.decrementAndGet();
                  }
                })
                .build();
            """
                .replace("BEGUN", BEGUN)
                .replace("GATE", GATE))
        .stateful("1", "svc.Turns", 1, ",\"execution\":{\"mode\":\"VIRTUAL\",\"turnMillis\":60000}")
        .build();
  }

  @Test
  void turnsRunOnVirtualThreadsFromJava21OnAndBeforeOnThePool() {
    rig.install(Rig.KEY, service());
    assertThat(rig.rpc("thread").answer(String.class))
        .startsWith(VIRTUAL ? "p2pkit-virtual-" : "p2pkit-turn-");
    assertThat(rig.rpc("loader").answer(Boolean.class)).isTrue();
  }

  @Test
  void turnsThatBlockHoldUpNoOtherServiceOnVirtualThreadsAndAsManyAsThereAreOnThePool() {
    Archive archive = service();
    for (int i = 0; i < SERVICES; i++) {
      rig.install(new ServiceKey("svc", String.valueOf(i)), archive);
    }
    Call everywhere = rig.send("wait");
    int together = VIRTUAL ? SERVICES : WORKERS;
    await().atMost(MOMENT).until(() -> begun.get() >= together);
    assertThat(begun).as("turns that wait at the gate").hasValue(together);
    gate.countDown();
    everywhere.answer();
    assertThat(begun).hasValue(SERVICES);
  }

  @Test
  void oneTurnAtATimeInTheOrderOfTheMessages() {
    rig.install(Rig.KEY, service());
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      calls.add(rig.rpc("count"));
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).answer(Integer.class)).isEqualTo(i + 1);
    }
  }
}
