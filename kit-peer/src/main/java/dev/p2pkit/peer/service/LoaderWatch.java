// Finds class loaders that should be gone but are still referred to.
package dev.p2pkit.peer.service;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts class loaders from their opening until the collector has taken them, and warns of one that
 * was closed long ago and is still there: usually a thread, a thread-local or a hook of the service
 * that outlived it.
 */
final class LoaderWatch {
  private static final Logger LOG = LoggerFactory.getLogger(LoaderWatch.class);

  private final ReferenceQueue<ArchiveLoader> collected = new ReferenceQueue<>();
  private final Set<Trace> traces = ConcurrentHashMap.newKeySet();
  private final long warnAfterNanos;

  LoaderWatch(Duration warnAfter) {
    this.warnAfterNanos = warnAfter.toNanos();
  }

  /** What is remembered of a loader; does not keep it alive. */
  static final class Trace extends PhantomReference<ArchiveLoader> {
    private final String name;
    private volatile ServiceKey service;
    private volatile boolean closed;
    private volatile long closedAt;
    private volatile boolean leaked;

    private Trace(
        ServiceKey service, ArchiveLoader loader, ReferenceQueue<ArchiveLoader> queue) {
      super(loader, queue);
      this.service = service;
      this.name = loader.getName();
    }

    /** The loader has been closed and ought to be collected soon. */
    void closed() {
      closedAt = System.nanoTime();
      closed = true;
    }
  }

  Trace opened(ServiceKey service, ArchiveLoader loader) {
    Trace trace = new Trace(service, loader, collected);
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

  /** Loaders of which {@link #check} has warned and that are still there. */
  int leaked() {
    sweep();
    return (int) traces.stream().filter(trace -> trace.leaked).count();
  }

  /** Forgets collected loaders and warns of those that should be; cheap. */
  void check() {
    sweep();
    for (Trace trace : traces) {
      if (trace.closed && !trace.leaked && System.nanoTime() - trace.closedAt > warnAfterNanos) {
        trace.leaked = true;
        LOG.warn(
            "the class loader of {} was closed {} s ago and is still there: either the JVM has not"
                + " had a full collection since, or a thread, thread-local, shutdown hook or static"
                + " registration of that version keeps it (a heap dump shows which)",
            trace.name,
            warnAfterNanos / 1_000_000_000);
      }
    }
  }

  private void sweep() {
    for (var gone = collected.poll(); gone != null; gone = collected.poll()) {
      traces.remove(gone);
    }
  }
}
