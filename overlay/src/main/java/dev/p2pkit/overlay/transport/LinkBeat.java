// One timer for all links on an event loop.
package dev.p2pkit.overlay.transport;

import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beat at which the links of one transport look after themselves: one timer for all links on an
 * event loop. A timer for each link would cost far more than what it does, since an event loop
 * spins for the last half millisecond before each of them. Each method is called on the event loop
 * of the link, and beats come there.
 */
final class LinkBeat {
  private static final Logger LOG = LoggerFactory.getLogger(LinkBeat.class);

  private static final class Loop {
    final Set<Runnable> beats = new LinkedHashSet<>();
    long timer;
  }

  private final Vertx vertx;
  private final long everyMillis;
  private final Map<Thread, Loop> loops = new ConcurrentHashMap<>();

  LinkBeat(Vertx vertx, long everyMillis) {
    this.vertx = vertx;
    this.everyMillis = everyMillis;
  }

  /** Calls this at each beat from now on; the first may come at once. */
  void add(Runnable beat) {
    Loop loop = loops.computeIfAbsent(Thread.currentThread(), thread -> new Loop());
    if (loop.beats.isEmpty()) {
      loop.timer = vertx.setPeriodic(everyMillis, ignored -> beat(loop));
    }
    loop.beats.add(beat);
  }

  private static void beat(Loop loop) {
    // A copy: links end because of what they find.
    for (Runnable each : List.copyOf(loop.beats)) {
      try {
        each.run();
      } catch (RuntimeException e) {
        LOG.error("a link could not look after itself", e);
      }
    }
  }

  /** Calls this no more; without effect if it is not called. */
  void remove(Runnable beat) {
    Loop loop = loops.get(Thread.currentThread());
    if (loop != null && loop.beats.remove(beat) && loop.beats.isEmpty()) {
      vertx.cancelTimer(loop.timer);
    }
  }

  /** How many links it serves, for tests. */
  int size() {
    return loops.values().stream().mapToInt(loop -> loop.beats.size()).sum();
  }
}
