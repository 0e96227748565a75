// Finds class loaders that should be gone but are still referred to.
package dev.p2pkit.peer.service;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts class loaders from their opening until the collector has taken them, and warns of one that
 * was closed long ago and that the collector has left behind when it unloaded classes: usually
 * because of a thread, a thread-local or a hook of the service that outlived it. Where the JVM does
 * not unload classes for a long time, as it may with plenty of memory, nothing is warned of.
 * Thread-safe, except for {@link #check}, which one thread calls.
 */
final class LoaderWatch {
  private static final Logger LOG = LoggerFactory.getLogger(LoaderWatch.class);

  private final ReferenceQueue<ArchiveLoader> collected = new ReferenceQueue<>();
  private final Set<Trace> traces = ConcurrentHashMap.newKeySet();
  private final long warnAfterNanos;
  private final Runnable afterClosing;

  /**
   * Watches nothing yet.
   *
   * @param warnAfter how long a loader may stay after it was closed
   * @param afterClosing called when a loader was closed: lets go of what its code has left behind
   */
  LoaderWatch(Duration warnAfter, Runnable afterClosing) {
    this.warnAfterNanos = warnAfter.toNanos();
    this.afterClosing = afterClosing;
  }

  /** What is remembered of a loader; does not keep it alive. */
  final class Trace extends PhantomReference<ArchiveLoader> {
    private final String name;
    private volatile ServiceKey service;
    private volatile boolean closed;
    private volatile long closedAt;
    private volatile boolean leaked;

    /** Planted when it should have been gone for a while. */
    private @Nullable UnloadingProbe probe;

    private Trace(ServiceKey service, ArchiveLoader loader) {
      super(loader, collected);
      this.service = service;
      this.name = loader.getName();
    }

    /** The loader has been closed and ought to be collected soon. */
    void closed() {
      closedAt = System.nanoTime();
      closed = true;
      afterClosing.run();
    }

    private void check(long nowNanos) {
      if (!closed || leaked || nowNanos - closedAt <= warnAfterNanos) {
        return;
      }
      UnloadingProbe planted = probe;
      if (planted == null) {
        probe = new UnloadingProbe();
      } else if (planted.isOver() && !refersTo(null)) {
        leaked = true;
        LOG.warn(
            "the class loader of {} was closed more than {} s ago and is still there, though"
                + " classes were unloaded since: a thread, thread-local, shutdown hook or static"
                + " registration of that version keeps it (a heap dump shows which)",
            name,
            warnAfterNanos / 1_000_000_000);
      }
    }
  }

  Trace opened(ServiceKey service, ArchiveLoader loader) {
    Trace trace = new Trace(service, loader);
    traces.add(trace);
    return trace;
  }

  /** Loaders that have been opened and are not collected. */
  int alive() {
    sweep();
    return traces.size();
  }

  /** As {@link #alive()}, of one service. */
  int alive(ServiceKey service) {
    sweep();
    return (int) traces.stream().filter(trace -> trace.service.equals(service)).count();
  }

  /** Loaders of which {@link #check} has warned and that are still there. */
  int leaked() {
    sweep();
    return (int) traces.stream().filter(trace -> trace.leaked).count();
  }

  /** As {@link #leaked()}, of one service. */
  int leaked(ServiceKey service) {
    sweep();
    return (int)
        traces.stream().filter(trace -> trace.leaked && trace.service.equals(service)).count();
  }

  /** A service is reached elsewhere from now on. */
  void renamed(ServiceKey from, ServiceKey to) {
    for (Trace trace : traces) {
      if (trace.service.equals(from)) {
        trace.service = to;
      }
    }
  }

  /** Forgets collected loaders and warns of those that should be; cheap. */
  void check() {
    sweep();
    long now = System.nanoTime();
    traces.forEach(trace -> trace.check(now));
  }

  private void sweep() {
    for (var gone = collected.poll(); gone != null; gone = collected.poll()) {
      traces.remove(gone);
    }
  }
}
