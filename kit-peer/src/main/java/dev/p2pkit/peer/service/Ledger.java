// What the runtime counts, and the messages it gave up.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Message;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counters and dead letters. Thread-safe. */
final class Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  private static final long SECOND = 1_000_000_000;
  private static final long MAX_BYTES = 8 << 20;

  final LongAdder turns = new LongAdder();
  final LongAdder crashes = new LongAdder();
  final LongAdder fenced = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder unstored = new LongAdder();
  private final LongAdder dead = new LongAdder();
  private final ArrayDeque<DeadLetter> letters = new ArrayDeque<>();
  private final AtomicLong reported = new AtomicLong(System.nanoTime() - 2 * SECOND);
  private final int kept;
  private long bytes;

  Ledger(int kept) {
    this.kept = kept;
  }

  /** Sets a message aside that nobody waits for. */
  void setAside(ServiceKey service, Message message, String reason) {
    dead.increment();
    synchronized (letters) {
      letters.addLast(new DeadLetter(service, message, reason, Instant.now()));
      bytes += Letter.size(message);
      while (letters.size() > kept || bytes > MAX_BYTES) {
        bytes -= Letter.size(letters.removeFirst().message());
      }
    }
    report(service, reason);
  }

  /** One line a second at most: a service that is stopped may leave thousands. */
  private void report(ServiceKey service, String reason) {
    long now = System.nanoTime();
    long last = reported.get();
    if (now - last > SECOND && reported.compareAndSet(last, now)) {
      LOG.warn("a message to {} was given up, {} since the start: {}", service, dead.sum(), reason);
    }
  }

  List<DeadLetter> deadLetters() {
    synchronized (letters) {
      return List.copyOf(letters);
    }
  }

  RuntimeStatistics statistics(LoaderWatch loaders, StateFiles files) {
    return new RuntimeStatistics(
        turns.sum(),
        crashes.sum(),
        fenced.sum(),
        refused.sum(),
        dead.sum(),
        loaders.alive(),
        loaders.leaked(),
        unstored.sum(),
        files.damaged());
  }
}
