// Runs what the router tells its host, in order, outside of the router's lock.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue that is emptied by one thread at a time, whoever comes: what was added first is run
 * first, a callback may start the next call, and no lock is held meanwhile. A thread that has done
 * its share hands the rest on, so that no caller works for the others for ever; one that is stuck
 * in a callback is relieved.
 */
final class Teller {
  private static final Logger log = LoggerFactory.getLogger(Teller.class);

  private record Ended(Consumer<Outcome> whenDone, Outcome outcome) {}

  private enum Place {
    BETWEEN,
    INSIDE,
    RELIEVED
  }

  /** One thread's time at the queue; the place says whether a callback runs. */
  private static final class Shift {
    private final Thread thread = Thread.currentThread();
    private final AtomicReference<Place> place = new AtomicReference<>(Place.BETWEEN);
  }

  private final ConcurrentLinkedQueue<Object> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger missed = new AtomicInteger();
  private final Consumer<Inbound> receiver;
  private final Predicate<Runnable> elsewhere;
  private final int laterShare;
  private volatile @Nullable Shift present;

  /**
   * An empty queue.
   *
   * @param elsewhere takes over the rest of a share; false if nothing runs there any more
   * @param laterShare how many are told there until others have their turn
   */
  Teller(Consumer<Inbound> receiver, Predicate<Runnable> elsewhere, int laterShare) {
    this.receiver = receiver;
    this.elsewhere = elsewhere;
    this.laterShare = laterShare;
  }

  void add(Inbound inbound) {
    queue.add(inbound);
  }

  void add(Consumer<Outcome> whenDone, Outcome outcome) {
    queue.add(new Ended(whenDone, outcome));
  }

  /**
   * Empties the queue, unless another thread does so already.
   *
   * @param share how many this thread tells before it hands over the rest
   */
  void run(int share) {
    if (missed.getAndIncrement() == 0) {
      work(share);
    }
  }

  /**
   * Lets another thread go on if this one is inside a callback, which must be known to have taken
   * charge of what it was told: what follows overtakes whatever the callback still does.
   */
  void relieve(Thread stuck) {
    Shift shift = present;
    if (shift != null
        && shift.thread == stuck
        && shift.place.compareAndSet(Place.INSIDE, Place.RELIEVED)
        && !elsewhere.test(this::later)) {
      later();
    }
  }

  private void later() {
    work(laterShare);
  }

  private void work(int share) {
    Shift shift = new Shift();
    present = shift;
    int seen = missed.get();
    int told = 0;
    do {
      while (!queue.isEmpty()) {
        if (told == share) {
          // While the rest waits elsewhere, the queue stays marked as attended.
          if (elsewhere.test(this::later)) {
            return;
          }
          told = 0;
        }
        told++;
        shift.place.set(Place.INSIDE);
        tell(queue.remove());
        if (!shift.place.compareAndSet(Place.INSIDE, Place.BETWEEN)) {
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
