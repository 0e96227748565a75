// The dead letters that are being tried once more.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Brings dead letters to their services again, each one once at a time. Thread-safe. */
final class Retrials {
  private final DeadLetters deadLetters;
  private final Processors processors;
  private final Ledger ledger;
  private final Set<Long> underWay = ConcurrentHashMap.newKeySet();

  Retrials(DeadLetters deadLetters, Processors processors, Ledger ledger) {
    this.deadLetters = deadLetters;
    this.processors = processors;
    this.ledger = ledger;
  }

  /** As {@link ServiceRuntime#retryDeadLetter}. */
  CompletableFuture<Void> begin(long number, Duration limit) {
    Optional<DeadLetter> letter = deadLetters.get(number);
    if (letter.isEmpty()) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.PROTOCOL_ERROR, "there is no dead letter " + number + " on this peer"));
    }
    ServiceKey key = letter.get().service();
    Optional<Processor> found = processors.find(key);
    if (found.isEmpty()) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.NO_SUCH_SERVICE, key + " does not run on this peer"));
    }
    if (!underWay.add(number)) {
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.BUSY, "dead letter " + number + " is being tried already"));
    }
    Processor processor = found.get();
    Retrial retrial =
        new Retrial(
            letter.get(),
            deadLetters,
            (address, body) -> ledger.reply(processor.version(), address, body),
            System.nanoTime() + limit.toNanos());
    CompletableFuture<Void> done =
        retrial.done().whenComplete((value, failed) -> underWay.remove(number));
    processor.accept(retrial, false);
    return done;
  }
}
