// How a peer leaves its ring without losing what it has accepted.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.ring.RingMachine;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Leaves in steps: own calls are waited for, then the neighbours take over, then what others have
 * sent here is finished. A step that takes too long is not waited for. Thread-safe.
 */
final class Departure {
  private static final Duration POLL = Duration.ofMillis(10);

  /** Open calls, the ring, then what was accepted here. */
  private static final int STEPS = 2 + RingMachine.LEAVE_STEPS;

  private final ControlLoop loop;
  private final DataPlane data;
  private final Awaited awaited;
  private final CompletableFuture<Void> left;
  private final long limit;

  /**
   * A departure that has not begun.
   *
   * @param left completes once the neighbours have taken over
   * @param limitMicros how long a step may take, in microseconds
   */
  Departure(
      ControlLoop loop,
      DataPlane data,
      Awaited awaited,
      CompletableFuture<Void> left,
      long limitMicros) {
    this.loop = loop;
    this.data = data;
    this.awaited = awaited;
    this.left = left;
    this.limit = TimeUnit.MICROSECONDS.toNanos(limitMicros);
  }

  /** The longest time that a departure takes whose steps may take so many microseconds each. */
  static Duration longest(long limitMicros) {
    return Duration.of(STEPS * limitMicros, ChronoUnit.MICROS);
  }

  /** Begins; {@code leaveRing} runs on the control thread when it is its turn. */
  CompletableFuture<Void> begin(LongConsumer leaveRing) {
    data.refuseCalls();
    return drained(limit, () -> data.statistics().open() == 0)
        .thenCompose(
            answered -> {
              loop.run(leaveRing);
              // If it takes too long, the others find out by themselves.
              return drained(RingMachine.LEAVE_STEPS * limit, left::isDone);
            })
        .thenCompose(
            gone -> {
              data.refuseMessages();
              return drained(limit, () -> data.statistics().inProgress() == 0);
            });
  }

  /** Completes as soon as something holds, or after so many nanoseconds. */
  private CompletableFuture<Void> drained(long most, BooleanSupplier condition) {
    CompletableFuture<Void> done = awaited.future();
    poll(System.nanoTime() + most, condition, done);
    return done;
  }

  private void poll(long until, BooleanSupplier condition, CompletableFuture<Void> done) {
    if (condition.getAsBoolean() || System.nanoTime() - until >= 0) {
      done.complete(null);
    } else {
      loop.after(POLL, () -> poll(until, condition, done));
    }
  }
}
