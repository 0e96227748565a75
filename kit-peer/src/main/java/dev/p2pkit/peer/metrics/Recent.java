// Figures that are read once for all meters of a reading.
package dev.p2pkit.peer.metrics;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What a source said a second ago at most: a registry reads each meter for itself. Thread-safe. */
final class Recent<T> {
  private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Supplier<T> source;

  /** Guarded by this. */
  private Optional<T> said = Optional.empty();

  /** Guarded by this. */
  private long saidAt;

  Recent(Supplier<T> source) {
    this.source = source;
  }

  synchronized T get() {
    long now = System.nanoTime();
    if (said.isPresent() && now - saidAt < LIFE_NANOS) {
      return said.get();
    }
    T fresh = source.get();
    said = Optional.of(fresh);
    saidAt = now;
    return fresh;
  }
}
