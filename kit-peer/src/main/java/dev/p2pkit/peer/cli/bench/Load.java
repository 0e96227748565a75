// The load: a fixed number of open calls, each of which is followed by the next when it ends.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@code inFlight} calls open. A call counts when the caller has its reply, in the interval
 * in which it has it; its latency is from just before the call to that moment. Thread-safe.
 */
final class Load {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final IntFunction<CompletableFuture<Payload>> caller;
  private final Payload expected;
  private final Recorder recorder = new Recorder(LONGEST_NANOS, 3);
  private final LongAdder done = new LongAdder();
  private final Map<ErrorCode, LongAdder> errors = new ConcurrentHashMap<>();
  private final CountDownLatch ended;
  private final int inFlight;
  private volatile boolean running = true;

  /**
   * A load that has not begun.
   *
   * @param caller makes the next call of a slot; the argument is the slot
   * @param expected what each reply must equal
   */
  Load(int inFlight, IntFunction<CompletableFuture<Payload>> caller, Payload expected) {
    this.inFlight = inFlight;
    this.caller = caller;
    this.expected = expected;
    this.ended = new CountDownLatch(inFlight);
  }

  void start() {
    for (int slot = 0; slot < inFlight; slot++) {
      new Slot(slot).run();
    }
  }

  /** How many calls have been answered since the start. */
  long done() {
    return done.sum();
  }

  /** The latencies in nanoseconds since the last call of this method. */
  Histogram latencies() {
    return recorder.getIntervalHistogram();
  }

  /** The failed calls by code since the start. */
  Map<ErrorCode, Long> errors() {
    Map<ErrorCode, Long> result = new TreeMap<>();
    errors.forEach((code, count) -> result.put(code, count.sum()));
    return result;
  }

  /** Makes no further calls; waits for those that are open. */
  void stop() throws InterruptedException {
    running = false;
    if (!ended.await(15, TimeUnit.SECONDS)) {
      throw new IllegalStateException(ended.getCount() + " calls never ended");
    }
  }

  private final class Slot {
    private final int number;

    Slot(int number) {
      this.number = number;
    }

    void run() {
      while (running) {
        // Whoever comes second, the end of the call or the return of the calling, goes on with the
        // next call: one that ends at once must not recurse.
        AtomicBoolean met = new AtomicBoolean();
        long start = System.nanoTime();
        var unused =
            caller
                .apply(number)
                .whenComplete(
                    (reply, failure) -> {
                      record(start, reply, failure);
                      if (met.getAndSet(true)) {
                        run();
                      }
                    });
        if (!met.getAndSet(true)) {
          return;
        }
      }
      ended.countDown();
    }

    private void record(long start, @Nullable Payload reply, @Nullable Throwable failure) {
      if (failure != null) {
        count(KitException.from(failure).code());
      } else if (!expected.equals(reply)) {
        count(ErrorCode.PROTOCOL_ERROR);
      } else {
        recorder.recordValue(Math.min(System.nanoTime() - start, LONGEST_NANOS));
        done.increment();
      }
    }

    private void count(ErrorCode code) {
      errors.computeIfAbsent(code, any -> new LongAdder()).increment();
    }
  }
}
