// What the runtime counts, and the messages it gave up.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counters, and the way to the dead letters. Thread-safe. */
final class Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  private static final long SECOND = 1_000_000_000;

  final LongAdder turns = new LongAdder();
  final LongAdder crashes = new LongAdder();
  final LongAdder fenced = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder unstored = new LongAdder();
  final LongAdder turnsLost = new LongAdder();
  final LongAdder leftOver = new LongAdder();
  private final Map<ErrorCode, LongAdder> strandedReplies = new ConcurrentHashMap<>();
  final DeadLetters letters;
  private final AtomicLong reported = new AtomicLong(System.nanoTime() - 2 * SECOND);

  Ledger(DeadLetters letters) {
    this.letters = letters;
  }

  /** Sets a message aside that nobody waits for, and that was for what is in use now. */
  void setAside(Incumbent incumbent, Message message, ErrorCode code, String why) {
    Version version = incumbent.version();
    ServiceKey service = incumbent.key();
    long unused =
        letters.add(version.release(), service, version.manifest().version(), code, message, why);
    report(service, why);
  }

  /**
   * Brings a reply to where its message says, for whoever waited at this peer waits no more; counts
   * it, by its code, where it cannot be brought.
   */
  void reply(Version by, Address address, Payload body) {
    var unused =
        by.network()
            .sendTo(address, body)
            .whenComplete(
                (receipt, failed) -> {
                  if (failed != null) {
                    strandedReplies
                        .computeIfAbsent(KitException.from(failed).code(), code -> new LongAdder())
                        .increment();
                  }
                });
  }

  private Map<ErrorCode, Long> strandedReplies() {
    Map<ErrorCode, Long> counts = new EnumMap<>(ErrorCode.class);
    strandedReplies.forEach((code, count) -> counts.put(code, count.sum()));
    return counts;
  }

  /** One line a second at most: a service that is stopped may leave thousands. */
  private void report(ServiceKey service, String reason) {
    long now = System.nanoTime();
    long last = reported.get();
    if (now - last > SECOND && reported.compareAndSet(last, now)) {
      LOG.warn(
          "a message to {} was given up, {} since the start: {}; 'p2pkit dead-letters' lists them",
          service,
          letters.setAside(),
          reason);
    }
  }

  RuntimeStatistics statistics(LoaderWatch loaders, StateFiles files, Probations probations) {
    return new RuntimeStatistics(
        turns.sum(),
        crashes.sum(),
        fenced.sum(),
        refused.sum(),
        letters.setAside(),
        loaders.alive(),
        loaders.leaked(),
        unstored.sum(),
        turnsLost.sum(),
        files.damaged() + probations.damaged() + (letters.wasDamaged() ? 1 : 0),
        letters.forgotten(),
        leftOver.sum(),
        strandedReplies());
  }
}
