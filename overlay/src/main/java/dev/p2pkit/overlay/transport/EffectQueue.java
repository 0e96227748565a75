// What a change of state causes, done in order and outside of the lock.
package dev.p2pkit.overlay.transport;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Effects are added under the lock that guards the state, so that they stand in the order of its
 * changes, and done after it has been released, so that they may call back. Thread-safe.
 */
final class EffectQueue {
  private static final Logger LOG = LoggerFactory.getLogger(EffectQueue.class);

  private final ConcurrentLinkedQueue<Runnable> effects = new ConcurrentLinkedQueue<>();
  private final AtomicInteger unsettled = new AtomicInteger();

  void add(Runnable effect) {
    effects.add(effect);
  }

  /** Does what was added. One thread at a time; the others leave it to that one. */
  void settle() {
    if (effects.isEmpty() || unsettled.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      for (Runnable next = effects.poll(); next != null; next = effects.poll()) {
        try {
          next.run();
        } catch (RuntimeException e) {
          LOG.error("an event of a link could not be handled", e);
        }
      }
      seen = unsettled.addAndGet(-seen);
    } while (seen != 0);
  }
}
