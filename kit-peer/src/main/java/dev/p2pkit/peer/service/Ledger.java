// What the runtime counts, and the messages it gave up.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Message;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counters and dead letters. Thread-safe. */
final class Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  final LongAdder turns = new LongAdder();
  final LongAdder crashes = new LongAdder();
  final LongAdder fenced = new LongAdder();
  final LongAdder refused = new LongAdder();
  private final LongAdder dead = new LongAdder();
  private final ArrayDeque<DeadLetter> letters = new ArrayDeque<>();
  private final int kept;

  Ledger(int kept) {
    this.kept = kept;
  }

  /** Sets a message aside that nobody waits for. */
  void setAside(ServiceKey service, Message message, String reason) {
    dead.increment();
    LOG.warn("a message to {} was given up: {}", service, reason);
    synchronized (letters) {
      letters.addLast(new DeadLetter(service, message, reason, Instant.now()));
      while (letters.size() > kept) {
        letters.removeFirst();
      }
    }
  }

  List<DeadLetter> deadLetters() {
    synchronized (letters) {
      return List.copyOf(letters);
    }
  }

  RuntimeStatistics statistics(LoaderWatch loaders) {
    return new RuntimeStatistics(
        turns.sum(),
        crashes.sum(),
        fenced.sum(),
        refused.sum(),
        dead.sum(),
        loaders.alive(),
        loaders.leaked());
  }
}
