// Runs what the router tells its host, in order, outside of the router's lock.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue that is emptied by one thread at a time, whoever comes: what was added first is run
 * first, a callback may start the next call, and no lock is held meanwhile. A thread that has done
 * its share hands the rest to the control thread, so that no caller works for the others for ever.
 */
final class Teller {
  private static final Logger log = LoggerFactory.getLogger(Teller.class);
  private static final int SHARE = 1_000;

  private record Ended(Consumer<Outcome> whenDone, Outcome outcome) {}

  private final ConcurrentLinkedQueue<Object> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger missed = new AtomicInteger();
  private final Consumer<Inbound> receiver;
  private final Predicate<Runnable> elsewhere;

  Teller(Consumer<Inbound> receiver, Predicate<Runnable> elsewhere) {
    this.receiver = receiver;
    this.elsewhere = elsewhere;
  }

  void add(Inbound inbound) {
    queue.add(inbound);
  }

  void add(Consumer<Outcome> whenDone, Outcome outcome) {
    queue.add(new Ended(whenDone, outcome));
  }

  /** Empties the queue, unless another thread does so already. */
  void run() {
    if (missed.getAndIncrement() == 0) {
      work();
    }
  }

  private void work() {
    int seen = missed.get();
    int done = 0;
    do {
      for (Object next = queue.poll(); next != null; next = queue.poll()) {
        tell(next);
        // While the rest waits elsewhere, the queue stays marked as attended.
        if (++done % SHARE == 0 && elsewhere.test(this::work)) {
          return;
        }
      }
      seen = missed.addAndGet(-seen);
    } while (seen != 0);
  }

  private void tell(Object next) {
    try {
      if (next instanceof Ended ended) {
        ended.whenDone.accept(ended.outcome);
      } else {
        receiver.accept((Inbound) next);
      }
    } catch (RuntimeException e) {
      log.error("a receiver of the data plane failed; this is a defect", e);
    }
  }
}
