// The runtime's watchdog sleeps while there is nothing to watch.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  @Test
  void itLooksAgainAndAgainWhileThereIsSomethingAndThenSleeps() {
    AtomicInteger looks = new AtomicInteger();
    AtomicBoolean something = new AtomicBoolean(true);
    try (Threads threads = new Threads(RuntimeConfig.DEFAULT)) {
      Watchdog watchdog = new Watchdog(threads, 1, looks::incrementAndGet, something::get);
      assertThat(watchdog.isAwake()).isFalse();
      watchdog.wake();
      watchdog.wake();
      assertThat(watchdog.isAwake()).isTrue();
      await().until(() -> looks.get() > 2);
      something.set(false);
      await().until(() -> !watchdog.isAwake());
      int before = looks.get();
      something.set(true);
      watchdog.wake();
      await().until(() -> looks.get() > before + 1);
      assertThat(watchdog.isAwake()).isTrue();
    }
  }
}
