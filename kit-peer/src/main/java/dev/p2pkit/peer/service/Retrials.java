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

  /** Where its service runs; it may have lost its name to another one since. */
  private Optional<Processor> receiver(DeadLetter letter) {
    if (letter.lineage().isEmpty()) {
      return processors.find(letter.service());
    }
    return processors.all().stream()
        .filter(each -> each.key().instance().equals(letter.service().instance()))
        .filter(each -> each.version().release().lineage().equals(letter.lineage()))
        .findFirst();
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
    Optional<Processor> found = receiver(letter.get());
    if (found.isEmpty()) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.NO_SUCH_SERVICE,
              processors.find(key).isPresent()
                  ? "dead letter "
                      + number
                      + " is of another service, which had the name "
                      + key
                      + " before and does not run on this peer; drop it if that does not come back"
                  : key + " does not run on this peer"));
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
