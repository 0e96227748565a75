// A publisher over one bounded buffer that says how far its slowest subscriber has come.
package dev.p2pkit.client.session;

import dev.p2pkit.sdk.KitException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands items to any number of subscribers, each at its own pace, from one buffer. What the slowest
 * has taken is reported, so that whoever fills the buffer can stay within its bound. Without a
 * subscriber items are kept for the first that comes. Thread-safe; subscribers are called on the
 * executor, each one at a time.
 */
public final class CreditedPublisher<T> implements Flow.Publisher<T> {
  private final Executor executor;
  private final LongConsumer consumed;
  private final Runnable unused;
  private final Object lock = new Object();
  // Guarded by lock, as are the readers' fields. The buffer holds the items base .. base + size -
  // 1.
  private final ArrayDeque<T> buffer = new ArrayDeque<>();
  private final List<Reader> readers = new ArrayList<>();
  private long base;
  private boolean opened;
  private boolean ended;
  private @Nullable KitException failure;

  /**
   * A publisher.
   *
   * @param opened whether subscribers may begin at once; else at {@link #open}
   * @param executor where subscribers are called
   * @param consumed hears how many items every subscriber has taken since it was last called
   * @param unused called whenever the last subscriber has gone
   */
  public CreditedPublisher(
      boolean opened, Executor executor, LongConsumer consumed, Runnable unused) {
    this.opened = opened;
    this.executor = executor;
    this.consumed = consumed;
    this.unused = unused;
  }

  /** Items can come from now on: subscribers may begin. */
  public void open() {
    List<Reader> waiting;
    synchronized (lock) {
      opened = true;
      waiting = List.copyOf(readers);
    }
    waiting.forEach(Reader::wake);
  }

  /** Adds an item; without effect after the end. */
  public void offer(T item) {
    List<Reader> awake;
    synchronized (lock) {
      if (ended) {
        return;
      }
      buffer.add(item);
      awake = List.copyOf(readers);
    }
    awake.forEach(Reader::wake);
  }

  /** Ends the stream once what is buffered has been taken; empty means in an orderly way. */
  public void end(Optional<KitException> reason) {
    List<Reader> awake;
    synchronized (lock) {
      if (ended) {
        return;
      }
      ended = true;
      opened = true;
      failure = reason.orElse(null);
      awake = List.copyOf(readers);
    }
    awake.forEach(Reader::wake);
  }

  /** How many items wait for the slowest subscriber. */
  public int buffered() {
    synchronized (lock) {
      return buffer.size();
    }
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Reader reader = new Reader(subscriber);
    synchronized (lock) {
      // Nobody else reads: what was kept is for this one.
      reader.next = readers.isEmpty() ? base : base + buffer.size();
      readers.add(reader);
    }
    reader.wake();
  }

  /** Drops what all have taken and returns how much that was. Called with the lock held. */
  private long trim() {
    if (readers.isEmpty()) {
      return 0;
    }
    long slowest = Long.MAX_VALUE;
    for (Reader reader : readers) {
      slowest = Math.min(slowest, reader.next);
    }
    long taken = slowest - base;
    for (long i = 0; i < taken; i++) {
      buffer.remove();
    }
    base = slowest;
    return taken;
  }

  private final class Reader implements Flow.Subscription {
    private final Flow.Subscriber<? super T> subscriber;
    private long next;
    private long demand;
    private boolean greeted;
    private boolean gone;
    private boolean running;
    private boolean again;
    private @Nullable IllegalArgumentException misuse;

    Reader(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
    }

    void wake() {
      synchronized (lock) {
        if (running) {
          again = true;
          return;
        }
        running = true;
      }
      executor.execute(this::run);
    }

    private void run() {
      do {
        boolean more = true;
        while (more) {
          more = step();
        }
      } while (goOn());
    }

    private boolean goOn() {
      synchronized (lock) {
        running = again;
        again = false;
        return running;
      }
    }

    /** Makes one call to the subscriber, if one is due. */
    private boolean step() {
      Runnable call;
      long taken = 0;
      synchronized (lock) {
        if (gone || !opened) {
          return false;
        }
        if (!greeted) {
          greeted = true;
          call = () -> subscriber.onSubscribe(this);
        } else if (misuse != null) {
          Throwable thrown = misuse;
          taken = leave();
          call = () -> subscriber.onError(thrown);
        } else if (next < base + buffer.size()) {
          if (demand == 0) {
            return false;
          }
          if (demand != Long.MAX_VALUE) {
            demand--;
          }
          T item = item(next - base);
          next++;
          taken = trim();
          call = () -> subscriber.onNext(item);
        } else if (ended) {
          taken = leave();
          KitException reason = failure;
          call = reason == null ? subscriber::onComplete : () -> subscriber.onError(reason);
        } else {
          return false;
        }
      }
      try {
        call.run();
      } catch (RuntimeException e) {
        // A subscriber that throws is out, as the rules of Flow have it.
        cancel();
      }
      if (taken > 0) {
        consumed.accept(taken);
      }
      return true;
    }

    private T item(long offset) {
      if (offset == 0) {
        return buffer.element();
      }
      // Only a subscriber that is ahead of another comes here.
      return buffer.stream().skip(offset).findFirst().orElseThrow();
    }

    /** Called with the lock held. */
    private long leave() {
      gone = true;
      readers.remove(this);
      return trim();
    }

    @Override
    public void request(long count) {
      synchronized (lock) {
        if (count <= 0) {
          misuse = new IllegalArgumentException("a subscriber requests at least 1, not " + count);
        } else {
          demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
        }
      }
      wake();
    }

    @Override
    public void cancel() {
      long taken;
      boolean last;
      synchronized (lock) {
        if (gone) {
          return;
        }
        taken = leave();
        last = readers.isEmpty();
      }
      if (taken > 0) {
        consumed.accept(taken);
      }
      if (last) {
        unused.run();
      }
    }
  }
}
