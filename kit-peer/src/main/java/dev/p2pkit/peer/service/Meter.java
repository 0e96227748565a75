// What the turns of one processor use up, and how long it has to wait when that is too much.
package dev.p2pkit.peer.service;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Counts processor time, allocation and messages of a processor's turns against its quota. Each
 * limit is a bucket that fills steadily and holds what 10 s (processor time) or 1 s (the others)
 * allow; who has drawn more than there was waits until it is full to zero again, at most 30 s.
 *
 * <p>Allocation is read after each turn (about 20 ns), processor time when a millisecond has passed
 * and when the thread leaves the processor, so that it costs little (about 500 ns) however short
 * the turns are. What a service does on other threads, in stages of an asynchronous handler or with
 * its executor, is not measured, nor are turns on virtual threads, of which Java tells neither.
 * Thread-safe.
 */
final class Meter {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final double SECOND = 1e9;
  private static final long READ_CPU_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;

  private final Bucket cpu = new Bucket(10);
  private final Bucket allocation = new Bucket(1);
  private final Bucket messages = new Bucket(1);
  private volatile boolean throttled;
  private long cpuNanos;
  private long allocated;
  private long sent;
  private long pauses;

  Meter(Quota quota, long nowNanos) {
    quota(quota, nowNanos);
  }

  /** One limit. */
  private static final class Bucket {
    private final double windowSeconds;
    private double perNano = Double.POSITIVE_INFINITY;
    private double level;
    private long at;

    Bucket(double windowSeconds) {
      this.windowSeconds = windowSeconds;
    }

    void limit(double perSecond, long now) {
      perNano = perSecond / SECOND;
      level = perSecond * windowSeconds;
      at = now;
    }

    /** How long to wait after this was drawn, in nanoseconds. */
    long draw(long amount, long now) {
      if (Double.isInfinite(perNano)) {
        return 0;
      }
      double full = perNano * SECOND * windowSeconds;
      level = Math.min(full, level + perNano * (now - at)) - amount;
      at = now;
      level = Math.max(level, -perNano * LONGEST_PAUSE_NANOS);
      return level >= 0 ? 0 : (long) Math.ceil(-level / perNano);
    }
  }

  private static double rate(long limit) {
    return limit == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : limit;
  }

  /** Another version with another quota; what was drawn is forgiven. */
  synchronized void quota(Quota quota, long nowNanos) {
    cpu.limit(quota.cpu() * SECOND, nowNanos);
    allocation.limit(rate(quota.allocation()), nowNanos);
    messages.limit(rate(quota.messages()), nowNanos);
    throttled = false;
  }

  /** Counts, and says how long the processor has to wait, in nanoseconds; 0 if not at all. */
  synchronized long draw(long nanos, long bytes, long messageCount, long nowNanos) {
    cpuNanos += nanos;
    allocated += bytes;
    sent += messageCount;
    long pause =
        Math.max(
            cpu.draw(nanos, nowNanos),
            Math.max(allocation.draw(bytes, nowNanos), messages.draw(messageCount, nowNanos)));
    if (pause > 0 && !throttled) {
      pauses++;
    }
    throttled = pause > 0;
    return pause;
  }

  /** How long it has to wait now; cheap if it has not. */
  long pause() {
    return throttled ? draw(0, 0, 0, System.nanoTime()) : 0;
  }

  /** Whether its turns wait because it has used up too much. */
  boolean isThrottled() {
    return throttled;
  }

  synchronized long cpuNanos() {
    return cpuNanos;
  }

  synchronized long allocated() {
    return allocated;
  }

  synchronized long sent() {
    return sent;
  }

  /** How often it had to wait. */
  synchronized long pauses() {
    return pauses;
  }

  /** Begins to measure the present thread. */
  Run begin() {
    return new Run(true);
  }

  /** The same where nothing of the thread can be measured. */
  Run beginUnmeasured() {
    return new Run(false);
  }

  /** A thread's stay with the processor; for that thread. */
  final class Run {
    private final boolean measured;
    private long cpuBefore;
    private long cpuReadAt;
    private long allocatedBefore;

    private Run(boolean measured) {
      this.measured = measured;
      if (measured) {
        cpuBefore = THREADS.getCurrentThreadCpuTime();
        allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        cpuReadAt = System.nanoTime();
      }
    }

    /** A turn has ended: how long the processor has to wait, in nanoseconds. */
    long turnEnded(int messageCount) {
      return count(messageCount, false);
    }

    /** The thread leaves. */
    void end() {
      long unused = count(0, true);
    }

    private long count(int messageCount, boolean last) {
      long now = System.nanoTime();
      if (!measured) {
        return messageCount == 0 ? 0 : draw(0, 0, messageCount, now);
      }
      long allocatedNow = THREADS.getCurrentThreadAllocatedBytes();
      long bytes = allocatedNow - allocatedBefore;
      allocatedBefore = allocatedNow;
      long nanos = 0;
      if (last || now - cpuReadAt > READ_CPU_NANOS) {
        long cpuNow = THREADS.getCurrentThreadCpuTime();
        nanos = cpuNow - cpuBefore;
        cpuBefore = cpuNow;
        cpuReadAt = now;
      }
      return draw(Math.max(0, nanos), Math.max(0, bytes), messageCount, now);
    }
  }
}
