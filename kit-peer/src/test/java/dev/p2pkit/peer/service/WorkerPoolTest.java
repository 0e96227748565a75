// Threads of a pool: replaced when they are to forget what ran on them, and never too many.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);

  private final String name = "pool-under-test-" + System.nanoTime();
  private final WorkerPool pool = new WorkerPool(name, 3);

  @AfterEach
  void stop() {
    pool.close();
  }

  private Set<Thread> threads() {
    Set<Thread> all = new HashSet<>(Thread.getAllStackTraces().keySet());
    all.removeIf(thread -> !thread.getName().startsWith(name + "-"));
    return all;
  }

  @Test
  void idleThreadsAreReplacedAtOnce() {
    await().atMost(MOMENT).until(() -> threads().size() == 3);
    Set<Thread> before = threads();
    pool.renew();
    await()
        .atMost(MOMENT)
        .untilAsserted(() -> assertThat(threads()).hasSize(3).doesNotContainAnyElementsOf(before));
  }

  @Test
  void aThreadInATaskEndsItUndisturbedAndIsReplacedThen() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Thread> running = new CompletableFuture<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    pool.execute(
        () -> {
          running.complete(Thread.currentThread());
          try {
            go.await();
            interrupted.complete(Thread.currentThread().isInterrupted());
          } catch (InterruptedException e) {
            interrupted.complete(true);
          }
        });
    Thread busy = running.get();
    pool.renew();
    pool.renew();
    await().atMost(MOMENT).until(() -> threads().size() == 3);
    assertThat(threads()).as("none in its place meanwhile").contains(busy);
    go.countDown();
    assertThat(interrupted.get()).isFalse();
    await()
        .atMost(MOMENT)
        .untilAsserted(() -> assertThat(threads()).hasSize(3).doesNotContain(busy));
  }

  @Test
  void aThreadThatIsReplacedAndThenGivenUpHasOneSuccessor() throws Exception {
    CompletableFuture<Thread> running = new CompletableFuture<>();
    CompletableFuture<Void> over = new CompletableFuture<>();
    CountDownLatch never = new CountDownLatch(1);
    pool.execute(
        () -> {
          running.complete(Thread.currentThread());
          try {
            never.await();
          } catch (InterruptedException e) {
            over.complete(null);
          }
        });
    Thread stuck = running.get();
    pool.renew();
    pool.abandon(stuck);
    over.get();
    await()
        .atMost(MOMENT)
        .untilAsserted(() -> assertThat(threads()).hasSize(3).doesNotContain(stuck));
  }

  @Test
  void noTaskIsLostOrInterruptedWhileThreadsAreReplaced() {
    AtomicInteger done = new AtomicInteger();
    Set<Integer> interrupted = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 20_000; i++) {
      int number = i;
      pool.execute(
          () -> {
            if (Thread.currentThread().isInterrupted()) {
              interrupted.add(number);
            }
            done.incrementAndGet();
          });
      if (i % 200 == 0) {
        pool.renew();
      }
    }
    await().atMost(MOMENT).until(() -> done.get() == 20_000);
    assertThat(interrupted).isEmpty();
    await().atMost(MOMENT).until(() -> threads().size() == 3);
  }

  @Test
  void whatATaskLeftInAThreadLocalIsGone() throws Exception {
    ThreadLocal<String> left = new ThreadLocal<>();
    CompletableFuture<Void> set = new CompletableFuture<>();
    for (int i = 0; i < 50; i++) {
      pool.execute(() -> left.set("something"));
    }
    pool.execute(() -> set.complete(null));
    set.get();
    Set<Thread> before = threads();
    pool.renew();
    await().atMost(MOMENT).until(() -> threads().stream().noneMatch(before::contains));
    AtomicInteger found = new AtomicInteger();
    CountDownLatch looked = new CountDownLatch(50);
    for (int i = 0; i < 50; i++) {
      pool.execute(
          () -> {
            if (left.get() != null) {
              found.incrementAndGet();
            }
            looked.countDown();
          });
    }
    looked.await();
    assertThat(found).hasValue(0);
  }
}
